"""The decision: sources → rules → features → model → rerank → reasons, for all people of a batch at once."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from catalog.index import Catalog
from schemas.consent import AI_SCORING, allows, refused_in
from schemas.decision import Choice, Decision, Recall
from scorers.assembly import job_choices
from scorers.boosts import boosted
from scorers.content_choices import content_choices, shelves_of
from scorers.contents import ContentScores, score_contents
from scorers.crowd import Crowd, gather
from scorers.evidence import Witness
from scorers.features import FEATURE_NAMES, feature_matrix
from scorers.frame import frame_of
from scorers.limits import limits_to_json
from scorers.models import Model, in_charge
from scorers.overrides import mark_of
from scorers.playlists import Scored, lay_out, rank_jobs
from scorers.policy import Policy, Selector
from scorers.query import Query
from scorers.responses import NO_RESPONSES, Responses
from scorers.rules import RULES, Rule
from scorers.sessions import Sessions
from scorers.shortlist import Shortlist, shortlist
from scorers.sources import SOURCES, Source
from scorers.sources.proposals import bit_of, collect
from scorers.trends import Trends
from scorers.within_pay import within_pay

BATCH = 96
"""How many people are decided for at once: from 48 to 128 a person costs the same, and a worker's slice of 64 brings some users along."""

Lap = Callable[[str], None]
"""Told the name of each of STAGE_NAMES when it has ended: who has a clock measures, nothing here does."""
STAGE_NAMES = ("people", "sources", "rules", "features", "model", "rerank", "reasons", "content", "assembly")


def unheard(_stage: str) -> None:
    """Take no notice: for whoever measures nothing."""


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
    sessions: Sessions | None = None,
    responses: Responses = NO_RESPONSES,
    selectors: Collection[str] | None = None,
    stages: Stages = STAGES,
    lap: Lap = unheard,
) -> list[tuple[Decision, Recall]]:
    """Answer a decision and its evidence for each query, in order. The same query gets the same bytes in any company.

    `selectors` names those to decide, None all: what a choice holds does not depend on which others are asked for. Who refused
    `ai_scoring` is decided for by the prior, and beside nobody: what others looked at next is learned, too.
    """
    catalog.advance(now)
    chosen = [each for each in policy.selectors if selectors is None or each.name in selectors]
    playlists, contents = [each for each in chosen if each.playlist], [each for each in chosen if each.kinds]
    names = tuple([source.name for source in stages.sources])
    decided: dict[int, tuple[Decision, Recall]] = {}
    for refused, places in _together(queries):
        crowd = gather(
            [queries[place] for place in places],
            catalog=catalog,
            policy=policy,
            trends=trends,
            now=now,
            sessions=None if refused else sessions,
            responses=responses,
        )
        asked = _Asked(playlists, contents, in_charge(model, policy, refused=refused), stages, names, lap)
        decided.update(zip(places, _decide_together(crowd, asked), strict=True))
    return [decided[place] for place in range(len(queries))]


def _together(queries: Sequence[Query]) -> Iterator[tuple[bool, list[int]]]:
    """Answer the places of queries that are decided at once, those that refused to be scored by a model apart."""
    refusals = [not allows(query.candidate.consents, AI_SCORING) for query in queries]
    for refused in (False, True):
        places = [place for place, each in enumerate(refusals) if each is refused]
        for start in range(0, len(places), BATCH):
            yield refused, places[start : start + BATCH]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be decided, and by what."""

    playlists: Sequence[Selector]
    contents: Sequence[Selector]
    model: Model
    stages: Stages
    names: tuple[str, ...]
    """Of the stages' sources."""
    lap: Lap


def _decide_together(crowd: Crowd, asked: _Asked) -> list[tuple[Decision, Recall]]:
    asked.lap("people")
    listed = _listed(crowd, asked)
    if listed.failed_rules and len(crowd) > 1:
        # One person's odd facts must not empty everybody's list: ask again, each alone.
        return [decided for alone in _each_alone(crowd) for decided in _decide_together(alone, asked)]
    scored = _scored(crowd, listed, asked)
    rankings = rank_jobs(scored, asked.playlists)
    asked.lap("rerank")
    jobs = job_choices(
        scored, asked.playlists, rankings, source_bits=listed.sources, names=asked.names, model=asked.model
    )
    asked.lap("reasons")
    worth = score_contents(crowd) if asked.contents else None
    contents = _contents(crowd, worth, asked)
    asked.lap("content")
    seen = Witness(scored, listed, asked.stages.rules, worth, asked.model)
    decided: list[tuple[Decision, Recall]] = [
        (
            Decision(
                id=query.decision_id,
                candidate_id=query.candidate.id,
                decided_at=crowd.now,
                version=query.candidate.version,
                choices=(*jobs.of(person), *contents[person]),
                segments=query.segments,
                model=asked.model.name,
                policy=crowd.policy.version + mark_of(crowd.overrides[person]),
                catalogue=crowd.catalog.revision,
                limits=limits_to_json(crowd.limits[person]),
                refused=refused_in(query.candidate.consents),
            ),
            partial(seen.evidence, person, contents[person]),
        )
        for person, query in enumerate(crowd.queries)
    ]
    asked.lap("assembly")
    return decided


def _listed(crowd: Crowd, asked: _Asked) -> Shortlist:
    """Answer what is to be ranked: nothing when no playlist is asked for."""
    proposals = collect(asked.stages.sources if asked.playlists else (), crowd)
    asked.lap("sources")
    listed = shortlist(crowd, proposals, asked.stages.rules)
    asked.lap("rules")
    return listed


def _scored(crowd: Crowd, listed: Shortlist, asked: _Asked) -> Scored:
    frame = frame_of(crowd, listed.person, listed.row)
    matrix = feature_matrix(frame)
    asked.lap("features")
    exploratory = listed.sources & bit_of("pool", asked.names) != 0
    opinion = boosted(asked.model.score(matrix, FEATURE_NAMES), frame)
    worth = within_pay(opinion, frame, asked.model.fit_share) if crowd.policy.fit_within_pay else opinion.joined
    scored = lay_out(frame, matrix, opinion, worth, exploratory)
    asked.lap("model")
    return scored


def _contents(crowd: Crowd, scores: ContentScores | None, asked: _Asked) -> list[list[Choice]]:
    """Answer everybody's choices of content."""
    if scores is None:
        return [[] for _ in crowd.queries]
    shelves = shelves_of(crowd, scores, asked.contents)
    return [content_choices(crowd, scores, shelves, person) for person in range(len(crowd))]


def _each_alone(crowd: Crowd) -> Iterator[Crowd]:
    for query in crowd.queries:
        yield gather(
            [query],
            catalog=crowd.catalog,
            policy=crowd.policy,
            trends=crowd.trends,
            now=crowd.now,
            sessions=crowd.sessions,
            responses=crowd.responses,
        )
