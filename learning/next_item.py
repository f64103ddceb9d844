"""Guess the next posting that somebody looks at: the live pipeline, fold and decide, against simple rankings.

The log is replayed in the order of time. After the first part every view by somebody who was seen before, of a posting that they had not
looked at, is a question: where among all postings that they had not looked at does a ranking put it?
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from catalog.index import Catalog
from learning.interactions import Interactions, View
from learning.metrics import DEPTH, Figure, interval
from profiles.candidate import Candidate, Stored, merge
from profiles.fold import fold
from profiles.sections import EMPTY
from profiles.trails import looked_at
from profiles.trends import HOUR_MS, decayed
from schemas.events import JobRead, JobViewed
from schemas.jobs import Job
from schemas.topics import Topic
from scorers.models import Model
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.query import Query
from scorers.sessions import Sessions
from scorers.trends import Trends

HISTORY = 0.6
"""The share of time that is history only."""
ENGINE, SCORES = "engine, as served", "engine, by score"
NOWHERE = 10**9
"""The rank of a posting that a ranking does not have."""
TREND_HALF_LIFE_HOURS = 12.0
"""As the store halves it."""

Ranks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Figures:
    """How a ranking did."""

    hit_1: Figure
    hit_10: Figure
    hit_50: Figure
    reciprocal_rank: Figure
    ndcg: Figure


@dataclass(frozen=True, slots=True)
class NextItem:
    """The result: figures by ranking, and nDCG@10 by ranking for parts of the questions."""

    questions: int
    people: int
    rankings: Mapping[str, Figures]
    slices: Mapping[str, tuple[int, Mapping[str, float]]]
    considered: float
    """The share of questions whose answer was on the engine's shortlist at all."""


@dataclass(slots=True)
class _World:
    """What is known at a moment of the replay."""

    jobs: Sequence[Job]
    number: Mapping[str, int]
    popularity: NDArray[np.float64]
    sections: dict[str, Stored] = field(default_factory=dict)
    viewed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    hours: dict[int, dict[str, float]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))
    sessions: Sessions = field(default_factory=Sessions)


def next_item(
    read: Interactions,
    *,
    model: Model,
    policy: Policy,
    limit: int | None = None,
    seed: int = 1,
    on_step: Callable[[int], None] = lambda _: None,
) -> NextItem:
    """Answer how well each ranking guesses; `limit` asks only so many questions, spread over the time."""
    chance = np.random.default_rng(seed)
    catalog = _catalog(read.jobs)
    number = {job.id: at for at, job in enumerate(read.jobs)}
    world = _World(read.jobs, number, np.zeros(len(read.jobs)))
    rankings = _Rankings(world, catalog, model, policy, chance)
    asked = set(_questions(read.views, limit))
    rows: list[tuple[View, int, bool, dict[str, int]]] = []
    for place, view in enumerate(read.views):
        if place in asked:
            seen = world.viewed[view.candidate]
            near = _place(read.jobs[number[seen[-1]]]) == _place(read.jobs[number[view.item]]) != ""
            rows.append((view, len(seen), near, rankings.ranks(view)))
        _happened(world, view, place)
        on_step(1)
    return _result(rows)


def _questions(views: Sequence[View], limit: int | None) -> Iterator[int]:
    """Answer which views are asked about."""
    begin, end = views[0].at, views[-1].at
    since = begin + HISTORY * (end - begin)
    seen: dict[str, set[str]] = defaultdict(set)
    found = []
    for place, view in enumerate(views):
        if view.at >= since and seen[view.candidate] and view.item not in seen[view.candidate]:
            found.append(place)
        seen[view.candidate].add(view.item)
    if limit is not None and len(found) > limit:
        found = [found[at] for at in np.linspace(0, len(found) - 1, limit).astype(int).tolist()]
    yield from found


