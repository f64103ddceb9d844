"""Trails: which postings people looked at of late, in their order, by pseudonym.

Session neighbours and what trends in a segment are made of them. A trail is read off the person that was merged, so that consent,
objection and erasure hold for it as for a decision.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from profiles.candidate import Candidate
from profiles.trends import HOUR_MS

ITEMS_LIMIT = 20
"""How many postings of a trail are kept, those looked at last."""
TRAILS_LIMIT = 50_000
"""How many trails are kept, those that moved last."""
LEAST_ITEMS = 2
"""A single posting says of no other that it is looked at as well."""
_LOOKED = frozenset({"viewed", "read"})


class Trail(NamedTuple):
    """The postings looked at, the latest last; in which hour since the epoch each was; which of the segments that trend the person was in.

    Without postings it ended.
    """

    items: tuple[str, ...] = ()
    hours: tuple[int, ...] = ()
    segments: tuple[str, ...] = ()


ENDED = Trail()


class Changes(NamedTuple):
    """What moved in a generation after the move `since`, up to `move`.

    `since` is 0 when everything is told from the beginning: what was known before is then no longer so.
    """

    generation: str
    since: int
    move: int
    trails: Mapping[str, Trail]


class Trails(Protocol):
    """Keeps trails by pseudonym, the newest TRAILS_LIMIT. Every method may raise StoreUnavailable."""

    async def put(self, trails: Mapping[str, Trail]) -> None:
        """Take trails as they are now, whole; one without postings ends."""
        ...

    async def changes(self, generation: str | None, since: int, limit: int = 500) -> Changes:
        """Answer the next changes after a move of a generation; of no matter which is live by now, from its beginning."""
        ...


def looked_at(candidate: Candidate) -> tuple[str, ...]:
    """Answer the postings that somebody looked at, the latest last."""
    looked = dict.fromkeys(deed.job_id for deed in candidate.interactions if deed.kind in _LOOKED)
    return tuple(looked)[:ITEMS_LIMIT][::-1]


def trail_of(candidate: Candidate, segments: Iterable[str] = ()) -> Trail:
    """Answer somebody's trail as a member of these segments, without looks under a no to being counted."""
    uncounted = candidate.uncounted
    latest: dict[str, int] = {}
    for at, kind, job, _ in candidate.interactions:  # the newest first
        if kind in _LOOKED and (at, job) not in uncounted:
            latest.setdefault(job, at)
    items = tuple(latest)[:ITEMS_LIMIT][::-1]
    return Trail(items, tuple(latest[item] // HOUR_MS for item in items), tuple(segments))


class MemoryTrails:
    """Trails of one generation in memory."""

    def __init__(self, generation: str) -> None:
        self._generation = generation
        self._move = 0
        self._kept: dict[str, tuple[int, Trail]] = {}

    async def put(self, trails: Mapping[str, Trail]) -> None:
        for name, trail in trails.items():
            if not trail.items and not self._kept.get(name, (0, ENDED))[1].items:
                continue
            self._move += 1
            self._kept.pop(name, None)
            self._kept[name] = (self._move, trail)
            if len(self._kept) > TRAILS_LIMIT:
                del self._kept[next(iter(self._kept))]

    async def changes(self, generation: str | None, since: int, limit: int = 500) -> Changes:
        begin = since if generation == self._generation and since <= self._move else 0
        found = [(move, name, trail) for name, (move, trail) in self._kept.items() if move > begin][:limit]
        reached = found[-1][0] if found else begin
        return Changes(self._generation, begin, reached, {name: trail for _, name, trail in found})
