"""The days of a site: people come, look, open, apply; employers answer. Whatever the site, chance falls alike on the same people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.simulation.market import DAY, START, Floats, Market
from benchmarks.simulation.occupations import Occupations
from benchmarks.simulation.people import TELLS_POSITION, Person, Wish
from benchmarks.simulation.rules import AGAIN, EXAMINED, OFFERED, SHOWN, Truth, sigmoid, truth
from benchmarks.simulation.site import Call, Shown, Site, moment_text

ROUNDS = 3
GOES_ON = 0.6
"""The chance that somebody looks at one more list in a visit."""
APPLICATIONS_A_WEEK = 6
MINUTE, HOUR = 60_000, 3_600_000
OPENS_AT = 8 * HOUR


@dataclass(slots=True)
class Tally:
    """What happened on one day, and what the rules would give on average for the lists that were shown.

    `expected` are openings. `applications`, and the `interviews` and `hires` that these lead to whenever that is, count each posting
    shown by its probability, so that they do not hang on what happened to be drawn from it.
    """

    lists: int = 0
    exposures: int = 0
    opened: int = 0
    applied: int = 0
    invited: int = 0
    hired: int = 0
    expected: float = 0.0
    applications: float = 0.0
    interviews: float = 0.0
    hires: float = 0.0
    exposure: dict[str, list[float]] = field(default_factory=dict)
    """By group, for each list the share of what was looked at that was well-paid work."""


@dataclass(frozen=True, slots=True)
class Search:
    """How long somebody looked: days from coming to the first invitation, None when it did not come; and to leaving."""

    comes: int
    invited: int | None
    ended: int


@dataclass(slots=True)
class _State:
    """What one person did so far, by row of the market."""

    opened: set[int] = field(default_factory=set)
    applied: dict[int, int] = field(default_factory=dict)
    invited: int | None = None
    hired: int | None = None
    sent: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """A market, its people and what is so of them. `truths` are kept by person and wish, and may be shared by worlds of one seed."""

    seed: int
    market: Market
    people: Sequence[Person]
    known: Occupations
    truths: dict[tuple[int, Wish], Truth] = field(default_factory=dict)

    def true(self, person: Person) -> Truth:
        """Answer what is so of a person as they are now."""
        key = (person.number, person.wish)
        if key not in self.truths:
            self.truths[key] = truth(person.number, person.wish, self.market, self.known, self.seed)
        return self.truths[key]


class Visits:
    """Runs a world against a site, day by day."""

    def __init__(self, world: World, site: Site, *, by_posting: bool = False) -> None:
        """Make them. What a list draws is drawn by place, or `by_posting`: who sees a posting at another place draws the same."""
        self._world, self._site, self._by_posting = world, site, by_posting
        self._market = world.market
        self._states = {person.number: _State() for person in world.people}
        self._due: dict[int, list[tuple[Person, int, str]]] = {}
        self._well_paid = world.market.well_paid()
        self._arrived = 0
        self.day = 0
        self.tallies: list[Tally] = []

    def run(self, days: int) -> None:
        for _ in range(days):
            self.tallies.append(Tally())
            self._one_day(START + self.day * DAY + OPENS_AT)
            self.day += 1

    def searches(self) -> Iterator[Search]:
        """Answer how long everybody who came looked so far."""
        for person in self._world.people:
            state = self._states[person.number]
            if person.comes < self.day:
                ended = min(self.day, person.leaves, self.day if state.hired is None else state.hired)
                yield Search(person.comes, state.invited, ended)

    def _one_day(self, now: int) -> None:
        arrived = int(np.searchsorted(self._market.posted, now, side="right"))
        self._site.arrive(self._market.jobs[self._arrived : arrived], now)
        self._arrived = arrived
        looking = [person for person in self._world.people if self._looks(person)]
        calls = [call for person in looking for call in self._lives(person, now)]
        calls += [self._told(person, row, stage, now) for person, row, stage in self._due.pop(self.day, ())]
        chances = {person.number: self._chance(person) for person in looking}
        here = [person for person in looking if chances[person.number].random() < person.pace]
        calls += [self._page(person, chances[person.number], now) for person in here]
        self._site.collect(calls, now)
        for number in range(ROUNDS):
            if not here:
                return
            at = now + number * 20 * MINUTE
            shown = self._site.lists(here, at + MINUTE)
            reactions = [
                self._reacts(person, each, at + 2 * MINUTE, chances[person.number])
                for person, each in zip(here, shown, strict=True)
            ]
            here = [person for person in here if chances[person.number].random() < GOES_ON]
            self._site.collect([call for calls in reactions for call in calls], at + 15 * MINUTE)

    def _looks(self, person: Person) -> bool:
        return person.comes <= self.day < person.leaves and self._states[person.number].hired is None

    def _chance(self, person: Person) -> np.random.Generator:
        return np.random.default_rng([self._world.seed, 6, person.number, self.day])

    def _lives(self, person: Person, now: int) -> Iterator[Call]:
        changed = person.lives_on(self.day, self._market, self._world.seed)
        if changed or person.comes == self.day:
            for key, value in person.stated().items():
                yield self._call(person, "Preference Set", now, key=key, value=value)

    def _page(self, person: Person, chance: np.random.Generator, now: int) -> Call:
        call = {**self._call(person, "", now), "type": "page", "name": "Jobs"}
        call.pop("event")
        if chance.random() < TELLS_POSITION:
            latitude, longitude = person.wish.home
            here = {"latitude": round(latitude, 3), "longitude": round(longitude, 3), "city": person.wish.locality}
            call["context"] = {"location": {**here, "region": "NY", "country": "US"}}
        return call

    def _reacts(self, person: Person, shown: Shown, at: int, chance: np.random.Generator) -> list[Call]:
        """Answer what a person does with a list; everything random is drawn whether it is needed or not."""
        rows = np.array([self._market.row[job] for job in shown.jobs], np.int64)
        drawn, which = (len(self._market), rows) if self._by_posting else (SHOWN, slice(len(rows)))
        draws = chance.random((6, drawn))[:, which]
        dwell = chance.normal(0, 0.6, drawn)[which]
        state, known, places = self._states[person.number], self._world.true(person), EXAMINED[: len(rows)]
        chances = self._opens(state, known, rows, at)
        self._count(self.tallies[-1], person, rows, chances * places)
        if not shown.jobs:
            return []
        calls: list[Call] = [self._call(person, "Job Shown", at, job_ids=list(shown.jobs), decision_id=shown.id)]
        looked = draws[0] < places
        for place, row in enumerate(rows.tolist()):
            mine, moment = draws[:, place], at + (place + 1) * MINUTE // 2
            if looked[place] and mine[1] < chances[place]:
                calls += self._opened(person, row, place, shown.id, mine, float(dwell[place]), moment)
            elif looked[place] and mine[5] < 0.03 * sigmoid(-known.appeal[row]):
                calls.append(self._call(person, "Job Dismissed", moment, job_id=shown.jobs[place]))
        return calls

    def foresee(self, tally: Tally, person: Person, shown: Shown, at: int) -> None:
        """Count in a tally of the caller's what a list would bring that nobody sees."""
        rows = np.array([self._market.row[job] for job in shown.jobs], np.int64)
        chances = self._opens(self._states[person.number], self._world.true(person), rows, at)
        self._count(tally, person, rows, chances * EXAMINED[: len(rows)])

    def _opens(self, state: _State, known: Truth, rows: np.ndarray, at: int) -> Floats:
        again = np.array([AGAIN if row in state.opened else 1.0 for row in rows.tolist()])
        never = np.array([row in state.applied for row in rows.tolist()], np.bool_)
        chances: Floats = np.where(never, 0.0, again * known.opened(self._market, at)[rows])
        return chances

    def _count(self, tally: Tally, person: Person, rows: np.ndarray, opened: Floats) -> None:
        """Count what was shown and what it will lead to by its probability; `opened` are those of being opened."""
        known, places = self._world.true(person), EXAMINED[: len(rows)]
        applying = at_most(self._may_apply(self._states[person.number]), opened * known.applied()[rows])
        interviewed = applying * known.inviting[rows]
        tally.lists += 1
        tally.exposures += len(rows)
        tally.expected += float(opened.sum())
        tally.applications += float(applying.sum())
        tally.interviews += float(interviewed.sum())
        tally.hires += float(OFFERED * interviewed @ known.accepted()[rows])
        paid = float(places @ self._well_paid[rows] / places.sum()) if len(rows) else 0.0
        tally.exposure.setdefault(person.group, []).append(paid)

    def _may_apply(self, state: _State) -> int:
        """Answer how many more applications the week has room for."""
        return APPLICATIONS_A_WEEK - sum(day > self.day - 7 for day in state.applied.values())

    def _opened(
        self, person: Person, row: int, place: int, shown: str, draws: Floats, dwell: float, at: int
    ) -> Iterator[Call]:
        known, state, job = self._world.true(person), self._states[person.number], self._market.jobs[row].id
        appeal = known.appeal[row]
        self.tallies[-1].opened += 1
        state.opened.add(row)
        yield self._call(person, "Job Viewed", at, job_id=job, decision_id=shown, position=place + 1)
        seconds = float((8 + 25 * sigmoid(appeal - 1)) * np.exp(dwell))
        yield self._call(person, "Job Read", at + 1_000, job_id=job, seconds=round(seconds, 1))
        if draws[2] < 0.15 * sigmoid(appeal - 1):
            yield self._call(person, "Job Saved", at + 2_000, job_id=job)
        if draws[3] < known.applied()[row] and self._may_apply(state) > 0:
            state.applied[row] = self.day
            self.tallies[-1].applied += 1
            self._answered_by_employer(person, row, known)
            yield self._call(person, "Application Submitted", at + 3_000, job_id=job)

    def _answered_by_employer(self, person: Person, row: int, known: Truth) -> None:
        """Decide what the employer will say, and when."""
        chance = np.random.default_rng([self._world.seed, 7, person.number, row])
        draws, days = chance.random(4), chance.integers([2, 3, 5, 2], [10, 15, 10, 6])
        if draws[0] >= known.invited[row]:
            if draws[3] < 0.7:  # the others never hear of it
                self._due.setdefault(self.day + int(days[1]), []).append((person, row, "rejected"))
            return
        invited = self.day + int(days[0])
        offered = invited + int(days[2])
        accepted = draws[2] < known.accepted()[row]
        self._due.setdefault(invited, []).append((person, row, "interview_scheduled"))
        if draws[1] < OFFERED:
            self._due.setdefault(offered, []).append((person, row, "offer_made"))
            stage = "hired" if accepted else "offer_declined"
            self._due.setdefault(offered + int(days[3]), []).append((person, row, stage))

    def _told(self, person: Person, row: int, stage: str, now: int) -> Call:
        state = self._states[person.number]
        if stage == "interview_scheduled":
            self.tallies[-1].invited += 1
            state.invited = self.day if state.invited is None else state.invited
        if stage == "hired" and state.hired is None:
            self.tallies[-1].hired += 1
            state.hired = self.day
        return self._call(person, "Application Status Changed", now, job_id=self._market.jobs[row].id, stage=stage)

    def _call(self, person: Person, event: str, at: int, **properties: object) -> dict[str, object]:
        state = self._states[person.number]
        state.sent += 1
        return {
            "type": "track",
            "event": event,
            "userId": person.id,
            "messageId": f"{person.id}-{state.sent}",
            "timestamp": moment_text(at),
            "properties": properties,
        }


def at_most(limit: int, chances: Floats) -> Floats:
    """Answer the probability of each of some independent events in turn, where nothing happens any more after the first `limit`."""
    happened = np.zeros(limit + 1)
    happened[0] = 1.0
    found = np.empty(len(chances))
    for place, chance in enumerate(chances.tolist()):
        found[place] = chance * (1.0 - happened[limit])
        moved = chance * happened[:limit]
        happened[:limit] -= moved
        happened[1:] += moved
    return found


def tallied(tallies: Sequence[Tally]) -> Mapping[str, float]:
    """Answer the sums of some days."""
    names = (
        "lists",
        "exposures",
        "opened",
        "applied",
        "invited",
        "hired",
        "expected",
        "applications",
        "interviews",
        "hires",
    )
    return {name: float(sum(getattr(tally, name) for tally in tallies)) for name in names}
