"""The catalogue as columns: what ranking and rules read of a posting, one numpy row each, with room to spare."""

import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from math import log, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.dictionary import NOTHING, Dictionary
from catalog.pay import middle_of, pay_band
from catalog.postings_lists import PAIRED, pair_key
from catalog.terms import terms
from schemas.jobs import EMPLOYMENT_TYPES, WORKPLACES, Job, Place

SLOTS: dict[str, slice] = {
    "occupation": slice(0, 1), "employer": slice(1, 2), "seniority": slice(2, 3), "workplace": slice(3, 4),
    "pay": slice(4, 5), "region": slice(5, 6), "occupation_code": slice(6, 7), "minor_group": slice(7, 8),
    "major_group": slice(8, 9), "employment": slice(9, 11), "place": slice(11, 14), "category": slice(14, 16),
    "skill": slice(16, 26), "term": slice(26, 32),
}  # fmt: skip
"""Where a row of `facets` keeps the codes of each dimension; NOTHING fills what a posting leaves empty."""

FACET_WIDTH = 32
PLACES = 3
MUST_HAVES = 4
REGIONS = 4
FOREVER = np.iinfo(np.int64).max
"""`valid_through` of a posting that does not expire."""

EMPLOYMENT_BIT = {name: 1 << position for position, name in enumerate(EMPLOYMENT_TYPES)}
WORKPLACE_CODE = {name: position for position, name in enumerate(WORKPLACES)}
REMOTE = WORKPLACE_CODE["REMOTE"]
_FIRST_CAPACITY = 256


Column = NDArray[Any]


def _zeros(kind: type[np.generic], width: int = 0) -> Callable[[], Any]:
    """Answer how a column begins: zeros, or NaN where numbers may be unknown."""
    shape = (_FIRST_CAPACITY, width) if width else _FIRST_CAPACITY
    return lambda: np.full(shape, nan) if kind is np.float64 else np.zeros(shape, kind)


@dataclass(slots=True)
class Columns:
    """Rows are reused after a posting is gone. A number that is not known is NaN, a code that is not there NOTHING."""

    facets: NDArray[np.int32] = field(default_factory=_zeros(np.int32, FACET_WIDTH))
    tie: NDArray[np.int64] = field(default_factory=_zeros(np.int64))
    """Below 2**32, made of the id alone: equals are told apart alike in every process, and no name is preferred."""
    order: NDArray[np.int64] = field(default_factory=_zeros(np.int64))
    """Newest first is highest first: when it was posted, then `tie`."""
    posted: NDArray[np.int64] = field(default_factory=_zeros(np.int64))
    valid_through: NDArray[np.int64] = field(default_factory=_zeros(np.int64))
    present: NDArray[np.bool_] = field(default_factory=_zeros(np.bool_))
    """In the catalogue; false in spare and retired rows."""
    listed: NDArray[np.bool_] = field(default_factory=_zeros(np.bool_))
    """Present and open as far as its status says."""
    workplace: NDArray[np.int8] = field(default_factory=_zeros(np.int8))
    employment: NDArray[np.int16] = field(default_factory=_zeros(np.int16))
    """Bits of EMPLOYMENT_BIT; 0 when the posting does not say."""
    pay_minimum: NDArray[np.float64] = field(default_factory=_zeros(np.float64))
    pay_maximum: NDArray[np.float64] = field(default_factory=_zeros(np.float64))
    """A full-time year, in `currency`."""
    pay_log: NDArray[np.float64] = field(default_factory=_zeros(np.float64))
    currency: NDArray[np.int32] = field(default_factory=_zeros(np.int32))
    latitude: NDArray[np.float64] = field(default_factory=_zeros(np.float64, PLACES))
    longitude: NDArray[np.float64] = field(default_factory=_zeros(np.float64, PLACES))
    must_haves: NDArray[np.int32] = field(default_factory=_zeros(np.int32, MUST_HAVES))
    """Codes; -1 in the last slot when there are more than fit, which nobody can meet by this column."""
    regions: NDArray[np.int32] = field(default_factory=_zeros(np.int32, REGIONS))
    title_key: NDArray[np.int64] = field(default_factory=_zeros(np.int64))
    """Equal for near-duplicates: same occupation and same telling words in the title, in any order."""

    @property
    def capacity(self) -> int:
        return len(self.tie)

    @property
    def bytes(self) -> int:
        return sum(int(column.nbytes) for column in self._all())

    def grow(self) -> None:
        """Double the room."""
        for column in fields(self):
            old: Column = getattr(self, column.name)
            setattr(self, column.name, np.concatenate([old, np.zeros_like(old)]))

    def write(self, row: int, job: Job, dictionary: Dictionary) -> None:
        self.facets[row] = _facets(job, dictionary)
        self.tie[row] = tie = zlib.crc32(job.id.encode())
        self.posted[row] = posted = job.posted_at or 0
        # 42 bits of milliseconds reach the year 2109, 21 bits of the tie remain.
        self.order[row] = min(max(posted, 0), (1 << 42) - 1) << 21 | tie >> 11
        self.valid_through[row] = FOREVER if job.valid_through is None else job.valid_through
        self.present[row] = True
        self.listed[row] = job.status == "OPEN"
        self.workplace[row] = WORKPLACE_CODE[job.workplace]
        self.employment[row] = sum(EMPLOYMENT_BIT[name] for name in set(job.employment_types))
        self._write_pay(row, job, dictionary)
        self._write_places(row, job)
        self.must_haves[row] = _padded(
            "must_have", [code.casefold() for code in job.must_haves], MUST_HAVES, dictionary
        )
        self.regions[row] = _padded(
            "applicant_region", [region.casefold() for region in job.applicant_regions], REGIONS, dictionary
        )
        self.title_key[row] = zlib.crc32(f"{job.occupation}|{' '.join(sorted(terms(job.title)))}".encode())

    def _write_pay(self, row: int, job: Job, dictionary: Dictionary) -> None:
        low, high = (None, None) if job.salary is None else job.salary.yearly()
        # A rule may judge by what was posted only; what a person usually looks at may be compared with an estimate.
        middle = middle_of(job.salary or job.pay_estimate)
        self.pay_minimum[row] = nan if low is None else low
        self.pay_maximum[row] = nan if high is None else high
        self.pay_log[row] = log(middle) if middle and middle > 0 else nan
        self.currency[row] = dictionary.code("currency", job.salary.currency) if job.salary else NOTHING

    def _write_places(self, row: int, job: Job) -> None:
        self.latitude[row] = self.longitude[row] = nan
        for position, place in enumerate(distinct_places(job)):
            if place.latitude is not None and place.longitude is not None:
                self.latitude[row, position] = place.latitude
                self.longitude[row, position] = place.longitude

    def _all(self) -> list[Column]:
        return [getattr(self, column.name) for column in fields(self)]


