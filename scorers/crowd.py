"""The people of one batch, and everything about them that the stages share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np

from catalog.dictionary import DIMENSIONS
from catalog.index import Catalog
from profiles.candidate import Candidate
from schemas.override import Override
from scorers.companions import Companions, companions_of
from scorers.deeds import Deeds, deeds_of
from scorers.interest_vectors import InterestVectors, interest_vectors
from scorers.limits import Limits, limits_of
from scorers.overrides import blocked_by
from scorers.policy import Policy
from scorers.query import Query
from scorers.responses import NO_RESPONSES, Responses
from scorers.sessions import Sessions
from scorers.taste import LIKED, SEARCHED, STATED, Taste, taste_of
from scorers.trends import Heat, Trends

REACH = {
    "place": 0.8, "occupation": 0.6, "occupation_code": 0.6, "term": 0.5, "minor_group": 0.4, "category": 0.35, "skill": 0.3,
    "employer": 0.25,
}  # fmt: skip
"""How much a facet counts when postings are looked up: place first, the kind of work second (docs/reference/ranking.md)."""
_REACH = np.array([REACH.get(dimension, 0.0) for dimension in (*DIMENSIONS, "")])
_BY_RARITY = np.array([dimension in {"term", "skill"} for dimension in (*DIMENSIONS, "")])
_COMMON = 3.0
"""A word of this rarity (one posting in twenty) counts fully; commoner ones less."""
LEAST_LIKED = 0.02

Favourite = tuple[int, float, str]
"""A code, its weight and its dimension."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """`favourites` and `wishes` are each person's heaviest facets by behaviour and by statement, the heaviest first.

    `places` are the places that say most about each person, stated before liked; 0 where none does.
    """

    queries: Sequence[Query]
    catalog: Catalog
    policy: Policy
    trends: Trends
    heat: Heat
    sessions: Sessions | None
    companions: Companions
    responses: Responses
    now: int
    deeds: Deeds
    taste: Taste
    interests: Sequence[InterestVectors]
    limits: tuple[Limits, ...]
    overrides: tuple[tuple[Override, ...], ...]
    favourites: list[list[Favourite]]
    wishes: list[list[Favourite]]
    places: list[int]

    def __len__(self) -> int:
        return len(self.queries)


def gather(
    queries: Sequence[Query],
    *,
    catalog: Catalog,
    policy: Policy,
    trends: Trends,
    now: int,
    sessions: Sessions | None = None,
    responses: Responses = NO_RESPONSES,
) -> Crowd:
    """Read everything about the people that the stages ask for."""
    people = [query.candidate for query in queries]
    deeds = deeds_of(people, catalog=catalog, interest=policy.interest, now=now)
    overrides = tuple(overrides_of(query, policy, now) for query in queries)
    taste = taste_of(people, deeds, catalog=catalog, interest=policy.interest, now=now)
    favourites, wishes = _heaviest(taste, catalog, len(people), policy.shortlisting.facets)
    return Crowd(
        queries=queries,
        catalog=catalog,
        policy=policy,
        trends=trends,
        heat=trends.heat(catalog),
        sessions=sessions,
        companions=companions_of(people, sessions, catalog),
        responses=responses,
        now=now,
        deeds=deeds,
        taste=taste,
        interests=interest_vectors(people, deeds, catalog),
        limits=tuple(map(_limited, people, overrides)),
        overrides=overrides,
        favourites=favourites,
        wishes=wishes,
        places=[_place(wanted) or _place(liked) for wanted, liked in zip(wishes, favourites, strict=True)],
    )


def overrides_of(query: Query, policy: Policy, now: int) -> tuple[Override, ...]:
    """Answer what colleagues said about this person, or about everybody."""
    return policy.overrides.of(query.candidate.id, query.candidate.version, query.segments, now)


def _limited(candidate: Candidate, overrides: tuple[Override, ...]) -> Limits:
    limits, blocked = limits_of(candidate), blocked_by(overrides)
    return replace(limits, blocked=blocked) if blocked else limits


def _place(facets: list[Favourite]) -> int:
    return next((code for code, _, dimension in facets if dimension == "place"), 0)


def seed_of(query: Query, purpose: str) -> float:
    """Answer a number in [0, 1) that the person and the version of the profile decide, and nothing else."""
    candidate = query.candidate
    version = ",".join(f"{name}={offset}" for name, offset in sorted(candidate.version.items()))
    digest = blake2b(f"{purpose}|{candidate.id}|{version}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)


def _heaviest(
    taste: Taste, catalog: Catalog, people: int, count: int
) -> tuple[list[list[Favourite]], list[list[Favourite]]]:
    """Answer everybody's heaviest facets by behaviour, and by statement."""
    found: list[list[Favourite]] = [[] for _ in range(2 * people)]
    # Two lines a person, so that both are sorted at once: all people's behaviour, then all people's statements.
    tables = np.concatenate([taste.tables[LIKED] + taste.tables[SEARCHED], taste.tables[STATED]])
    (cells,) = (tables > LEAST_LIKED).nonzero()
    line, codes = cells // taste.width, taste.codes[cells % taste.width]
    kinds = catalog.dictionary.kinds[codes]
    weight = tables[cells] * _REACH[kinds] * catalog.occurs(codes)
    weight *= np.where(_BY_RARITY[kinds], np.minimum(catalog.rarity(codes) / _COMMON, 1.0), 1.0)
    # One integer key sorts by line, then weight, then the value's own tie: no order of arrival decides.
    grade = _MOST - np.minimum(np.maximum((weight * 1_000_000).astype(np.int64), 0), _MOST)
    order = (line << 52 | grade << 32 | catalog.dictionary.ties[codes]).argsort()
    starts = line.searchsorted(np.arange(2 * people))
    chosen = order[(np.arange(len(order)) - starts[line[order]] < count) & (weight[order] > 0)]
    for of, code, heavy, kind in zip(
        line[chosen].tolist(), codes[chosen].tolist(), weight[chosen].tolist(), kinds[chosen].tolist(), strict=True
    ):
        found[of].append((code, heavy, _NAMES[kind]))
    return found[:people], found[people:]


_NAMES = (*DIMENSIONS, "")
_MOST = (1 << 20) - 1
