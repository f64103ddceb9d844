"""Session neighbours (VMIS-kNN, Serenade, SIGMOD 2022) over sessions as they happen: what others looked at next to the same postings."""

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from heapq import nlargest
from math import log
from typing import NamedTuple

SESSIONS_LIMIT = 50_000
"""How many sessions are remembered; the one that rested longest is forgotten first."""
ITEMS_LIMIT = 20
"""How many postings a session holds; a longer one goes on as another."""
SAMPLE = 32
"""How many sessions with a posting are remembered for it, and compared in all: those that moved last. Tuned on the earlier
likes of `idea_feedback`: of 500 the old ones drown what is looked at now, and 64 cost half as much again for a hundredth of nDCG."""
NEAREST = 32
"""How many of the compared ones speak."""
RECENT = 10
"""How many different postings of the person's own session are compared."""
ANSWERS = 50


class Companion(NamedTuple):
    """A posting that others looked at too; `beside` is which of the viewed ones the nearest of them looked at."""

    item: str
    score: float
    beside: str


class Sessions:
    """The index. The same views in the same order make equal answers; what it holds is bounded by the limits above.

    Where one thread asks while another tells of views, `turn` is a lock that a thread may take twice.

    Comparing the sessions remembered for each posting misses none that comparing all would take: a session that left a
    posting's list has SAMPLE newer ones there, so it is not among the SAMPLE newest of all.
    """

    def __init__(
        self,
        *,
        sessions: int = SESSIONS_LIMIT,
        items: int = ITEMS_LIMIT,
        sample: int = SAMPLE,
        nearest: int = NEAREST,
        turn: AbstractContextManager[object] | None = None,
    ) -> None:
        self._limit, self._items_limit, self._sample, self._nearest = sessions, items, sample, nearest
        self._turn = turn or nullcontext()
        self._moves = 0
        self._numbers = 0
        self._open: dict[str, int] = {}
        # Names apart from items: dicts of nothing but text are no work for the garbage collector, objects of ours would be.
        self._sessions: OrderedDict[int, dict[str, None]] = OrderedDict()
        self._names: dict[int, str] = {}
        self._moved: dict[int, int] = {}
        self._newest: dict[str, dict[int, None]] = {}
        self._counts: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def view(self, name: str, item: str) -> None:
        """Take one view: `name` says which session, views come in their order."""
        with self._turn:
            number = self._number_of(name, item)
            items = self._sessions[number]
            if item not in items:
                items[item] = None
                self._counts[item] = self._counts.get(item, 0) + 1
            self._moves += 1
            self._moved[number] = self._moves
            self._sessions.move_to_end(number)
            for held in items:
                newest = self._newest.setdefault(held, {})
                newest.pop(number, None)
                newest[number] = None
                if len(newest) > self._sample:
                    del newest[next(iter(newest))]
            if len(self._sessions) > self._limit:
                self._forget(next(iter(self._sessions)))

    def put(self, name: str, items: Sequence[str]) -> None:
        """Take a session as it is now, whole, the latest posting last; without any it is forgotten."""
        with self._turn:
            number = self._open.get(name)
            if number is not None:
                self._forget(number)
            for item in items[-self._items_limit :]:
                self.view(name, item)

    def clear(self) -> None:
        """Forget everything."""
        with self._turn:
            self._open.clear()
            self._sessions.clear()
            self._names.clear()
            self._moved.clear()
            self._newest.clear()
            self._counts.clear()

    def next_items(self, viewed: Sequence[str]) -> list[Companion]:
        """Answer what comes after the postings viewed (the latest last), with scores, the best first and none of them."""
        with self._turn:
            recent = tuple(dict.fromkeys(reversed(viewed)))[:RECENT]
            lists = [self._newest.get(item, {}).keys() for item in recent]
            # All that follows in Python is about the newest only: sets sort out the others in a tenth of the time.
            newest = set(sorted(set().union(*lists), key=self._moved.__getitem__)[-self._sample :])
            likeness: dict[int, float] = {}
            latest: dict[int, int] = {}
            for position, numbers in enumerate(lists):
                weight = (len(recent) - position) / len(recent)
                for number in newest & numbers:
                    likeness[number] = likeness.get(number, 0.0) + weight
                    latest.setdefault(number, position)
            scores: dict[str, float] = {}
            beside: dict[str, int] = {}
            for number in self._best(likeness):
                shared = latest[number]
                said = likeness[number] * (1 - shared / RECENT)
                for item in self._sessions[number]:
                    if item in scores:
                        scores[item] += said
                    else:
                        scores[item], beside[item] = said, shared
            for item in recent:
                scores.pop(item, None)
            known, counts = len(self._sessions), self._counts
            # Pairs that sort by themselves: keys made in Python took half of all this time.
            found = sorted([(-score * log(known / counts[item]), item) for item, score in scores.items()])[:ANSWERS]
            return [Companion(item, -against, recent[beside[item]]) for against, item in found]

    def _best(self, likeness: dict[int, float]) -> list[int]:
        """Answer the nearest; of equally near ones those that moved last."""
        moved = self._moved
        return nlargest(self._nearest, likeness, key=lambda number: (likeness[number], moved[number]))

    def _number_of(self, name: str, item: str) -> int:
        """Answer the number of the session that takes the view: the open one, while there is room in it."""
        number = self._open.get(name)
        if number is not None:
            items = self._sessions[number]
            if item in items or len(items) < self._items_limit:
                return number
        self._numbers += 1
        self._open[name] = self._numbers
        self._names[self._numbers] = name
        self._sessions[self._numbers] = {}
        return self._numbers

    def _forget(self, number: int) -> None:
        name = self._names.pop(number)
        del self._moved[number]
        if self._open.get(name) == number:
            del self._open[name]
        for item in self._sessions.pop(number):
            self._counts[item] -= 1
            newest = self._newest[item]
            newest.pop(number, None)
            if not newest:
                del self._newest[item], self._counts[item]
