"""Candidates with hidden preferences, and what life does to them. Same seed, same people, whatever site they come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from benchmarks.simulation.market import Market
from benchmarks.simulation.occupations import Occupations
from schemas.jobs import SENIORITIES

STATES_SKILLS, STATES_OCCUPATION, STATES_PAY, STATES_NOTHING = 0.4, 0.2, 0.2, 0.45
"""How many put this into their profile when they come; who states nothing leaves all to behaviour."""
TELLS_POSITION = 0.5
"""Of the visits, those whose browser or network says where it is."""
LIFE_EVENT = 0.01
"""The chance a day that something changes: a move, a skill learned, another pay floor, another schedule."""
HOMES = (
    ("New York", 40.78, -73.97), ("New York", 40.72, -73.99), ("Brooklyn", 40.68, -73.95), ("Brooklyn", 40.63, -73.98),
    ("Queens", 40.74, -73.88), ("Queens", 40.70, -73.78), ("Bronx", 40.84, -73.89), ("Staten Island", 40.58, -74.15),
    ("Valhalla", 41.07, -73.78),
)  # fmt: skip
"""Quarters that people live in: a place's name and its middle."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants and can, which nobody is told: the rules of behaviour and of employers look at it alone.

    `limit_km` is how far they commute, `floor` the least pay of a full-time year, `breadth` how far from their occupation they look,
    0 to 1; `level` is of `schemas.jobs.SENIORITIES`.
    """

    occupation: str
    title: str
    skills: frozenset[str]
    credentials: frozenset[str]
    level: int
    home: tuple[float, float]
    locality: str
    limit_km: float
    floor: float
    breadth: float
    wants_home_office: bool
    part_time: bool


@dataclass(slots=True)
class Person:
    """One candidate. `group` is a label drawn by a coin that nothing else looks at: only to measure exposure with."""

    number: int
    id: str
    group: str
    wish: Wish
    pace: float
    """The chance to come on a day."""
    comes: int
    """The first day of looking, counted from 0."""
    leaves: int
    states: frozenset[str]
    answers: Mapping[int, str] = field(default_factory=dict)
    """Which life event happens on which day, decided beforehand."""

    def stated(self) -> Mapping[str, Any]:
        """Answer what of the wish stands in the profile."""
        said: dict[str, Any] = {}
        if "skills" in self.states:
            said["skills"] = sorted(self.wish.skills)
            said["credentials"] = sorted(self.wish.credentials)
        if "occupations" in self.states:
            said["occupations"] = [self.wish.title]
        if "salary_min" in self.states:
            said["salary_min"] = round(self.wish.floor)
            said["currency"] = "USD"
        return {key: value for key, value in said.items() if value}

    def lives_on(self, day: int, market: Market, seed: int) -> bool:
        """Let the day's life event happen; answer whether what is stated changed with it."""
        kind = self.answers.get(day)
        if kind is None:
            return False
        chance = np.random.default_rng([seed, 4, self.number, day])
        self.wish = _CHANGES[kind](self.wish, market, chance)
        return _STATED_BY.get(kind) in self.states


def population(
    seed: int, market: Market, known: Occupations, *, at_once: int, days: int, stay: int
) -> Sequence[Person]:
    """Answer everybody who ever comes: about `at_once` look at a time, each for `stay` days unless hired before."""
    chance = np.random.default_rng([seed, 2])
    pools = _pools(market, known)
    first = [(0, int(chance.integers(1, stay + 1))) for _ in range(at_once)]
    later = [(day, stay) for day in range(1, days) for _ in range(int(chance.poisson(at_once / stay)))]
    return [
        _person(number, seed, comes, length, market, known, pools)
        for number, (comes, length) in enumerate(first + later)
    ]


