"""What happens to each posting, counted: how often it was shown where, viewed, saved, applied for and dismissed of late.

Each count is kept three times, halved every hour, day and week of event time. A count is a sum of weights that grow with the
event's own time, measured from a landmark that all events of an era share: so adding up in any order, late or replayed, ends the
same (to the last digits of a double).
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from schemas.events import ApplicationMoved, Event, JobMarked, JobsShown, JobViewed

HOUR_MS, DAY_MS, WEEK_MS = 3_600_000, 86_400_000, 604_800_000
HALF_LIVES_MS = (HOUR_MS, DAY_MS, WEEK_MS)
WINDOWS = ("hour", "day", "week")
ERA = 512
"""Half-lives of an era: its heaviest weight is 2 to the 512th, and a double reaches to the 1023rd."""
GROUPS = ((1, 1), (2, 3), (4, 6), (7, 12), (13, 1_000))
"""First and last places of a list that are taken together."""
SHOWN, VIEWED = 0, len(GROUPS)
"""Where the slots of showings and of views begin, one for each group of places; views from elsewhere have one more."""
ELSEWHERE = VIEWED + len(GROUPS)
SAVED, APPLIED, DISMISSED = ELSEWHERE + 1, ELSEWHERE + 2, ELSEWHERE + 3
SLOTS = DISMISSED + 1
ITEMS_LIMIT = 100_000
"""How many postings are counted, those of which something was heard last."""
LAYOUT = struct.Struct(f"<{len(WINDOWS)}i{SLOTS * len(WINDOWS)}d")
"""Eras, then each slot's counts by window."""

Weights = tuple[float, float, float]
Eras = tuple[int, int, int]
"""One for each window: what its weights are measured in."""
Counts = Mapping[Eras, Mapping[str, Mapping[int, Weights]]]
"""What a batch adds: weights by eras, posting and slot."""

_ERAS = struct.Struct(f"<{len(WINDOWS)}i")
_ADDED = struct.Struct(f"<B{len(WINDOWS)}d")
_GROUP_OF = [
    next(number for number, (_, last) in enumerate(GROUPS) if place <= last) for place in range(GROUPS[-1][0] + 1)
]
"""By place, the last for all that follow."""


class Moved(NamedTuple):
    """The counts that changed in a generation after the move `since`, up to `move`, packed by LAYOUT.

    `since` is 0 when everything is told from the beginning.
    """

    generation: str
    since: int
    move: int
    counts: Mapping[str, bytes]


class CountReader(Protocol):
    """Tells what was counted. May raise StoreUnavailable."""

    async def changes(self, generation: str | None, since: int, limit: int = 500) -> Moved:
        """Answer the next changes after a move of a generation."""
        ...


class Tally:
    """Adds up a batch."""

    def __init__(self) -> None:
        self.counts: dict[Eras, dict[str, dict[int, Weights]]] = {}

    def add(self, event: Event, at: int) -> None:
        """Count an event as of `at` (milliseconds): its own time, or that of its record where a clock runs ahead."""
        found = _slots(event)
        if not found:
            return
        eras = at // (ERA * HOUR_MS), at // (ERA * DAY_MS), at // (ERA * WEEK_MS)
        hour, day, week = (
            2.0 ** ((at - era * ERA * half_life) / half_life)
            for era, half_life in zip(eras, HALF_LIVES_MS, strict=True)
        )
        rows = self.counts.setdefault(eras, {})
        for job, slot in found:
            row = rows.setdefault(job, {})
            before = row.get(slot)
            row[slot] = (before[0] + hour, before[1] + day, before[2] + week) if before else (hour, day, week)


def additions(counts: Counts) -> Iterator[tuple[Eras, str, Mapping[int, Weights]]]:
    """Answer eras, posting and weights by slot, one after the other."""
    for eras, postings in counts.items():
        for job, slots in postings.items():
            yield eras, job, slots


def addition(eras: Eras, more: Mapping[int, Weights]) -> bytes:
    """Answer what is added to a posting as `commit.lua` reads it: eras, then each slot with its weights."""
    return _ERAS.pack(*eras) + b"".join([_ADDED.pack(slot, *weights) for slot, weights in more.items()])


def added(kept: bytes | None, eras: Eras, more: Mapping[int, Weights]) -> bytes:
    """Answer packed counts with more in them; an older era's weigh a power of two less."""
    width = len(WINDOWS)
    row = [*eras, *[0.0] * (SLOTS * width)] if kept is None else list(LAYOUT.unpack(kept))
    shares = [1.0] * width
    for window, era in enumerate(eras):
        apart = era - int(row[window])
        if apart > 0:
            row[window] = era
            row[width + window :: width] = [value * _scale(apart) for value in row[width + window :: width]]
        elif apart < 0:
            shares[window] = _scale(-apart)
    for slot, weights in more.items():
        for window, weight in enumerate(weights):
            row[width + slot * width + window] += weight * shares[window]
    return LAYOUT.pack(*row)


def _slots(event: Event) -> Sequence[tuple[str, int]]:
    match event:
        case JobsShown(job_ids=jobs):
            return [(job, SHOWN + group_of(place)) for place, job in enumerate(dict.fromkeys(jobs), 1)]
        case JobViewed(job_id=job, position=place):
            return ((job, VIEWED + group_of(place) if place else ELSEWHERE),)
        case JobMarked(job_id=job, mark="saved"):
            return ((job, SAVED),)
        case JobMarked(job_id=job, mark="dismissed"):
            return ((job, DISMISSED),)
        case ApplicationMoved(job_id=job, stage="submitted"):
            return ((job, APPLIED),)
        case _:
            return ()


def group_of(place: int) -> int:
    """Answer the group of a place in a list, 1 being the first; what claims to stand before it stands there."""
    return _GROUP_OF[max(0, min(place, len(_GROUP_OF) - 1))]


def _scale(eras: int) -> float:
    return 2.0 ** (-ERA * eras) if eras < 3 else 0.0


class MemoryCounts:
    """Counts of one generation in memory."""

    def __init__(self, generation: str) -> None:
        self._generation = generation
        self._move = 0
        self._kept: dict[str, tuple[int, bytes]] = {}

    def add(self, counts: Counts) -> None:
        """Add what a batch counted."""
        for eras, job, slots in additions(counts):
            self._move += 1
            _, kept = self._kept.pop(job, (0, None))
            self._kept[job] = (self._move, added(kept, eras, slots))
            if len(self._kept) > ITEMS_LIMIT:
                del self._kept[next(iter(self._kept))]

    async def changes(self, generation: str | None, since: int, limit: int = 500) -> Moved:
        begin = since if generation == self._generation and since <= self._move else 0
        found = [(move, job, value) for job, (move, value) in self._kept.items() if move > begin][:limit]
        return Moved(self._generation, begin, found[-1][0] if found else begin, {job: value for _, job, value in found})
