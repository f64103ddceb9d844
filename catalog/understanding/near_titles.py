"""How near a title comes to the titles of an occupation, one by one: counted words forget which of them stood together.

A title is the sum of its words, a word that of what it is made of (parts of four letters, or its stem), each by how few titles have it.
Two titles are as near as the cosine of these sums; words are taken to share nothing where their lengths are added up.
"""

from collections.abc import Callable, Mapping
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
    """All titles of one taxonomy, as numbers of words, those of an occupation side by side.

    Kept in few bytes: between two titles other tables fill the processor's cache.
    """

    def __init__(self, table: Mapping[str, NDArray[Any]]) -> None:
        self._titles = _starts(table["near_titles"])
        """Where the titles of each occupation begin."""
        self._reported = table["near_reported"]
        self._lengths = table["near_lengths"]
        self._starts = _starts(table["near_lengths"])
        """Where the words of each title begin."""
        self._words = table["near_words"]
        self._parts = _Parts(table, int(self._words.max()) + 1)
        squares = np.add.reduceat(self._parts.lengths[:, self._words], self._starts[:-1], axis=1)
        self._scales = (1 / np.sqrt(np.maximum(squares, 1e-9))).astype(np.float32)

    def signs(self, title: str, places: Places) -> Floats:
        """Answer how near the titles of these occupations come, a row for each.

        By each way of comparing: the nearest, the nearest of the reported, and of both all together, the near before the far.
        """
        first, behind = self._titles[places], self._titles[places + 1]
        sizes, words = behind - first, within(self._starts[first], self._starts[behind] - self._starts[first])
        titles = within(first, sizes)
        lengths = self._lengths[titles].astype(np.intp)
        of_words, of_titles = lengths.cumsum() - lengths, sizes.cumsum() - sizes
        likeness = self._parts.likeness(title).take(self._words.take(words), axis=1)
        near = np.add.reduceat(likeness, of_words, axis=1) * self._scales.take(titles, axis=1)
        told, squares = self._reported[titles], near * near
        signs = (
            np.maximum.reduceat(near, of_titles, axis=1),
            np.maximum.reduceat(near * told, of_titles, axis=1),
            np.log(1e-3 + np.add.reduceat(squares * squares, of_titles, axis=1)),
            np.log(1e-2 + np.add.reduceat(squares * told, of_titles, axis=1)),
        )
        return np.stack(signs, axis=1).reshape(-1, len(places)).T


class _Parts:
    """What the known words are made of, in each way: which words have a part, and how few titles do."""

    def __init__(self, table: Mapping[str, NDArray[Any]], words: int) -> None:
        self._shape = len(MADE_OF), words
        keys = [(way << 32) | table[f"{name}.keys"].astype(np.int64) for way, name in enumerate(MADE_OF)]
        # Behind the last key one that nothing has, for what is looked up may come after all.
        self._keys = np.append(np.concatenate(keys), len(MADE_OF) << 32)
        self._sizes = np.concatenate([table[f"{name}.sizes"].astype(np.intp) for name in MADE_OF])
        self._starts = _starts(self._sizes)
        numbers = [way * words + table[f"{name}.words"].astype(np.intp) for way, name in enumerate(MADE_OF)]
        self._words = np.concatenate(numbers).astype(np.int32)
        squares = [table[f"{name}.rarity"].astype(np.float64) ** 2 for name in MADE_OF]
        self._squares = np.concatenate([*squares, [0.0]])
        self._unknown = np.array([each.max() for each in squares])
        summed = np.bincount(self._words, self._squares[:-1].repeat(self._sizes), len(MADE_OF) * words)
        self.lengths = summed.astype(np.float64).reshape(self._shape)
        """The square of each word's length, by way."""

    def likeness(self, title: str) -> Floats:
        """Answer the product of a title, made as long as 1, with each known word, by way."""
        words = dict.fromkeys(title_words(title))
        parts = [
            (way << 32) | feature_key(part)
            for way, made_of in enumerate(MADE_OF.values())
            for word in words
            for part in made_of(word)
        ]
        asked = np.array(parts, np.int64)
        at, ways = self._keys.searchsorted(asked), asked >> 32
        known = self._keys[at] == asked
        length = np.bincount(ways, np.where(known, self._squares[at], self._unknown[ways]), self._shape[0])
        at = at[known]
        sizes = self._sizes[at]
        having = self._words[within(self._starts[at], sizes)]
        found = np.bincount(having, self._squares[at].repeat(sizes), self._shape[0] * self._shape[1])
        likeness: Floats = found.reshape(self._shape) / np.sqrt(np.maximum(length, 1e-9))[:, None]
        return likeness


def _starts(sizes: NDArray[Any]) -> Places:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.intp)])