def _person(
    number: int,
    seed: int,
    comes: int,
    stay: int,
    market: Market,
    known: Occupations,
    pools: Mapping[str, Sequence[str]],
) -> Person:
    chance = np.random.default_rng([seed, 3, number])
    leaves = comes + stay
    return Person(
        number=number,
        id=f"s{seed}-{number}",
        group=("x", "y")[int(chance.integers(2))],
        wish=_wish(chance, market, known, pools),
        pace=float(chance.uniform(0.2, 0.8)),
        comes=comes,
        leaves=leaves,
        states=_states(chance),
        answers={
            day: sorted(_CHANGES)[int(chance.integers(len(_CHANGES)))]
            for day in range(comes + 1, leaves)
            if chance.random() < LIFE_EVENT
        },
    )


def _wish(chance: np.random.Generator, market: Market, known: Occupations, pools: Mapping[str, Sequence[str]]) -> Wish:
    """Draw a person who could do what some posting asks for: so all occupations come as often as there is work in them."""
    like = int(chance.integers(len(market)))
    occupation = known.by_code[market.occupation[like]]
    locality, latitude, longitude = HOMES[int(chance.integers(len(HOMES)))]
    level = int(np.clip(market.level[like] + chance.choice([-1, 0, 0, 0, 1]), 0, len(SENIORITIES) - 1))
    pay = market.pay[like]
    titles = [occupation.name, *occupation.titles]
    return Wish(
        occupation=occupation.code,
        title=titles[int(chance.integers(len(titles)))],
        skills=_skills(chance, pools[occupation.code]),
        credentials=market.must_haves[like] if chance.random() < 0.8 else frozenset(),
        level=level,
        home=(latitude + float(chance.normal(0, 0.02)), longitude + float(chance.normal(0, 0.02))),
        locality=locality,
        limit_km=float(chance.choice([5.0, 10.0, 20.0, 40.0], p=[0.25, 0.35, 0.25, 0.15])),
        floor=float((60_000 if np.isnan(pay) else pay) * chance.uniform(0.55, 0.95)),
        breadth=float(chance.beta(2, 4)),
        wants_home_office=bool(chance.random() < 0.35),
        part_time=bool(chance.random() < 0.15),
    )


def _pools(market: Market, known: Occupations) -> Mapping[str, Sequence[str]]:
    """Answer by occupation the skills one may have: what its postings ask for, and O*NET's technologies that any posting asks for."""
    pools: dict[str, set[str]] = {code: set() for code in known.by_code}
    for code, skills in zip(market.occupation, market.skills, strict=True):
        pools[code] |= skills
    for code, pool in pools.items():
        tools = {technology.lower() for technology in known.by_code[code].technologies}
        pool |= {skill for skill in market.skill_names if skill.lower() in tools}
    return {code: sorted(pool) for code, pool in pools.items()}


def _skills(chance: np.random.Generator, pool: Sequence[str]) -> frozenset[str]:
    share = chance.beta(2, 2)
    return frozenset(skill for skill in pool if chance.random() < share)


def _states(chance: np.random.Generator) -> frozenset[str]:
    if chance.random() < STATES_NOTHING:
        return frozenset()
    odds = {"skills": STATES_SKILLS, "occupations": STATES_OCCUPATION, "salary_min": STATES_PAY}
    return frozenset(key for key, share in odds.items() if chance.random() < share / (1 - STATES_NOTHING))


def _moves(wish: Wish, _market: Market, chance: np.random.Generator) -> Wish:
    locality, latitude, longitude = HOMES[int(chance.integers(len(HOMES)))]
    return replace(wish, home=(latitude, longitude), locality=locality)


def _learns(wish: Wish, market: Market, chance: np.random.Generator) -> Wish:
    missing = sorted(set(market.skill_names) - wish.skills)
    return replace(wish, skills=wish.skills | {missing[int(chance.integers(len(missing)))]})


def _asks_otherwise(wish: Wish, _market: Market, chance: np.random.Generator) -> Wish:
    return replace(wish, floor=wish.floor * float(chance.uniform(0.8, 1.25)))


def _changes_hours(wish: Wish, _market: Market, _chance: np.random.Generator) -> Wish:
    return replace(wish, part_time=not wish.part_time)


_CHANGES = {"hours": _changes_hours, "move": _moves, "pay": _asks_otherwise, "skill": _learns}
_STATED_BY = {"pay": "salary_min", "skill": "skills"}
"""What of the profile a life event changes, where that is stated."""
