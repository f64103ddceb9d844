"""One seed's study: every site over the same people and days, the learning one retrained as it goes, and what is read off them."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from benchmarks.simulation.house import House
from benchmarks.simulation.learns import retrain
from benchmarks.simulation.market import DAY, START, Market, market
from benchmarks.simulation.occupations import occupations
from benchmarks.simulation.people import Person, population
from benchmarks.simulation.rules import AGAIN, EXAMINED
from benchmarks.simulation.site import Call, Site, last_place, moment_text, newest, oracle, popular
from benchmarks.simulation.visits import OPENS_AT, Tally, Visits, World, tallied
from learning.groups import Labels
from schemas.trained import encode_model
from scorers.models import Model

MARKS = (1, 5, 20)
"""Retrainings, and events of a new visitor, after which it is told how far the site has come."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a study is. `warm` are the days before the first training, `period` those between two."""

    at_once: int = 100
    stay: int = 30
    warm: int = 12
    period: int = 3
    retrainings: int = 20
    postings: int | None = None
    strangers: int = 60
    after: int = 30
    """Days of each site that is compared by the share of the employer's side."""

    @property
    def days(self) -> int:
        return self.warm + self.period * self.retrainings + self.period


FULL = Size()


@dataclass(frozen=True, slots=True)
class Learned:
    """The site that learned, every model that decided (by the number of retrainings before), and each retraining's outcome."""

    house: House
    models: Sequence[Model]
    retrainings: Sequence[Mapping[str, Any]]


def study(seed: int, size: Size = FULL, on_step: Callable[[str], None] = lambda _: None) -> Mapping[str, Any]:
    """Answer everything measured for a seed, as JSON holds it. Same seed, same answer."""
    ground = world(seed, size, days=size.days)
    arms: dict[str, Any] = {}
    for name, make in _plain(ground):
        visits = Visits(again(ground, size), make)
        visits.run(size.days)
        arms[name] = _told(visits, size)
        on_step(name)
    visits = Visits(again(ground, size), House(logs=False))
    visits.run(size.days)
    arms["prior"] = _told(visits, size)
    on_step("prior")
    visits, learned = run_learning(again(ground, size), size, on_step=on_step)
    arms["learning"] = _told(visits, size)
    return {
        "seed": seed,
        "size": asdict(size),
        "arms": arms,
        "retrainings": learned.retrainings,
        "heads": heads_of(learned.house),
        "strangers": strangers(ground, learned, size),
    }


def run_learning(
    ground: World, size: Size, *, on_step: Callable[[str], None] = lambda _: None
) -> tuple[Visits, Learned]:
    """Let a site learn: warm up by the prior, then train on its log and promote, period by period."""
    house = House()
    visits = Visits(ground, house)
    visits.run(size.warm)
    models: list[Model] = [house.model]
    found = []
    labels = labels_of(ground.people)
    for number in range(size.retrainings):
        at = START + visits.day * DAY
        found.append(asdict(retrain(house, labels, at)))
        models.append(house.model)
        visits.run(size.period)
        on_step(f"retraining {number + 1}")
    visits.run(size.period)
    return visits, Learned(house, models, found)


def labels_of(people: Sequence[Person]) -> Labels:
    return Labels(("group",), {f"u:{person.id}": (person.group,) for person in people})


def strangers(ground: World, learned: Learned, size: Size) -> Mapping[str, Any]:
    """Answer what one list earns a visitor of whom nothing is known but that they opened so many postings.

    What they opened is drawn by the hidden rule, not from the engine's lists: all models hear the same.
    """
    now = START + size.days * DAY + OPENS_AT
    seed, place = ground.seed, replace(ground, truths={})
    people = population(seed + 100_000, ground.market, ground.known, at_once=size.strangers, days=1, stay=size.stay)
    allowed = ground.market.open_at(now)
    found: dict[str, Any] = {}
    learned.house.arrive((), now)
    for events in (0, *MARKS):
        opened = {person.number: _openings(place, person, events, now) for person in people}
        guests = [replace(person, id=f"{person.id}-{events}") for person in people]
        calls = [call for guest in guests for call in _heard(place, guest, opened[guest.number], now)]
        learned.house.collect(calls, now)
        worth = {person.number: _worth(place, person, opened[person.number], now) for person in people}
        by_model = {}
        for retrainings in (0, *[mark for mark in MARKS if mark <= size.retrainings]):
            learned.house.model = learned.models[retrainings]
            lists = learned.house.lists(guests, now)
            by_model[str(retrainings)] = _mean(
                float(EXAMINED[: len(shown.jobs)] @ worth[guest.number][[ground.market.row[job] for job in shown.jobs]])
                for guest, shown in zip(guests, lists, strict=True)
            )
        first = np.flatnonzero(allowed)[::-1][: len(EXAMINED)]
        found[str(events)] = {
            "models": by_model,
            "newest": _mean(float(EXAMINED @ worth[person.number][first]) for person in people),
            "oracle": _mean(
                float(EXAMINED @ np.sort(np.where(allowed, worth[person.number], 0))[::-1][: len(EXAMINED)])
                for person in people
            ),
        }
    return found


