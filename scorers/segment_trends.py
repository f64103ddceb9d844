"""What the members of a segment look at of late, as shares of their looks, drawn to everybody's shares where few looked."""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from profiles.store import TREND_HOURS
from profiles.trails import Trail
from profiles.trends import HOUR_MS

PEOPLE_LIMIT = 5_000
"""How many people's looks are counted, those who moved last: they say what is looked at now, and take a few milliseconds."""
LEAST_PEOPLE = 20
"""Of how few people a segment's looks say nothing, and give nobody away."""
LEAST_LOOKERS = 5
"""How many of them must have looked at a posting before others are shown that they did."""
PRIOR_LOOKS = 50.0
"""How many looks everybody's shares weigh against a segment's own: a Dirichlet prior."""
HALF_LIFE_HOURS = 12.0
KEPT = 64
"""Postings of a segment's trend, the hottest."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SegmentTrend:
    """A segment's name, and the share of its looks that each posting has, the largest first."""

    name: str
    shares: Mapping[str, float]


@dataclass(slots=True)
class SegmentLooks:
    """Who looked at what, by pseudonym, and in which of the segments `names` (key: name, 63 at most) they were.

    One thread may put while another asks.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    _kept: dict[str, tuple[int, tuple[str, ...], bytes, bytes]] = field(default_factory=dict)
    """Segments by bit, postings, and of each posting its hash and the hour: packed, for they are joined by the thousand."""

    def put(self, name: str, trail: Trail) -> None:
        """Take a trail as it is now, whole; one without postings ends."""
        self._kept.pop(name, None)
        if not trail.items or not self.names:
            return
        segments = sum(1 << number for number, key in enumerate(self.names) if key in trail.segments)
        hashes = array("q", map(hash, trail.items))
        self._kept[name] = segments, trail.items, hashes.tobytes(), array("q", trail.hours).tobytes()
        if len(self._kept) > PEOPLE_LIMIT:
            del self._kept[next(iter(self._kept))]

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()

    def trends(self, now: int) -> Mapping[str, SegmentTrend]:
        """Answer by segment what its members look at by `now` (milliseconds); none of which too few people are known."""
        kept = list(self._kept.values())
        looks = _Looks.of(kept, now // HOUR_MS)
        found = {}
        for number, (key, name) in enumerate(self.names.items()):
            shares = dict(looks.shares(looks.segments >> number & 1 == 1))
            if shares:
                found[key] = SegmentTrend(name, shares)
        return found


@dataclass(frozen=True, slots=True)
class _Looks:
    """Looks of late, a row each: whose, of which segments, at what, and how much it still counts."""

    items: list[str]
    person: Ints
    segments: Ints
    item: Ints
    weight: Floats
    everybody: Floats
    """By item: its share of all looks."""

    @classmethod
    def of(cls, kept: list[tuple[int, tuple[str, ...], bytes, bytes]], hour: int) -> "_Looks":
        hours = np.frombuffer(b"".join([each[3] for each in kept]), np.int64)
        recent = (hour - TREND_HOURS < hours) & (hours <= hour)
        _, first, item = np.unique(
            np.frombuffer(b"".join([each[2] for each in kept]), np.int64)[recent],
            return_index=True,
            return_inverse=True,
        )
        everything = list(chain.from_iterable(each[1] for each in kept))
        named = np.flatnonzero(recent)[first].tolist()
        lengths = [len(each[1]) for each in kept]
        weight = np.exp2((hours[recent] - hour) / HALF_LIFE_HOURS)
        return cls(
            items=[everything[at] for at in named],
            person=np.arange(len(kept)).repeat(lengths)[recent],
            segments=np.array([each[0] for each in kept], np.int64).repeat(lengths)[recent],
            item=item,
            weight=weight,
            everybody=np.bincount(item, weight, len(first)) / max(float(weight.sum()), 1e-9),
        )

    def shares(self, chosen: NDArray[np.bool_]) -> Iterator[tuple[str, float]]:
        """Answer postings and shares of the chosen looks, KEPT at most; nothing where they are those of too few people."""
        if len(np.unique(self.person[chosen])) < LEAST_PEOPLE:
            return
        item, weight = self.item[chosen], self.weight[chosen]
        looked = np.bincount(item, weight, len(self.items))
        share = (looked + PRIOR_LOOKS * self.everybody) / (float(weight.sum()) + PRIOR_LOOKS)
        # A trail names a posting once: looks are people.
        known = np.flatnonzero(np.bincount(item, minlength=len(self.items)) >= LEAST_LOOKERS)
        if len(known) > KEPT:
            known = known[share[known] >= np.partition(share[known], -KEPT)[-KEPT]]
        hottest = sorted(known.tolist(), key=lambda at: (-share[at], self.items[at]))[:KEPT]
        yield from ((self.items[at], float(share[at])) for at in hottest)
