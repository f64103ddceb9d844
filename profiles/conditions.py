"""The conditions that segments are made of: each asks one thing of a candidate and answers a verdict."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

from profiles.candidate import Candidate
from profiles.preferences import WantedPlace
from profiles.tally import DAY_MS
from profiles.verdict import NO, YES, Verdict, all_of, any_of, opposite, plain

AFFINITY_REVIEW_MS = 6 * 3_600_000
"""Affinities fade slowly and all at once: what rests on one is looked at again after six hours."""

Affinities = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is judged: the candidate, the affinities derived for it, and the time in milliseconds."""

    candidate: Candidate
    affinities: Affinities
    now: int


class Condition(Protocol):
    """Pure, and quick: every candidate of a batch is put to every segment."""

    def verdict(self, subject: Subject) -> Verdict: ...


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple[Condition, ...]

    def verdict(self, subject: Subject) -> Verdict:
        return all_of([condition.verdict(subject) for condition in self.conditions])


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple[Condition, ...]

    def verdict(self, subject: Subject) -> Verdict:
        return any_of([condition.verdict(subject) for condition in self.conditions])


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition

    def verdict(self, subject: Subject) -> Verdict:
        return opposite(self.condition.verdict(subject))


@dataclass(frozen=True, slots=True)
class Range:
    """From `least` to `most`, both included."""

    least: float = -inf
    most: float = inf

    def holds(self, number: float) -> bool:
        return self.least <= number <= self.most


@dataclass(frozen=True, slots=True)
class Age:
    """How long ago: younger than `within_ms`, at least `older_than_ms` old."""

    within_ms: int | None = None
    older_than_ms: int = 0

    def verdict(self, at: int, now: int) -> Verdict:
        if now - at < self.older_than_ms:
            return Verdict(holds=False, until=at + self.older_than_ms)
        if self.within_ms is None:
            return YES
        end = at + self.within_ms
        return Verdict(holds=True, until=end) if now < end else NO


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened on the newest `days` UTC days with today; None counts all days that are kept."""

    events: tuple[str, ...]
    amount: Range
    days: int | None = None
    tracked: bool = False

    def verdict(self, subject: Subject) -> Verdict:
        kept = subject.candidate.tracked if self.tracked else subject.candidate.daily
        if self.days is not None and not any(event in kept for event in self.events):
            return plain(holds=self.amount.holds(0))
        counts: dict[int, int] = {}
        for event in self.events:
            for day, count in kept.get(event, {}).items():
                counts[day] = counts.get(day, 0) + count
        total = sum(counts.values())
        if self.days is None:
            return plain(holds=self.amount.holds(total))
        today = subject.now // DAY_MS
        # Days leave the window one by one, at midnight; the sum only shrinks, unless an event comes.
        leaving = sorted(day for day in counts if today < day + self.days)
        total = sum(counts[day] for day in leaving)
        holds = self.amount.holds(total)
        for day in leaving:
            total -= counts[day]
            if self.amount.holds(total) != holds:
                return Verdict(holds, (day + self.days) * DAY_MS)
        return plain(holds=holds)


@dataclass(frozen=True, slots=True)
class Recency:
    """When something happened last: `any` sign of the candidate, the `first_visit`, an event. What never was fails."""

    event: str
    age: Age

    def verdict(self, subject: Subject) -> Verdict:
        candidate = subject.candidate
        named = {"any": candidate.last_seen, "first_visit": candidate.first_seen}
        at = named[self.event] if self.event in named else candidate.last.get(self.event)
        return NO if at is None else self.age.verdict(at, subject.now)


@dataclass(frozen=True, slots=True)
class Affinity:
    """How strongly behaviour points at a value that is one of `values` or has a word that begins as one of `words`."""

    dimension: str
    least: float
    values: frozenset[str] = frozenset()
    words: re.Pattern[str] | None = None

    def verdict(self, subject: Subject) -> Verdict:
        strongest = 0.0
        for value, strength in subject.affinities.get(self.dimension, {}).items():
            if strength > strongest and self._means(value):
                strongest = strength
        return Verdict(strongest >= self.least, subject.now + AFFINITY_REVIEW_MS if strongest > 0 else None)

    def _means(self, value: str) -> bool:
        folded = value.casefold()
        return folded in self.values or (self.words is not None and self.words.search(folded) is not None)


@dataclass(frozen=True, slots=True)
class Preference:
    """What was asked for explicitly: anything at all, one of `includes`, or a number in `amount`."""

    key: str
    includes: frozenset[str] = frozenset()
    amount: Range | None = None

    def verdict(self, subject: Subject) -> Verdict:
        said = getattr(subject.candidate.preferences, self.key)
        if self.amount is not None:
            return plain(holds=said is not None and self.amount.holds(said))
        if self.includes:
            return plain(holds=any(word.casefold() in self.includes for word in _words(said)))
        return plain(holds=bool(said))


@dataclass(frozen=True, slots=True)
class Trait:
    """What a system or the candidate told: anything at all, or one of `values`."""

    key: str
    values: tuple[Any, ...] = ()

    def verdict(self, subject: Subject) -> Verdict:
        said = subject.candidate.traits.get(self.key)
        if not self.values:
            return plain(holds=said is not None)
        return Verdict(
            any(said == value and isinstance(said, bool) == isinstance(value, bool) for value in self.values)
        )


@dataclass(frozen=True, slots=True)
class Application:
    """Any application that stands at one of `stages` now, and how long it has."""

    stages: frozenset[str]
    age: Age

    def verdict(self, subject: Subject) -> Verdict:
        standing = subject.candidate.applications.values()
        return any_of([self.age.verdict(each.at, subject.now) for each in standing if each.stage in self.stages])


@dataclass(frozen=True, slots=True)
class SessionText:
    """How the newest visit came about: a circumstance such as `device`, or a part of a campaign."""

    field: str
    values: frozenset[str]

    def verdict(self, subject: Subject) -> Verdict:
        candidate = subject.candidate
        owner, _, part = self.field.partition(".")
        if owner == "campaign":
            said = candidate.session.campaign.get(part)
        elif owner == "first_campaign":
            said = candidate.first_campaign.get(part)
        else:
            said = getattr(candidate.session.moment, self.field)
        return plain(holds=said is not None and said.casefold() in self.values)


@dataclass(frozen=True, slots=True)
class SessionNumber:
    """How many pages the newest visit had, or how many visits are remembered."""

    field: str
    amount: Range

    def verdict(self, subject: Subject) -> Verdict:
        candidate = subject.candidate
        number = candidate.visits if self.field == "visits" else candidate.session.page_count
        return plain(holds=self.amount.holds(number))


def rests_on(condition: Condition) -> Iterator[str]:
    """Answer the traits, and the circumstances of a visit, that a condition rests on."""
    match condition:
        case AllOf(conditions=parts) | AnyOf(conditions=parts):
            for part in parts:
                yield from rests_on(part)
        case Not(condition=part):
            yield from rests_on(part)
        case Trait(key=key):
            yield key
        case SessionText(field=asked):
            yield asked


def _words(said: Any) -> Iterable[str]:
    if isinstance(said, str):
        return (said,)
    return [item.label if isinstance(item, WantedPlace) else item for item in said or ()]
