"""Session neighbours (VMIS-kNN, Serenade, SIGMOD 2022) over sessions as they happen: what others looked at next to the same postings."""

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain, repeat
from operator import neg
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorers.runs import begins

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

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_PLACE, _NUMBER, _NEARNESS, _SCORE = 4, 40, 6, 31
"""Bits of what is packed into one whole number, the person above all else: one column sorts in a tenth of the time of several."""
_CODE_BYTES = 4
_AT_ONCE = 16
"""People whose sessions are compared at once: their table fits the processor's cache, and who waits for their turn waits 1 ms."""
_MOST = RECENT * (RECENT + 1) // 2
"""The greatest likeness."""


class Companion(NamedTuple):
    """A posting that others looked at too; `beside` is which of the viewed ones the nearest of them looked at."""

    item: str
    score: float
    beside: str


class _Near(NamedTuple):
    """Columns by session compared, the person's nearest first: whose, its number, what it says and the place of what is shared last."""

    person: Ints
    number: Ints
    said: Floats
    place: Ints


class Sessions:
    """The index. The same views in the same order make equal answers; what it holds is bounded by the limits above.

    Where one thread asks while another tells of views, `turn` is a lock that a thread may take twice.

    Comparing the sessions remembered for each posting misses none that comparing all would take: a session that left a
    posting's list has SAMPLE newer ones there, so it is not among the SAMPLE newest of all. Where newer ones were put again
    without the posting or forgotten, it is missed until it moves.
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
        # A session's number is that of its latest move; `_sessions` has the codes of its items, packed. Dicts of nothing but
        # numbers, text and bytes are no work for the garbage collector, objects of ours would be.
        self._sessions: OrderedDict[int, bytes] = OrderedDict()
        self._names: dict[int, str] = {}
        self._open: dict[str, int] = {}
        self._newest: dict[str, dict[int, None]] = {}
        self._codes: dict[str, int] = {}
        self._items: list[str] = []
        self._counts = array("q")
        self._spare: list[int] = []

    def __len__(self) -> int:
        return len(self._sessions)

    def view(self, name: str, item: str) -> None:
        """Take one view: `name` says which session, views come in their order."""
        with self._turn:
            number = self._open.get(name)
            held = [] if number is None else self._held(number)
            if number is not None and (item in held or len(held) < self._items_limit):
                self._forget(number)
                self._remember(name, [*held, item])
            else:
                self._remember(name, [item])

    def put(self, name: str, items: Sequence[str]) -> None:
        """Take a session as it is now, whole, the latest posting last; without any it is forgotten."""
        with self._turn:
            number = self._open.get(name)
            if number is not None:
                self._forget(number)
            if items:
                self._remember(name, items[-self._items_limit :])

    def clear(self) -> None:
        """Forget everything."""
        with self._turn:
            for kept in (self._sessions, self._names, self._open, self._newest, self._codes, self._items, self._spare):
                kept.clear()
            self._counts = array("q")

    def next_items(self, viewed: Sequence[str]) -> list[Companion]:
        """Answer what comes after the postings viewed (the latest last), with scores, the best first and none of them."""
        return [Companion(*found) for found in self.next_items_of([viewed])[0]]

    def next_items_of(self, everybody: Sequence[Sequence[str]]) -> list[Iterator[tuple[str, float, str]]]:
        """Answer for each person the members of what comes after the postings viewed.

        Columns of several people take a third of the time of dicts of each.
        """
        answers: list[Iterator[tuple[str, float, str]]] = []
        for start in range(0, len(everybody), _AT_ONCE):
            viewed = [tuple(dict.fromkeys(reversed(each))) for each in everybody[start : start + _AT_ONCE]]
            recent = [items[:RECENT] for items in viewed]
            with self._turn:
                shared = self._shared(recent)
                if not len(shared):
                    answers += [iter(()) for _ in viewed]
                    continue
                near = self._nearest_of(shared, np.array(list(map(len, recent)), np.int64))
                answers += self._answers(near, viewed)
        return answers

    def _shared(self, recent: Sequence[Sequence[str]]) -> Ints:
        """Answer who shares what with whom: person, session and the place of the viewed posting, packed and sorted."""
        heads: list[int] = []
        lists: list[dict[int, None]] = []
        for person, items in enumerate(recent):
            for place, item in enumerate(items):
                if newest := self._newest.get(item):
                    heads.append(person << _NUMBER + _PLACE | place)
                    lists.append(newest)
        lengths = list(map(len, lists))
        numbers = np.fromiter(chain.from_iterable(lists), np.int64, sum(lengths))
        return np.sort(np.array(heads, np.int64).repeat(lengths) | numbers << _PLACE)

    def _nearest_of(self, shared: Ints, viewed: Ints) -> _Near:
        """Answer the sessions that speak: of each person's newest ones the nearest, of equally near ones those that moved last."""
        at = begins(shared >> _PLACE)
        # In whole numbers, so that equally near is exactly that: the n viewed ones weigh n, n - 1, n - 2 …
        likeness = np.add.reduceat(viewed[shared >> _NUMBER + _PLACE] - (shared & _low(_PLACE)), at)
        first = shared[at]
        person = first >> _NUMBER + _PLACE
        newest = np.flatnonzero(np.arange(len(first)) >= _ends(person, len(viewed))[person] - self._sample)
        # What sorts from the nearest to the farthest, then from the newest to the oldest, and takes the place along.
        older = (first[newest] ^ _low(_NUMBER) << _PLACE) & _low(_NUMBER + _PLACE)
        against = (_MOST - likeness[newest]) << _NUMBER + _PLACE | older
        near = np.sort(person[newest] << _NEARNESS + _NUMBER + _PLACE | against)
        person = near >> _NEARNESS + _NUMBER + _PLACE
        if self._nearest < self._sample:
            rank = np.arange(len(person)) - _starts(person, len(viewed))[person]
            nearest = np.flatnonzero(rank < self._nearest)
            near, person = near[nearest], person[nearest]
        place = near & _low(_PLACE)
        alike = (_MOST - (near >> _NUMBER + _PLACE & _low(_NEARNESS))) / viewed[person]
        return _Near(person, ~near >> _PLACE & _low(_NUMBER), alike * (1 - place / RECENT), place)

    def _answers(self, near: _Near, viewed: Sequence[Sequence[str]]) -> list[Iterator[tuple[str, float, str]]]:
        """Answer what the sessions speak of, person by person, without the person's own."""
        people, packed = len(viewed), [self._sessions[number] for number in near.number.tolist()]
        codes, lengths = np.frombuffer(b"".join(packed), np.int32), np.array(list(map(len, packed))) // _CODE_BYTES
        concerned, local = _localised(codes, len(self._items))
        width = len(concerned)
        cells = (near.person * width).repeat(lengths) + local[codes]
        # A table of people by the items that concern anybody: sorting the cells took thrice as long.
        said = np.bincount(cells, near.said.repeat(lengths), people * width)
        person, code = self._own(viewed)
        said[(person * width + local[code])[concerned[local[code]] == code]] = 0.0
        # The nearest session writes last.
        place = np.empty(people * width, np.int64)
        place[cells[::-1]] = near.place.repeat(lengths)[::-1]
        (cell,) = (said > 0).nonzero()
        person = cell // width
        code = concerned[cell - person * width]
        score = said[cell] * np.log(len(self._sessions) / np.frombuffer(self._counts, np.int64)[code])
        best = _best(person, score, people)
        names = [self._items[each] for each in code[best].tolist()]
        found = list(zip((-score[best]).tolist(), names, place[cell[best]].tolist(), strict=True))
        ends = _ends(person[best], people).tolist()
        return [
            _told(sorted(found[begin:end])[:ANSWERS], items)
            for begin, end, items in zip([0, *ends], ends, viewed, strict=False)
        ]

    def _own(self, viewed: Sequence[Sequence[str]]) -> tuple[Ints, Ints]:
        """Answer person and code of everybody's own postings, as far as they are remembered."""
        lengths = list(map(len, viewed))
        codes = np.fromiter(map(self._codes.get, chain.from_iterable(viewed), repeat(-1)), np.int64, sum(lengths))
        known = codes >= 0
        return np.arange(len(viewed)).repeat(lengths)[known], codes[known]

    def _held(self, number: int) -> list[str]:
        return [self._items[code] for code in memoryview(self._sessions[number]).cast("i")]

    def _remember(self, name: str, items: Iterable[str]) -> None:
        """Take a session that moves now."""
        self._moves = number = self._moves + 1
        codes = array("i")
        for item in dict.fromkeys(items):
            code = self._codes.get(item)
            if code is None:
                code = self._new_code(item)
            codes.append(code)
            self._counts[code] += 1
            newest = self._newest[item]
            newest[number] = None
            if len(newest) > self._sample:
                del newest[next(iter(newest))]
        self._sessions[number], self._names[number], self._open[name] = codes.tobytes(), name, number
        if len(self._sessions) > self._limit:
            self._forget(next(iter(self._sessions)))

    def _new_code(self, item: str) -> int:
        if self._spare:
            code = self._spare.pop()
            self._items[code] = item
        else:
            code = len(self._items)
            self._items.append(item)
            self._counts.append(0)
        self._codes[item], self._newest[item] = code, {}
        return code

    def _forget(self, number: int) -> None:
        name = self._names.pop(number)
        if self._open.get(name) == number:
            del self._open[name]
        for code in memoryview(self._sessions.pop(number)).cast("i"):
            item = self._items[code]
            self._counts[code] -= 1
            self._newest[item].pop(number, None)
            if not self._counts[code]:
                del self._newest[item], self._codes[item]
                self._spare.append(code)