def _happened(world: _World, view: View, place: int) -> None:
    """Fold what the site would have told: a view, and how long it was read."""
    stored = world.sections.get(view.candidate) or Stored(EMPTY[Topic.CLICKS], -1)
    section = fold(stored.section, JobViewed(at=view.at, id=f"v-{place}", job_id=view.item))
    if view.dwell_ms:
        section = fold(section, JobRead(at=view.at + 1, id=f"r-{place}", job_id=view.item, dwell_ms=view.dwell_ms))
    world.sections[view.candidate] = Stored(section, place)
    if view.item not in world.viewed[view.candidate]:
        world.viewed[view.candidate].append(view.item)
    world.popularity[world.number[view.item]] += 1
    world.hours[view.at // HOUR_MS][view.item] += 1.0
    world.sessions.put(view.candidate, looked_at(_person(world, view.candidate)))


def _person(world: _World, candidate: str) -> Candidate:
    name = f"u:{candidate}"
    return merge(name, {(Topic.CLICKS, name): world.sections[candidate]})


class _Rankings:
    """Every ranking, asked for the rank of one posting."""

    def __init__(
        self, world: _World, catalog: Catalog, model: Model, policy: Policy, chance: np.random.Generator
    ) -> None:
        self._world, self._catalog, self._model, self._policy = world, catalog, model, policy
        self._noise = chance.random(len(world.jobs))
        self._chance = chance
        self._posted = np.array([job.posted_at or -1 for job in world.jobs], np.float64)
        self._places = np.array([_place(job) for job in world.jobs], np.str_)

    def ranks(self, view: View) -> dict[str, int]:
        world, target = self._world, self._world.number[view.item]
        seen = [world.number[item] for item in world.viewed[view.candidate]]
        place = self._places[seen[-1]]
        near = (self._places == place) & (place != "")
        most = world.popularity.max() + 1
        orders = {
            "same place as the last view, then popularity": near * most * 2 + world.popularity,
            "newest first": np.where(self._posted <= view.at, self._posted, -1.0),
            "popularity": world.popularity,
            "random": self._chance.random(len(world.jobs)),
        }
        return {
            **self._engine(view),
            **{name: _rank(scores, self._noise, target, seen) for name, scores in orders.items()},
        }

    def _engine(self, view: View) -> dict[str, int]:
        trends = Trends(decayed(self._world.hours, view.at, TREND_HALF_LIFE_HOURS))
        query = Query(_person(self._world, view.candidate), f"next-{view.at:012x}")
        ((decision, recall),) = decide(
            [query],
            catalog=self._catalog,
            policy=self._policy,
            model=self._model,
            trends=trends,
            now=view.at,
            sessions=self._world.sessions,
        )
        choice = decision.choice("jobs")
        served = [item.id for item in choice.items] if choice is not None else []
        considered = list(recall().considered)
        seen = set(self._world.viewed[view.candidate])
        whole = dict.fromkeys([*served, *considered])
        return {
            ENGINE: _place_in([each for each in whole if each not in seen], view.item),
            SCORES: _place_in([each for each in considered if each not in seen], view.item),
        }


def _rank(scores: NDArray[np.float64], noise: NDArray[np.float64], target: int, seen: Sequence[int]) -> int:
    """Answer the rank among what was not seen; ties are broken at random, once for all."""
    better = (scores > scores[target]) | ((scores == scores[target]) & (noise > noise[target]))
    better[list(seen)] = False
    return int(better.sum()) + 1


def _place_in(order: Sequence[str], item: str) -> int:
    return order.index(item) + 1 if item in order else NOWHERE


def _place(job: Job) -> str:
    return job.places[0].label if job.places else ""


def _catalog(jobs: Sequence[Job]) -> Catalog:
    catalog = Catalog()
    for job in jobs:
        catalog.apply_job(job.id, replace(job, valid_through=None, status="OPEN"))
    catalog.settle()
    return catalog


def _result(rows: Sequence[tuple[View, int, bool, dict[str, int]]]) -> NextItem:
    people = np.array([view.candidate for view, _, _, _ in rows], np.str_)
    names = list(rows[0][3]) if rows else []
    ranks = {name: np.array([each[name] for _, _, _, each in rows], np.int64) for name in names}
    earlier = np.array([count for _, count, _, _ in rows], np.int64)
    near = np.array([same for _, _, same, _ in rows], np.bool_)
    parts = {
        "one earlier view": earlier == 1,
        "two to four": (earlier > 1) & (earlier < 5),
        "five and more": earlier >= 5,
        "in the place of the last view": near,
        "elsewhere": ~near,
    }
    return NextItem(
        questions=len(rows),
        people=len(np.unique(people)),
        rankings={name: _figures(each, people) for name, each in ranks.items()},
        slices={
            part: (int(chosen.sum()), {name: float(_gains(each[chosen]).mean()) for name, each in ranks.items()})
            for part, chosen in parts.items()
            if chosen.any()
        },
        considered=float((ranks[SCORES] < NOWHERE).mean()) if rows else 0.0,
    )


def _figures(ranks: Ranks, people: NDArray[np.str_]) -> Figures:
    return Figures(
        hit_1=interval((ranks <= 1).astype(np.float64), people),
        hit_10=interval((ranks <= DEPTH).astype(np.float64), people),
        hit_50=interval((ranks <= 50).astype(np.float64), people),
        reciprocal_rank=interval(np.where(ranks < NOWHERE, 1.0 / ranks, 0.0), people),
        ndcg=interval(_gains(ranks), people),
    )


def _gains(ranks: Ranks) -> NDArray[np.float64]:
    """Answer nDCG@10 where one posting is relevant."""
    return np.where(ranks <= DEPTH, 1.0 / np.log2(ranks + 1.0), 0.0)