def heads_of(house: House) -> tuple[str, str] | None:
    """Answer the name and the record (as text) of the last model that was promoted, None when it is the prior that decides."""
    if house.record is None:
        return None
    return house.record.name, b64encode(encode_model(house.record)).decode("ascii")


def world(seed: int, size: Size, *, days: int) -> World:
    known = occupations()
    place = market(seed, days=days, size=size.postings, known=known)
    return World(seed, place, _people(seed, place, size, days), known)


def again(ground: World, size: Size, days: int | None = None) -> World:
    """Answer the same world with everybody as they came; what is so of them is worked out once."""
    return replace(ground, people=_people(ground.seed, ground.market, size, days or size.days))


def _people(seed: int, place: Market, size: Size, days: int) -> Sequence[Person]:
    return population(seed, place, occupations(), at_once=size.at_once, days=days, stay=size.stay)


def _plain(ground: World) -> Iterator[tuple[str, Site]]:
    yield "newest", newest(ground.market)
    yield "popular", popular(ground.market)
    yield "last place", last_place(ground.market)
    yield "oracle", oracle(ground.market, ground.true, interviews=False)
    yield "oracle of interviews", oracle(ground.market, ground.true, interviews=True)


def _told(visits: Visits, size: Size) -> Mapping[str, Any]:
    """Answer sums by period (the warm days are the first), how long people looked, and exposure by group."""
    starts = [0, *[size.warm + size.period * number for number in range(size.retrainings + 1)]]
    periods = [tallied(visits.tallies[start:end]) for start, end in zip(starts, [*starts[1:], size.days], strict=True)]
    return {
        "periods": periods,
        "searches": [[each.comes, each.invited, each.ended] for each in visits.searches()],
        "exposure": exposure(visits.tallies),
    }


def exposure(tallies: Sequence[Tally]) -> Mapping[str, float]:
    """Answer by group the mean share of well-paid work in what was looked at."""
    found: dict[str, list[float]] = {}
    for tally in tallies:
        for group, shares_seen in tally.exposure.items():
            found.setdefault(group, []).extend(shares_seen)
    return {group: float(np.mean(seen)) for group, seen in sorted(found.items())}


def _openings(ground: World, person: Person, events: int, now: int) -> Sequence[int]:
    """Draw which postings a stranger opened: each time one of forty that they came across, by the hidden rule."""
    chance = np.random.default_rng([ground.seed, 8, person.number])
    allowed = np.flatnonzero(ground.market.open_at(now))
    chances = ground.true(person).opened(ground.market, now)
    opened = []
    for _ in range(max(MARKS)):
        across = chance.choice(allowed, min(40, len(allowed)), replace=False)
        opened.append(int(chance.choice(across, p=chances[across] / chances[across].sum())))
    return opened[:events]


def _heard(ground: World, person: Person, opened: Sequence[int], now: int) -> Iterator[Call]:
    for number, row in enumerate(opened):
        at = now - (len(opened) - number) * 3_600_000 // 2
        yield _call(person, number, at, event="Job Viewed", properties={"job_id": ground.market.jobs[row].id})
    yield _call(person, len(opened), now, type="page", name="Jobs")


def _call(person: Person, number: int, at: int, **about: object) -> Call:
    return {
        "type": "track",
        "userId": person.id,
        "messageId": f"{person.id}-{number}",
        "timestamp": moment_text(at),
        **about,
    }


def _worth(ground: World, person: Person, opened: Sequence[int], now: int) -> np.ndarray:
    worth = ground.true(person).opened(ground.market, now)
    worth[list(set(opened))] *= AGAIN
    return worth


def _mean(values: Iterator[float]) -> float:
    return float(np.mean(list(values)))
