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


@dataclass(frozen=True, slots=True)
class Found:
    """What is told by a title's features; an entry for each feature and each occupation or group that has it."""

    families: Places
    """The family of each feature that is known."""
    sizes: Places
    """How many entries each of them has, which are those below."""
    columns: Places
    odds: NDArray[np.uint8]


class CountedWords:
    """All families of a taxonomy in one table, so that a title's features are looked up and added up at once.

    Groups stand behind the occupations, where a family tells of groups.
    """

    def __init__(self, families: Mapping[str, Family], groups: Places) -> None:
        """`groups` are the places of the occupations' groups, of which the families of `GROUPED` tell."""
        self._names = tuple(families)
        self._weights = np.array([float(family.weight) / SHARPNESS for family in families.values()])
        self._telling = np.array([name in _TELLING for name in families])
        self._is_grouped = np.array([name in GROUPED for name in families])
        self._groups = len(groups) + groups
        shifts = len(groups) * self._is_grouped
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
        self._columns = np.concatenate(
            [family.occupations + np.uint16(shift) for family, shift in zip(kept, shifts, strict=True)]
        )
        self._odds = np.concatenate([family.odds for family in kept])
        self._absent = np.zeros((len(kept), len(groups) + self._is_grouped.any() * (int(groups.max()) + 1)))
        for row, family, shift in zip(self._absent, kept, shifts, strict=True):
            row[shift : shift + len(family.absent)] = family.absent

    def found(self, features: Mapping[str, list[str]]) -> Found | None:
        """Answer what the table has of a title's features, None where nothing of it tells anything."""
        asked = [
            (place << 32) | feature_key(feature)
            for place, name in enumerate(self._names)
            for feature in features[GROUPED.get(name, name)]
        ]
        keys = np.array(asked, np.uint64)
        at = self._keys.searchsorted(keys)
        at = at[self._keys[at] == keys]
        families, sizes = self._families[at], self._sizes[at]
        if not self._telling[families].any():
            return None
        entries = within(self._starts[at], sizes)
        return Found(families, sizes, self._columns[entries], self._odds[entries])

    def scores(self, found: Found) -> Floats:
        """Answer the sum of all weighed log-odds for each occupation."""
        counts = np.bincount(found.families, minlength=len(self._names))
        scores: Floats = (counts * self._weights * SHARPNESS) @ self._absent
        odds = found.odds * self._weights[found.families].repeat(found.sizes)
        scores += np.bincount(found.columns, odds, len(scores))
        return scores[: len(self._groups)] + scores[self._groups] if self._is_grouped.any() else scores

    def by_family(self, found: Found, places: Places) -> Floats:
        """Answer the log-odds of some occupations, not weighed: a row for each, and a column for each family."""
        families, width = self._absent.shape
        cells = (found.families * width).repeat(found.sizes) + found.columns
        odds = np.bincount(cells, found.odds, self._absent.size).reshape(families, width)
        columns = np.where(self._is_grouped, self._groups[places, None], places[:, None])
        rows = np.arange(families)
        counts = np.bincount(found.families, minlength=families)
        answer: Floats = odds[rows, columns] / SHARPNESS + counts * self._absent[rows, columns]
        return answer


def read_families(table: Mapping[str, NDArray[Any]]) -> Mapping[str, Family]:
    """Answer the families of a table that `making/titles.py` packed."""
    parts = ("keys", "starts", "occupations", "odds", "absent", "weight")
    return {
        name: Family(*[table[f"{name}.{part}"] for part in parts])
        for name in (*FAMILIES, *GROUPED)
        if f"{name}.keys" in table
    }
