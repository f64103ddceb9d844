"""The likeliest occupations of a title, weighed once more by all signs together.

One layer of a network over the signs of each, learned so that the softmax of its scores is the probability of what is meant
(`making/second_look.py`). It sees what a sum of log-odds cannot: that a sign counts less where another says the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.understanding.counted import Floats
from catalog.understanding.near_titles import NearTitles
from catalog.understanding.runs import Places
from catalog.understanding.title_words import feature_key, title_words

LOOKED_AT = 24
"""So many occupations are looked at: the one that is meant is among them for 96 titles of 100, and of 40 no more come first."""
FIRST_SIGHT = 0
"""The column of signs with the logarithm of an occupation's probability at first sight."""
TITLE_SIGNS = 5
"""How many signs tell what a title is like."""
LEAST_CHANCE, LEAST_SHARE = 1e-12, 1e-4
"""Of an occupation, and of all that are of a group with it: so that their logarithms are bounded."""


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What sums of log-odds tell of a title."""

    chances: Floats
    """The probabilities at first sight."""
    signs: tuple[NDArray[np.floating], ...]
    """What they are made of: for each sign a value of each occupation."""
    by_family: Callable[[Places], Floats]
    """What each family of words says of some occupations, a row for each."""


class Signs:
    """All signs of the likely occupations of a title, by a taxonomy's table."""

    def __init__(self, table: Mapping[str, NDArray[Any]]) -> None:
        self._near = NearTitles(table)
        self._own = table["second_own"].astype(np.float64)
        self._levels = table["second_levels"].astype(np.intp)

    def of(self, title: str, first: FirstLook) -> tuple[Places, Floats, Floats]:
        """Answer the places of the likely ones, a row of signs for each, and what the title is like."""
        places = _likely(first.chances)
        chances = first.chances[places]
        levels = [np.bincount(level, first.chances)[level[places]] for level in self._levels]
        own = np.concatenate(
            [
                np.log(np.maximum(chances, LEAST_CHANCE))[:, None],
                first.by_family(places),
                np.array([sign[places] for sign in first.signs]).T,
                np.log(LEAST_SHARE + np.array(levels)).T,
                self._own[places],
                self._near.signs(title, places),
            ],
            axis=1,
        )
        words = title_words(title)
        like = [len(words), len(set(words)), "(" in title, np.square(first.chances).sum(), chances.max()]
        return places, own, np.array(like)


def learned_of(own: Floats, like: Floats) -> Floats:
    """Answer a row of what is learned for each occupation: its signs, how much less each is than the greatest, what its title is like."""
    return np.concatenate([own, own - own.max(axis=0), np.broadcast_to(like, (len(own), len(like)))], axis=1)


class SecondLook:
    """Signs, and what was learned of them.

    The network learned of titles that the table has not, so a title that it has, but for case, ranks and punctuation, is left as at
    first sight.
    """

    def __init__(self, table: Mapping[str, NDArray[Any]]) -> None:
        self._signs = Signs(table)
        self._known = np.append(table["known_titles"].astype(np.int64), 1 << 32)
        names = ("hidden", "bias", "out", "straight")
        hidden, self._bias, self._out, straight = (table[f"second_{name}"].astype(np.float64) for name in names)
        signs = (len(hidden) - TITLE_SIGNS) // 2
        self._less, self._like = hidden[signs : 2 * signs], hidden[2 * signs :]
        self._hidden = hidden[:signs] + self._less
        self._straight = straight[:signs] + straight[signs : 2 * signs]

    def chances(self, title: str, first: FirstLook) -> Floats:
        """Answer each occupation's probability: of the likely ones anew, of the others as at first sight."""
        if self._knows(title):
            return first.chances
        places, own, like = self._signs.of(title, first)
        # What all have in common is added up once: learned were signs beside by how much they are less than the greatest, and the title's.
        common = self._bias + like @ self._like - own.max(axis=0) @ self._less
        hidden = np.maximum(own @ self._hidden + common, 0.0)
        chances = first.chances.copy()
        chances[places] = chances[places].sum() * softmax(hidden @ self._out + own @ self._straight)
        return chances

    def _knows(self, title: str) -> bool:
        key = title_key(title)
        return bool(self._known[self._known.searchsorted(key)] == key)


def title_key(title: str) -> int:
    """Answer the number of a title's words in their order."""
    return feature_key(" ".join(title_words(title)))


def softmax(scores: Floats) -> Floats:
    chances: Floats = np.exp(scores - scores.max())
    chances /= chances.sum()
    return chances


def _likely(chances: Floats) -> Places:
    if len(chances) <= LOOKED_AT:
        return np.arange(len(chances))
    return np.argpartition(chances, -LOOKED_AT)[-LOOKED_AT:]
