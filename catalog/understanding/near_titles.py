"""How near a title comes to the titles of an occupation, one by one: counted words forget which of them stood together.

A title is the sum of its words, a word that of what it is made of (parts of four letters, or its stem), each by how few titles have it.
Two titles are as near as the cosine of these sums; words are taken to share nothing where their lengths are added up.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.understanding.runs import Places, within
from catalog.understanding.title_words import feature_key, stem, title_words, word_parts

Floats = NDArray[np.float64]


def _stems(word: str) -> list[str]:
    return [stem(word)]


MADE_OF: Mapping[str, Callable[[str], list[str]]] = {"near_quad": word_parts, "near_stem": _stems}
"""What words are compared by: the name of its arrays, and what a word is made of."""


class NearTitles:
    """All titles of one taxonomy, as numbers of words, those of an occupation side by side."""

    def __init__(self, table: Mapping[str, NDArray[Any]]) -> None:
        self._titles = _starts(table["near_titles"])
        """Where the titles of each occupation begin."""
        self._reported = table["near_reported"].astype(np.float64)
        self._starts = _starts(table["near_lengths"])
        """Where the words of each title begin."""
        self._words = table["near_words"].astype(np.intp)
        self._made_of = {name: _Parts(table, name, int(self._words.max()) + 1) for name in MADE_OF}
        self._scales = {
            name: 1 / np.sqrt(np.maximum(np.add.reduceat(parts.lengths[self._words], self._starts[:-1]), 1e-9))
            for name, parts in self._made_of.items()
        }

    def signs(self, title: str, places: Places) -> Floats:
        """Answer how near the titles of these occupations come, a row for each.

        By each way of comparing: the nearest, the nearest of the reported, and of both all together, the near before the far.
        """
        sizes = self._titles[places + 1] - self._titles[places]
        titles = within(self._titles[places], sizes)
        lengths = self._starts[titles + 1] - self._starts[titles]
        words = self._words[within(self._starts[titles], lengths)]
        told = self._reported[titles]
        bounds = lengths.cumsum() - lengths, sizes.cumsum() - sizes
        asked = list(dict.fromkeys(title_words(title)))
        signs = []
        for name, parts in self._made_of.items():
            likeness = parts.likeness([each for word in asked for each in MADE_OF[name](word)])
            near = np.add.reduceat(likeness[words], bounds[0]) * self._scales[name][titles]
            reported, squares = near * told, near * near
            signs += [
                np.maximum.reduceat(near, bounds[1]),
                np.maximum.reduceat(reported, bounds[1]),
                np.log(1e-3 + np.add.reduceat(squares * squares, bounds[1])),
                np.log(1e-2 + np.add.reduceat(squares * told, bounds[1])),
            ]
        return np.stack(signs, axis=1)


class _Parts:
    """What the known words are made of, by part: which words have it, and how few titles do."""

    def __init__(self, table: Mapping[str, NDArray[Any]], name: str, words: int) -> None:
        self._keys = np.append(table[f"{name}.keys"].astype(np.int64), 1 << 32)
        self._starts = _starts(table[f"{name}.sizes"])
        self._words = table[f"{name}.words"].astype(np.intp)
        self._rarity = table[f"{name}.rarity"].astype(np.float64)
        self._unknown = float(self._rarity.max())
        squares = np.repeat(self._rarity**2, np.diff(self._starts))
        self._count = words
        self.lengths = np.bincount(self._words, squares, words)
        """The square of each word's length."""

    def likeness(self, parts: Sequence[str]) -> Floats:
        """Answer the product of what is asked, made as long as 1, with each known word."""
        keys = np.array([feature_key(part) for part in parts], np.int64)
        at = self._keys.searchsorted(keys)
        at = at[self._keys[at] == keys]
        squares = self._rarity[at] ** 2
        length = squares.sum() + (len(parts) - len(at)) * self._unknown**2
        sizes = self._starts[at + 1] - self._starts[at]
        words = self._words[within(self._starts[at], sizes)]
        found: Floats = np.bincount(words, squares.repeat(sizes), self._count) / max(math.sqrt(length), 1e-9)
        return found


def _starts(sizes: NDArray[Any]) -> Places:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.intp)])
