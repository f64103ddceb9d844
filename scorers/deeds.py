"""What the people of a batch did with postings, as columns: one entry a deed, not one object."""

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from operator import lshift, or_

import numpy as np
from numpy.typing import NDArray

from catalog.index import Catalog
from profiles.candidate import Candidate
from profiles.visits import VISIT_GAP_MS
from scorers.policy import DAY_MS, Interest

VIEWED, SAVED, STARTED, NOT_ASKED = range(4)
"""What a person did with a posting, as far as ranking asks."""

_VIEWED, _READ, _SAVED, _LIKED, _SHARED, _STARTED, _SUBMITTED = range(7)
_KIND_BITS, _KIND_MASK = 3, 7
_KIND = {"viewed": _VIEWED, "read": _READ, "shared": _SHARED, "started": _STARTED, "submitted": _SUBMITTED}
"""Deeds that are evidence of interest. Marks come from the maps that say how they stand, so what was taken back is no evidence."""

UNKNOWN = -1
LATER = np.iinfo(np.int64).max
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


NONE = np.zeros(0, np.int64)


class Entries:
    """Growing columns, filled a person at a time; a job that nobody remembers gets row -1 until `columns` leaves it out."""

    __slots__ = ("_closed", "_find", "at", "counts", "number", "row")

    def __init__(self, catalog: Catalog) -> None:
        self._closed = 0
        self._find = catalog.known_rows.get
        self.row, self.number, self.at, self.counts = array("q"), array("q"), array("q"), array("q")

    def add(self, jobs: Collection[str], numbers: Iterable[int], at: Iterable[int]) -> None:
        """Note deeds of one person; whole columns at once: a loop in Python over 60 deeds takes 25 µs, this 6."""
        self.row.extend(map(self._find, jobs, repeat(UNKNOWN)))
        self.number.extend(numbers)
        self.at.extend(at)

    def columns(self, people: int) -> tuple[Ints, Ints, Ints, Ints]:
        """Answer person, row, number and time of the deeds on known jobs; `counts` has one length a person."""
        if not self.row:
            return NONE, NONE, NONE, NONE
        row, number, at = (np.frombuffer(column, np.int64) for column in (self.row, self.number, self.at))
        person = np.repeat(np.arange(people), np.frombuffer(self.counts, np.int64))
        known = (row >= 0) & (number >= 0)
        return person[known], row[known], number[known], at[known]

    def first(self, count: int) -> tuple[int, ...]:
        """Answer the first different rows that the person still open was noted with; a number below 0 is no deed."""
        found: dict[int, None] = {}
        for row, number in zip(self.row[self._closed :], self.number[self._closed :], strict=True):
            if row >= 0 and number >= 0:
                found[row] = None
                if len(found) == count:
                    break
        return tuple(found)

    def close(self) -> None:
        """End a person."""
        self.counts.append(len(self.row) - self._closed)
        self._closed = len(self.row)


@dataclass(frozen=True, slots=True)
class Deeds:
    """Columns by deed. `key` is person << 32 | row; `recent` are each person's last viewed rows, the latest first."""

    person: Ints
    row: Ints
    weight: Floats
    disliker: Ints
    disliked: Ints
    dislike: Floats
    done_key: Ints
    done: Ints
    shown_key: Ints
    shown: Floats
    recent: Sequence[tuple[int, ...]]


def deeds_of(candidates: Sequence[Candidate], *, catalog: Catalog, interest: Interest, now: int) -> Deeds:
    """Read what people did; jobs that nobody remembers are left out."""
    liking, disliking, showing = Entries(catalog), Entries(catalog), Entries(catalog)
    recent: list[tuple[int, ...]] = []
    for candidate in candidates:
        recent.append(_read_deeds(candidate, interest.deeds, liking))
        if dismissed := candidate.dismissed:
            disliking.add(dismissed, repeat(1, len(dismissed)), next(zip(*dismissed.values(), strict=True)))
        disliking.close()
        if shown := candidate.shown:
            showing.add(shown, *zip(*shown.values(), strict=True))
        showing.close()
    people, rows, numbers, at = liking.columns(len(candidates))
    kinds, dwell = numbers & _KIND_MASK, numbers >> _KIND_BITS
    sessions = np.array([session_start(candidate, now) for candidate in candidates], np.int64)
    worth = _worth(interest)[kinds] * np.where(kinds == _READ, np.log2(1 + dwell / 10_000), 1.0)
    boost = np.where(at >= sessions[people], interest.session_boost, 1.0)
    disliker, disliked, _, disliked_at = disliking.columns(len(candidates))
    shown_to, shown_row, times, shown_at = showing.columns(len(candidates))
    return Deeds(
        person=people,
        row=rows,
        weight=worth * boost * _decay(at, now, interest.half_life_days),
        disliker=disliker,
        disliked=disliked,
        dislike=_decay(disliked_at, now, interest.dislike_half_life_days),
        done_key=people << 32 | rows,
        done=_DONE[kinds],
        shown_key=shown_to << 32 | shown_row,
        shown=times * _decay(shown_at, now, interest.half_life_days),
        recent=recent,
    )


def _read_deeds(candidate: Candidate, limit: int, into: Entries) -> tuple[int, ...]:
    """Note a person's deeds; answer the rows that the newest, marks apart, were about."""
    recent: tuple[int, ...] = ()
    if candidate.interactions:
        at, kinds, jobs, dwell = zip(*candidate.interactions[:limit], strict=True)
        into.add(jobs, map(or_, map(_KIND.get, kinds, repeat(UNKNOWN)), map(lshift, dwell, repeat(_KIND_BITS))), at)
        recent = into.first(RECENT_LIMIT)
    if candidate.saved:
        into.add(candidate.saved, repeat(_SAVED, len(candidate.saved)), candidate.saved.values())
    if candidate.liked:
        into.add(candidate.liked, repeat(_LIKED, len(candidate.liked)), candidate.liked.values())
    into.close()
    return recent


def session_start(candidate: Candidate, now: int) -> int:
    """Answer when the visit that still runs began, the end of time when none does."""
    visit = candidate.session
    return visit.started_at if visit.page_count and now - visit.last_at <= VISIT_GAP_MS else LATER


@lru_cache(maxsize=8)
def _worth(interest: Interest) -> Floats:
    return np.array(
        [
            interest.viewed,
            interest.read,
            interest.saved,
            interest.liked,
            interest.shared,
            interest.started,
            interest.submitted,
        ]
    )


def _decay(at: Ints, now: int, half_life_days: float) -> Floats:
    """Answer one half for each half-life that lies between; what claims to come from the future is of now."""
    if not len(at):
        return np.zeros(0)
    decayed: Floats = np.exp2(-np.maximum(now - at, 0) / (half_life_days * DAY_MS))
    return decayed


_DONE = np.array([VIEWED, VIEWED, SAVED, NOT_ASKED, NOT_ASKED, STARTED, NOT_ASKED], np.int64)
RECENT_LIMIT = 3
"""How many of the last viewed postings lend their neighbours."""
