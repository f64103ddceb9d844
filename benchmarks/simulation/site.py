"""What a site is to the simulation, and the sites that do not learn: newest first, popular, the last place's, and one that knows all."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np

from benchmarks.simulation.market import DAY, Market
from benchmarks.simulation.people import Person
from benchmarks.simulation.rules import AGAIN, SHOWN, Truth
from schemas.jobs import Job

Call = Mapping[str, Any]
"""One call of the tracking API, as an SDK sends it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A list in front of somebody: `id` is what events name it by."""

    id: str
    jobs: Sequence[str]


class Site(Protocol):
    """Takes events and answers lists; `now` is milliseconds since the epoch and never goes back."""

    def arrive(self, jobs: Sequence[Job], now: int) -> None:
        """Take new postings in."""

    def collect(self, calls: Sequence[Call], now: int) -> None:
        """Take events in, in this order."""

    def lists(self, people: Sequence[Person], now: int) -> Sequence[Shown]:
        """Answer a list for each; of all of them something was collected since they last asked."""


@dataclass(slots=True)
class Facts:
    """What a plain site may know: what was opened and applied for, by whom, and when."""

    opened: dict[str, list[str]] = field(default_factory=dict)
    applied: dict[str, set[str]] = field(default_factory=dict)
    deeds: list[tuple[int, str]] = field(default_factory=list)


Rank = Callable[[Person, Facts, int], np.ndarray]
"""Answers a score for each posting of the market."""


class PlainSite:
    """Ranks what is open by a score; ties go to the newest. What somebody applied for is not shown to them again."""

    def __init__(self, market: Market, rank: Rank) -> None:
        self._market, self._rank = market, rank
        self._facts = Facts()
        self._lists = 0

    def arrive(self, jobs: Sequence[Job], now: int) -> None:
        """The market says what is open."""

    def collect(self, calls: Sequence[Call], now: int) -> None:
        for call in calls:
            person, job = str(call["userId"]), call.get("properties", {}).get("job_id")
            if call.get("event") == "Job Viewed":
                self._facts.opened.setdefault(person, []).append(job)
                self._facts.deeds.append((now, job))
            elif call.get("event") == "Application Submitted":
                self._facts.applied.setdefault(person, set()).add(job)

    def lists(self, people: Sequence[Person], now: int) -> Sequence[Shown]:
        return [self._list(person, now) for person in people]

    def _list(self, person: Person, now: int) -> Shown:
        self._lists += 1
        allowed = self._market.open_at(now)
        allowed[[self._market.row[job] for job in self._facts.applied.get(person.id, ())]] = False
        rows = np.flatnonzero(allowed)
        score = self._rank(person, self._facts, now)[rows]
        best = rows[np.lexsort((-self._market.posted[rows], -score))[:SHOWN]]
        return Shown(f"list-{self._lists}", [self._market.jobs[row].id for row in best.tolist()])


def newest(market: Market) -> PlainSite:
    """Answer the unpersonalised site: the newest first, the same for all."""
    return PlainSite(market, lambda _person, _facts, _now: np.zeros(len(market)))


def popular(market: Market) -> PlainSite:
    """Answer the site that shows what was opened most in the last week, the same for all."""
    return PlainSite(market, lambda _person, facts, now: _counts(market, facts, now))


def last_place(market: Market) -> PlainSite:
    """Answer the site that puts postings of the place opened last first, the popular before the others."""
    places = np.array([job.places[0].label for job in market.jobs])

    def rank(person: Person, facts: Facts, now: int) -> np.ndarray:
        counts = _counts(market, facts, now)
        seen = facts.opened.get(person.id)
        return counts if not seen else counts + 1e6 * (places == places[market.row[seen[-1]]])

    return PlainSite(market, rank)


def oracle(market: Market, true: Callable[[Person], Truth], *, interviews: bool) -> PlainSite:
    """Answer the site that knows the hidden rules: the order that is opened most, or that leads to most interviews."""

    def rank(person: Person, facts: Facts, now: int) -> np.ndarray:
        known = true(person)
        worth = known.opened(market, now)
        seen = [market.row[job] for job in facts.opened.get(person.id, ())]
        worth[seen] *= AGAIN
        return worth * known.applied() * known.invited if interviews else worth

    return PlainSite(market, rank)


def _counts(market: Market, facts: Facts, now: int) -> np.ndarray:
    while facts.deeds and facts.deeds[0][0] < now - 7 * DAY:
        facts.deeds.pop(0)
    counts = np.zeros(len(market))
    for job, count in Counter(job for _, job in facts.deeds).items():
        counts[market.row[job]] = count
    return counts


def moment_text(at: int) -> str:
    """Answer a time as SDKs write it."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
