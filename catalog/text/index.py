"""Documents ranked for a query, exactly: BM25 over stems, and the likeness of static vectors, changed in place."""

from array import array
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from math import log

import numpy as np
from numpy.typing import NDArray

from catalog.text.meanings import Meanings, direction_of
from catalog.text.vectors import StaticVectors, shipped_vectors
from catalog.text.words import stem, words

WORDS_LIMIT = 400
"""How many words of a document are read: what stands behind them is about the employer."""
QUERY_LIMIT = 16
K1, B = 1.6, 0.5
USUAL_LENGTH = 300
"""Lengths are compared with this and not with a mean, so that a posting that comes changes no other's weights."""
TITLE_MENTIONS = 3
"""A word of the title counts as if the text had it so often."""
LIKENESS_WEIGHT = 0.1
"""What likeness (-1 to 1) weighs beside words (0 to 1): tuned on half of the titles of `make quality`."""
ALIKE = 0.5
"""The likeness from which a document suits a query of which it has no word: one in 300 does by chance."""
EXACT_LIMIT = 250_000
"""Above so many rows likeness only orders what was found by words."""
_STEPS = 255
_LEAST = np.float32(1e-6)


@dataclass(slots=True)
class _Mentions:
    """The documents that have a stem, by row, and how much it is of each: up to 255."""

    rows: "array[int]" = field(default_factory=lambda: array("i"))
    shares: "array[int]" = field(default_factory=lambda: array("B"))

    def add(self, row: int, share: int) -> None:
        if not self.rows or row > self.rows[-1]:
            self.rows.append(row)
            self.shares.append(share)
            return
        place = bisect_left(self.rows, row)
        self.rows.insert(place, row)
        self.shares.insert(place, share)

    def remove(self, row: int) -> None:
        place = bisect_left(self.rows, row)
        del self.rows[place], self.shares[place]


class TextIndex:
    """Rows are the caller's. Equal documents give equal scores, whatever came and went before."""

    def __init__(self, vectors: StaticVectors | None = None) -> None:
        self._vectors = vectors
        self._codes: dict[str, int] = {}
        self._mentions: list[_Mentions] = []
        self._stems_of: dict[int, array[int]] = {}
        self._meanings = Meanings()

    def __len__(self) -> int:
        return len(self._stems_of)

    def put(self, row: int, title: str, text: str) -> None:
        """Take a document, in place of what the row had."""
        self.remove(row)
        titled, said = words(title), words(text)[:WORDS_LIMIT]
        counted = Counter(map(stem, said))
        for word in map(stem, titled):
            counted[word] += TITLE_MENTIONS
        short = K1 * (1 - B + B * counted.total() / USUAL_LENGTH)
        codes = array("i", [self._codes.setdefault(word, len(self._codes)) for word in counted])
        self._mentions += [_Mentions() for _ in range(len(self._codes) - len(self._mentions))]
        for code, count in zip(codes, counted.values(), strict=True):
            self._mentions[code].add(row, round(_STEPS * count / (count + short)))
        self._stems_of[row] = codes
        self._meanings.put(row, self._known_vectors().of([*titled, *said]))

    def remove(self, row: int) -> None:
        """Forget a row's document; a row that has none stays so."""
        for code in self._stems_of.pop(row, ()):
            self._mentions[code].remove(row)

    def scores(self, query: str, capacity: int) -> NDArray[np.float32]:
        """Answer how well each row below `capacity` suits a query, 0 where not at all."""
        scores = self.by_words(query, capacity)
        rows = np.flatnonzero(scores) if len(self) > EXACT_LIMIT else np.fromiter(self._stems_of, np.int64, len(self))
        alike = self._cosines(query, rows)
        suits = (scores[rows] > 0) | (alike >= ALIKE)
        both = np.maximum(scores[rows] + np.float32(LIKENESS_WEIGHT) * alike, _LEAST)
        scores[rows] = np.where(suits, both, np.float32(0))
        return scores

    def by_words(self, query: str, capacity: int) -> NDArray[np.float32]:
        """Answer what share of the query's words each row has, the rare ones counting most; 0 for none."""
        scores = np.zeros(capacity, np.float32)
        most = 0.0
        for word in dict.fromkeys(map(stem, _asked(query))):
            code = self._codes.get(word)
            mentions = _Mentions() if code is None else self._mentions[code]
            count = len(mentions.rows)
            rarity = log(1 + (len(self) - count + 0.5) / (count + 0.5))
            most += rarity
            if count:
                shares = np.frombuffer(mentions.shares, np.uint8) * np.float32(rarity / _STEPS)
                scores[np.frombuffer(mentions.rows, np.int32)] += shares
        return scores / np.float32(most) if most else scores

    def by_likeness(self, query: str, capacity: int) -> NDArray[np.float32]:
        """Answer the cosine of each row's meaning with the query's."""
        rows = np.fromiter(self._stems_of, np.int64, len(self))
        scores = np.zeros(capacity, np.float32)
        scores[rows] = self._cosines(query, rows)
        return scores

    def _cosines(self, query: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        (found,) = self._meanings.cosines([direction_of(self._known_vectors().of(_asked(query)))], rows)
        return found

    def _known_vectors(self) -> StaticVectors:
        if self._vectors is None:
            self._vectors = shipped_vectors()
        return self._vectors


def _asked(query: str) -> list[str]:
    return words(query)[:QUERY_LIMIT]
