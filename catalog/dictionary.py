"""Strings as small numbers: each (dimension, value) of the catalogue has one code, and a code finds its value again."""

import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

DIMENSIONS: tuple[str, ...] = (
    "occupation", "employer", "seniority", "workplace", "pay", "region", "occupation_code", "minor_group", "major_group",
    "employment", "place", "category", "skill", "term",
)  # fmt: skip
"""What a posting is described by. `region` stands behind `place`; `term` is a word of the title."""

NOTHING = 0
"""The code of no value: it pads the columns, and every table keeps a zero there."""

_KINDS = {dimension: position for position, dimension in enumerate(DIMENSIONS)}
_FIRST_CAPACITY = 1024


@dataclass(slots=True)
class Dictionary:
    """Codes are handed out in the order of arrival, so no choice may depend on which is smaller; `tie` is for that."""

    _codes: dict[tuple[str, str], int] = field(default_factory=dict)
    _labels: list[str] = field(default_factory=lambda: [""])
    _dimensions: list[str] = field(default_factory=lambda: [""])
    _spellings: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    _kinds: NDArray[np.int64] = field(default_factory=lambda: np.full(_FIRST_CAPACITY, len(DIMENSIONS)))
    _ties: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_FIRST_CAPACITY, np.int64))

    def __len__(self) -> int:
        return len(self._labels)

    def code(self, dimension: str, value: str) -> int:
        """Answer the value's code, a new one if need be; the empty value is NOTHING."""
        known = self._codes.get((dimension, value))
        if known is not None:
            return known
        return self._add(dimension, value) if value else NOTHING

    def find(self, dimension: str, value: str) -> int:
        """Answer the code of exactly this value, NOTHING when the catalogue never had it."""
        return self._codes.get((dimension, value), NOTHING)

    def matching(self, dimension: str, value: str) -> tuple[int, ...]:
        """Answer the codes of a value as a person writes it: in any case, a town with or without its region."""
        return self._spellings.get((dimension, value.strip().casefold()), ())

    @property
    def labels(self) -> list[str]:
        """The value of each code; not to be changed."""
        return self._labels

    def label(self, code: int) -> str:
        return self._labels[code]

    def dimension(self, code: int) -> str:
        return self._dimensions[code]

    def codes_of(self, dimension: str) -> list[int]:
        """Answer every code of a dimension."""
        return [code for code, of in enumerate(self._dimensions) if of == dimension]

    @property
    def kinds(self) -> NDArray[np.int64]:
        """The position in DIMENSIONS of each code's dimension; len(DIMENSIONS) for what is no facet."""
        return self._kinds

    @property
    def ties(self) -> NDArray[np.int64]:
        """A number below 2**32 for each code, made of the value alone: the same in every process."""
        return self._ties

    def _add(self, dimension: str, value: str) -> int:
        code = len(self._labels)
        self._labels.append(value)
        self._dimensions.append(dimension)
        self._codes[dimension, value] = code
        for spelling in _spellings(dimension, value.strip().casefold()):
            self._spellings[spelling] = (*self._spellings.get(spelling, ()), code)
        if code >= len(self._ties):
            self._ties = np.concatenate([self._ties, np.zeros_like(self._ties)])
            self._kinds = np.concatenate([self._kinds, np.full_like(self._kinds, len(DIMENSIONS))])
        self._kinds[code] = _KINDS.get(dimension, len(DIMENSIONS))
        self._ties[code] = zlib.crc32(f"{dimension}\0{value}".encode())
        return code


def _spellings(dimension: str, value: str) -> list[tuple[str, str]]:
    town = value.split(",", 1)[0]
    return [(dimension, value)] if dimension != "place" or town == value else [(dimension, value), (dimension, town)]
