"""The decision: sources → rules → features → model → rerank → reasons, for all people of a batch at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.index import Catalog
from schemas.decision import Decision, Evidence
from scorers.assembly import job_choices
from scorers.content_assembly import content_choices
from scorers.contents import choose_contents, score_contents
from scorers.crowd import Crowd, gather
from scorers.features import FEATURE_NAMES, FEATURES, feature_matrix
from scorers.frame import frame_of
from scorers.limits import limits_to_json
from scorers.models import Model
from scorers.playlists import Scored, lay_out, rank_jobs
from scorers.policy import Policy
from scorers.query import Query
from scorers.rerank import best_first, usable
from scorers.rules import RULES, Rule
from scorers.shortlist import Shortlist, shortlist
from scorers.sources import SOURCES, Source
from scorers.sources.proposals import collect
from scorers.trends import Trends

BATCH = 64
"""How many people are decided for at once: their tables then fit the processor's cache."""


@dataclass(frozen=True, slots=True)
class Stages:
    """What the pipeline is made of; tests and experiments may swap a list."""

    sources: tuple[Source, ...] = SOURCES
    rules: tuple[Rule, ...] = RULES


STAGES = Stages()


def decide(
    queries: Sequence[Query],
    *,
    catalog: Catalog,
    policy: Policy,
    model: Model,
    trends: Trends,
    now: int,
    stages: Stages = STAGES,
) -> list[tuple[Decision, Evidence]]:
    """Answer a decision and its evidence for each query, in order. The same query gets the same bytes in any company."""
    catalog.advance(now)
    decided: list[tuple[Decision, Evidence]] = []
    for start in range(0, len(queries), BATCH):
        some = queries[start : start + BATCH]
        crowd = gather(some, catalog=catalog, policy=policy, trends=trends, now=now)
        decided.extend(_decide_together(crowd, model, stages))
    return decided


def _decide_together(crowd: Crowd, model: Model, stages: Stages) -> list[tuple[Decision, Evidence]]:
    listed = shortlist(crowd, collect(stages.sources, crowd), stages.rules)
    if listed.failed_rules and len(crowd) > 1:
        # One person's odd facts must not empty everybody's list: ask again, each alone.
        return [decided for alone in _each_alone(crowd) for decided in _decide_together(alone, model, stages)]
    frame = frame_of(crowd, listed.person, listed.row)
    matrix = feature_matrix(frame, FEATURES)
    names = tuple(source.name for source in stages.sources)
    exploratory = listed.sources >> names.index("pool") & 1 == 1 if "pool" in names else listed.sources < 0
    scored = lay_out(frame, matrix, model.score(matrix, FEATURE_NAMES), exploratory)
    playlists = [selector for selector in crowd.policy.selectors if selector.playlist]
    jobs = job_choices(
        scored, playlists, rank_jobs(scored, playlists), source_bits=listed.sources, names=names, model=model
    )
    scores = score_contents(crowd)
    slots = choose_contents(crowd, scores, [selector for selector in crowd.policy.selectors if selector.kinds])
    contents = content_choices(crowd, scores, slots)
    evidence = _evidence(scored, listed, stages)
    return [
        (
            Decision(
                id=query.decision_id,
                candidate_id=query.candidate.id,
                decided_at=crowd.now,
                version=query.candidate.version,
                choices=(*jobs.of(person), *contents.of(person)),
                segments=query.segments,
                model=model.name,
                policy=crowd.policy.version,
                catalogue=crowd.catalog.revision,
                limits=limits_to_json(crowd.limits[person]),
            ),
            evidence[person],
        )
        for person, query in enumerate(crowd.queries)
    ]


def _each_alone(crowd: Crowd) -> Iterator[Crowd]:
    for query in crowd.queries:
        yield gather([query], catalog=crowd.catalog, policy=crowd.policy, trends=crowd.trends, now=crowd.now)


def _evidence(scored: Scored, listed: Shortlist, stages: Stages) -> list[Evidence]:
    """Answer what each decision was made from: the considered by score, best first, and whatever a rule refused."""
    ids, people = scored.frame.crowd.catalog.ids, len(scored.frame.crowd)
    removed: list[dict[str, str]] = [{} for _ in range(people)]
    for person, row, rule in zip(
        listed.removed_person.tolist(), listed.removed_row.tolist(), listed.removed_by.tolist(), strict=True
    ):
        removed[person][ids[row]] = stages.rules[rule].name
    grid, joined = scored.grid, scored.opinion.joined
    if not len(joined):
        return [Evidence((), FEATURE_NAMES, b"", (), removed[person]) for person in range(people)]
    order = best_first(usable(joined)[grid.index], grid.tie, grid.taken)
    ranked = grid.index[np.arange(people)[:, None], order]
    ends = np.cumsum(grid.taken.sum(axis=1)).tolist()
    # Everybody's rows in one piece, best first for each: a slice of it is then a person's matrix.
    mine = ranked[ranked >= 0]
    rows, scores = scored.matrix[mine].tobytes(), joined[mine].tolist()
    considered = [ids[row] for row in scored.frame.row[mine].tolist()]
    width = 4 * len(FEATURE_NAMES)
    return [
        Evidence(
            considered=tuple(considered[start:end]),
            features=FEATURE_NAMES,
            matrix=rows[start * width : end * width],
            scores=tuple(scores[start:end]),
            removed=removed[person],
        )
        for person, (start, end) in enumerate(zip([0, *ends], ends, strict=False))
    ]