def _told(found: Sequence[tuple[float, str, int]], viewed: Sequence[str]) -> Iterator[tuple[str, float, str]]:
    if not found:
        return iter(())
    against, items, places = zip(*found, strict=True)
    return zip(items, map(neg, against), map(viewed.__getitem__, places), strict=True)


def _best(person: Ints, score: Floats, people: int) -> Ints:
    """Answer where each person's ANSWERS best scores stand, and whatever is as good as the last in single precision."""
    grade = _low(_SCORE) - score.astype(np.float32).view(np.int32)
    order = (person << _SCORE | grade).argsort()
    starts, ends = _starts(person, people), _ends(person, people)
    ranked = grade[order]
    last = np.minimum(starts[person] + ANSWERS, ends[person]) - 1
    best: Ints = order[ranked <= ranked[last]]
    return best


def _localised(codes: NDArray[np.int32], size: int) -> tuple[Ints, Ints]:
    """Answer the different codes, and where each stands among them."""
    there = np.zeros(size, np.bool_)
    there[codes] = True
    (concerned,) = there.nonzero()
    local = np.zeros(size, np.int64)
    local[concerned] = np.arange(len(concerned))
    return concerned, local


def _starts(person: Ints, people: int) -> Ints:
    """Answer where each person's begin; `person` is sorted."""
    starts: Ints = person.searchsorted(np.arange(people))
    return starts


def _ends(person: Ints, people: int) -> Ints:
    """Answer where each person's end; `person` is sorted."""
    ends: Ints = person.searchsorted(np.arange(people), side="right")
    return ends


def _low(bits: int) -> int:
    """Answer the lowest bits, all set."""
    return (1 << bits) - 1
