"""What the words of a title say of each occupation by how often its titles have them, in families of features that each weigh their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.understanding.runs import Places, within
from catalog.understanding.title_words import FAMILIES, GROUPED, feature_key

SHARPNESS = 12.0
"""Steps of a stored log-odds: 255 of them reach 21.25."""
_TELLING = ("stem", "quad")
"""A title of which neither a word nor a part of a word is known says nothing."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Family:
    """The log-odds of one family: for feature `keys[i]` the entries `starts[i]:starts[i + 1]`."""

    keys: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    occupations: NDArray[np.uint16]
    odds: NDArray[np.uint8]
    absent: NDArray[np.float32]
    """What a known feature says about an occupation that never has it: log(smoothing / (smoothing + titles))."""
    weight: NDArray[np.float32]
    """What the family weighs among the others: one number."""


class CountedWords:
    """All families of a taxonomy in one table, so that a title's features are looked up and added up at once."""

    def __init__(self, families: Mapping[str, Family], occupations: int, groups: Places) -> None:
        """`groups` are the places of the occupations' groups, of which the families of `GROUPED` tell."""
        self._names = tuple(families)
        self._weights = np.array([float(family.weight) for family in families.values()])
        self._telling = np.array([name in _TELLING for name in families])
        self._grouped = np.flatnonzero([name in GROUPED for name in families])
        self._groups = groups
        kept = list(families.values())
        sizes = np.cumsum([0, *(len(family.occupations) for family in kept)])
        numbers = [
            (np.uint64(place) << np.uint64(32)) | family.keys.astype(np.uint64) for place, family in enumerate(kept)
        ]
        # Behind the last key one that nothing has, for what is looked up may come after all.
        self._keys = np.append(np.concatenate(numbers), ~np.uint64(0))
        self._families = np.append((self._keys[:-1] >> np.uint64(32)).astype(np.intp), 0)
        starts = [family.starts[:-1].astype(np.intp) + size for family, size in zip(kept, sizes, strict=False)]
        self._starts = np.concatenate([*starts, sizes[-1:]])
        self._sizes = np.append(np.diff(self._starts), 0)
        self._places = np.concatenate([family.occupations for family in kept])
        self._odds = np.concatenate([family.odds for family in kept])
        self._absent = np.zeros((len(kept), occupations))
        for row, family in zip(self._absent, kept, strict=True):
            row[: len(family.absent)] = family.absent

    def found(self, features: Mapping[str, list[str]]) -> Floats | None:
        """Answer what a title's features say, a row for each family, a column for each occupation; None where none that tells is known."""
        asked = [
            (place << 32) | feature_key(feature)
            for place, name in enumerate(self._names)
            for feature in features[GROUPED.get(name, name)]
        ]
        keys = np.array(asked, np.uint64)
        at = self._keys.searchsorted(keys)
        at = at[self._keys[at] == keys]
        families, sizes = self._families[at], self._sizes[at]
        counts = np.bincount(families, minlength=len(self._names))
        if not counts[self._telling].any():
            return None
        entries = within(self._starts[at], sizes)
        cells = (families * self._absent.shape[1]).repeat(sizes) + self._places[entries]
        odds: Floats = (
            np.bincount(cells, self._odds[entries], self._absent.size).reshape(self._absent.shape) / SHARPNESS
        )
        odds += counts[:, None] * self._absent
        if len(self._grouped):
            odds[self._grouped] = odds[self._grouped][:, self._groups]
        return odds

    def scores(self, odds: Floats) -> Floats:
        """Answer the sums over all families, each weighed."""
        summed: Floats = self._weights @ odds
        return summed


def read_families(table: Mapping[str, NDArray[Any]]) -> Mapping[str, Family]:
    """Answer the families of a table that `making/titles.py` packed."""
    parts = ("keys", "starts", "occupations", "odds", "absent", "weight")
    return {
        name: Family(*[table[f"{name}.{part}"] for part in parts])
        for name in (*FAMILIES, *GROUPED)
        if f"{name}.keys" in table
    }
