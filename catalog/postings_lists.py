"""Inverted lists: for each value of a facet the rows that have it, newest first, kept so through every change."""

from array import array
from collections.abc import Iterable
from math import log1p

import numpy as np
from numpy.typing import NDArray

PAIRED = ("occupation", "category")
"""Dimensions that also have a list together with each place: place decides first, the kind of work second."""


class PostingList:
    """Rows by `order` ascending, so that the newest are the last. `order` is asked for, never kept."""

    __slots__ = ("_gone", "_unsorted", "rows")

    def __init__(self) -> None:
        self.rows = array("i")
        self._unsorted = False
        self._gone: set[int] | None = None

    def __len__(self) -> int:
        return len(self.rows) - (len(self._gone) if self._gone else 0)

    def add(self, row: int, order: NDArray[np.int64], *, lazily: bool) -> None:
        """Put a row in; `lazily` leaves the order to the first reading, which pays when many come at once."""
        if self._gone and row in self._gone:
            self._gone.discard(row)
            self._unsorted = True
            return
        rows = self.rows
        if not rows or self._unsorted or order[row] >= order[rows[-1]]:
            rows.append(row)
        elif lazily:
            rows.append(row)
            self._unsorted = True
        else:
            rows.insert(_position(rows, row, order), row)

    def remove(self, row: int, order: NDArray[np.int64]) -> None:
        """Take a row out; `order` must still say what it said when the row came in."""
        if self._unsorted:
            self._gone = self._gone or set()
            self._gone.add(row)
        else:
            at = _position(self.rows, row, order)
            del self.rows[self.rows.index(row, at)]

    def newest(self, count: int, order: NDArray[np.int64]) -> "array[int]":
        """Answer up to `count` rows, the newest last."""
        if self._unsorted or self._gone:
            self.settle(order)
        return self.rows[-count:]

    def spread(self, offset: int, count: int, order: NDArray[np.int64]) -> "array[int]":
        """Answer up to `count` rows spread evenly over the list, from a start that `offset` picks."""
        self.settle(order)
        rows, length = self.rows, len(self.rows)
        return array("i", dict.fromkeys(rows[(offset + at * length // count) % length] for at in range(count)))

    def settle(self, order: NDArray[np.int64]) -> None:
        """Put the list in order after lazy changes."""
        if not self._unsorted and not self._gone:
            return
        rows = np.frombuffer(self.rows, np.int32)
        if self._gone:
            rows = rows[~np.isin(rows, np.fromiter(self._gone, np.int32, len(self._gone)))]
        rows = rows[np.argsort(order[rows], kind="stable")]
        self.rows = array("i", rows.tobytes())
        self._gone, self._unsorted = None, False


class PostingsLists:
    """All lists by the code of their value, and the lists of a place together with an occupation or a category."""

    __slots__ = ("_lazily", "_lists", "_pairs", "everything", "frequency_log")

    def __init__(self) -> None:
        self._lists: dict[int, PostingList] = {}
        self._pairs: dict[int, PostingList] = {}
        self._lazily = True
        self.everything = PostingList()
        self.frequency_log = np.zeros(1024, np.float32)
        """log(1 + number of rows) of each code: inverse document frequency without a logarithm when deciding."""

    def add(self, row: int, codes: Iterable[int], pairs: Iterable[int], order: NDArray[np.int64]) -> None:
        for code in codes:
            self._count(code, self._into(self._lists, code, row, order))
        for pair in pairs:
            self._into(self._pairs, pair, row, order)
        self.everything.add(row, order, lazily=self._lazily)

    def remove(self, row: int, codes: Iterable[int], pairs: Iterable[int], order: NDArray[np.int64]) -> None:
        for code in codes:
            self._count(code, _out_of(self._lists, code, row, order))
        for pair in pairs:
            _out_of(self._pairs, pair, row, order)
        self.everything.remove(row, order)

    def of(self, code: int) -> PostingList | None:
        return self._lists.get(code)

    def of_pair(self, place: int, other: int) -> PostingList | None:
        return self._pairs.get(pair_key(place, other))

    def settle(self, order: NDArray[np.int64]) -> None:
        """Put every list in order and from now on keep it so: called once the catalogue has been read."""
        for lists in (self._lists, self._pairs):
            for rows in lists.values():
                rows.settle(order)
        self.everything.settle(order)
        self._lazily = False

    def _into(self, lists: dict[int, PostingList], key: int, row: int, order: NDArray[np.int64]) -> int:
        rows = lists.get(key)
        if rows is None:
            rows = lists[key] = PostingList()
        rows.add(row, order, lazily=self._lazily)
        return len(rows)

    def make_room(self, codes: int) -> NDArray[np.float32]:
        """Answer `frequency_log`, long enough for this many codes."""
        while codes > len(self.frequency_log):
            self.frequency_log = np.concatenate([self.frequency_log, np.zeros_like(self.frequency_log)])
        return self.frequency_log

    def _count(self, code: int, rows: int) -> None:
        self.make_room(code + 1)
        self.frequency_log[code] = log1p(rows)


def pair_key(place: int, other: int) -> int:
    return place << 32 | other


def _out_of(lists: dict[int, PostingList], key: int, row: int, order: NDArray[np.int64]) -> int:
    rows = lists[key]
    rows.remove(row, order)
    left = len(rows)
    if not left:
        del lists[key]
    return left


def _position(rows: "array[int]", row: int, order: NDArray[np.int64]) -> int:
    """Answer where a row of this order belongs, before its equals."""
    low, high, key = 0, len(rows), order[row]
    while low < high:
        middle = (low + high) // 2
        if order[rows[middle]] < key:
            low = middle + 1
        else:
            high = middle
    return low
