"""Where places are: the middle of the postings there, and the places around a point."""

from collections import defaultdict
from dataclasses import dataclass, field
from math import cos, floor, hypot, radians

KM_A_DEGREE = 111.2
CELL_DEGREES = 0.5
"""Places are looked up in the cell of the point and the eight around it: at least 35 km at 50 degrees of latitude."""
_MICRO = 1_000_000


@dataclass(slots=True)
class Geography:
    """Sums of whole micro-degrees: whatever the order of changes, equal catalogues have equal middles."""

    _sums: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    _cells: defaultdict[tuple[int, int], set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, place: int, latitude: float, longitude: float) -> None:
        self._move(place, round(latitude * _MICRO), round(longitude * _MICRO), 1)

    def remove(self, place: int, latitude: float, longitude: float) -> None:
        self._move(place, -round(latitude * _MICRO), -round(longitude * _MICRO), -1)

    def middle(self, place: int) -> tuple[float, float] | None:
        """Answer latitude and longitude of a place, None when no posting says."""
        sums = self._sums.get(place)
        return None if sums is None else (sums[0] / sums[2] / _MICRO, sums[1] / sums[2] / _MICRO)

    def around(self, latitude: float, longitude: float) -> list[tuple[float, int]]:
        """Answer distance in km and code of the places that are not far off, in no order."""
        row, column = _cell(latitude, longitude)
        return [
            (distance_km(latitude, longitude, *middle), place)
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
            for place in self._cells.get((row + down, column + right), ())
            if (middle := self.middle(place)) is not None
        ]

    def _move(self, place: int, latitude: int, longitude: int, count: int) -> None:
        before = self.middle(place)
        a, b, n = self._sums.get(place, (0, 0, 0))
        if n + count:
            self._sums[place] = (a + latitude, b + longitude, n + count)
        else:
            self._sums.pop(place, None)
        after = self.middle(place)
        if before is not None and (after is None or _cell(*after) != _cell(*before)):
            self._cells[_cell(*before)].discard(place)
        if after is not None:
            self._cells[_cell(*after)].add(place)


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Answer the distance on a flat map: within one percent at what a commute is."""
    across = (longitude - other_longitude + 180) % 360 - 180
    return hypot(latitude - other_latitude, across * cos(radians(latitude))) * KM_A_DEGREE


def _cell(latitude: float, longitude: float) -> tuple[int, int]:
    return floor(latitude / CELL_DEGREES), floor(longitude / CELL_DEGREES)