def codes_of_row(facets: list[int]) -> list[int]:
    """Answer the codes of a row that are there."""
    return [code for code in facets if code]


def pairs_of_row(facets: list[int]) -> list[int]:
    """Answer the keys of the lists that a row shares with its places."""
    others = [code for dimension in PAIRED for code in facets[SLOTS[dimension]] if code]
    return [pair_key(place, other) for place in facets[SLOTS["place"]] if place for other in others]


def distinct_places(job: Job) -> list[Place]:
    """Answer the places that have columns: two of one name are one."""
    return list({place.label: place for place in reversed(job.places)}.values())[::-1][:PLACES]


def facet_values(job: Job) -> dict[str, tuple[str, ...]]:
    """Answer what a posting is in each dimension, in words."""
    regions = [place.region or place.country for place in job.places if place.region or place.country]
    band = pay_band(middle_of(job.salary), job.salary.currency) if job.salary else ""
    return {
        "occupation": (job.occupation,) if job.occupation else (),
        "employer": (job.employer,),
        "seniority": (job.seniority,) if job.seniority else (),
        "workplace": (job.workplace,),
        "pay": (band,) if band else (),
        "region": tuple(regions[:1]),  # type: ignore[arg-type]  # the filter above leaves strings only
        **occupation_groups(job.occupation_code),
        "employment": tuple(dict.fromkeys(job.employment_types)),
        "place": tuple(place.label for place in distinct_places(job)),
        "category": tuple(dict.fromkeys(job.categories)),
        "skill": tuple(dict.fromkeys(job.skills)),
        "term": terms(job.title),
    }


def occupation_groups(code: str | None) -> dict[str, tuple[str, ...]]:
    """Answer an occupation's code (O*NET-SOC, such as 15-1252.00) and its groups, the narrowest first; none of another taxonomy."""
    found = _SOC.fullmatch(code or "")
    names = ("occupation_code", "minor_group", "major_group")
    return {} if found is None else {name: (found[group],) for group, name in enumerate(names)}


_SOC = re.compile(r"((\d\d)-\d)\d{3}(?:\.\d\d)?")
"""Two digits of the major group, one of the minor group, three of the occupation, and O*NET's own two."""


def _facets(job: Job, dictionary: Dictionary) -> list[int]:
    row = [NOTHING] * FACET_WIDTH
    for dimension, values in facet_values(job).items():
        slot = SLOTS[dimension]
        for position, value in zip(range(slot.start, slot.stop), values, strict=False):
            row[position] = dictionary.code(dimension, value)
    return row


def _padded(dimension: str, values: Iterable[str], width: int, dictionary: Dictionary) -> list[int]:
    codes = [dictionary.code(dimension, value) for value in dict.fromkeys(values) if value]
    if len(codes) > width:
        return [*codes[: width - 1], -1]
    return codes + [NOTHING] * (width - len(codes))
