"""What an occupation usually pays in an area: an estimate for postings that are silent, never a promise of the employer."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.jobs import Place, Salary

STEP = 500
CURRENCY = "USD"
COUNTRY = "US"
SOC_LENGTH = 7
"""Characters of an O*NET code that are the occupation's in wage statistics: 15-1252 of 15-1252.00."""
_NATION = 0


@dataclass(frozen=True, slots=True)
class Wages:
    """Dollars a year. `high` is None where the statistics only say that it is beyond what they publish."""

    low: float
    median: float
    high: float | None
    area: str

    def salary(self) -> Salary:
        return Salary(self.low, self.high, CURRENCY, "YEAR")


class WageTable:
    """Wages of the United States by occupation and area."""

    def __init__(self, table: Mapping[str, NDArray[Any]]) -> None:
        codes = table["codes"].tobytes().decode().split("\n")
        self._names: list[str] = []
        self._states: dict[str, int] = {}
        self._cities: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        for place, line in enumerate(table["areas"].tobytes().decode().split("\n")):
            self._add_area(place, *line.split("\t"))
        self._starts, self._area, self._wages = table["starts"], table["area"], table["wages"]
        self._codes = {code: place for place, code in enumerate(codes)}

    def of(self, occupation_code: str, place: Place | None, state_names: Mapping[str, str]) -> Wages | None:
        """Answer the wages of the narrowest area that publishes them; None for what is not in the statistics.

        `state_names` has the full names of states by their letters. A place in another country has no wages here.
        """
        row = self._codes.get(occupation_code[:SOC_LENGTH])
        if row is None or (place is not None and place.country not in (None, COUNTRY)):
            return None
        here = slice(int(self._starts[row]), int(self._starts[row + 1]))
        areas = self._area[here]
        for area in self._areas(place, state_names):
            found = np.flatnonzero(areas == area)
            if len(found):
                low, median, high = (float(step) * STEP for step in self._wages[here][found[0]])
                return Wages(low, median, high or None, self._names[area])
        return None

    def _areas(self, place: Place | None, state_names: Mapping[str, str]) -> list[int]:
        if place is None or place.region is None:
            return [_NATION]
        near = sorted(self._cities.get(((place.locality or "").casefold(), place.region.casefold()), ()))
        state = self._states.get(state_names.get(place.region, place.region).casefold())
        return [*near, *([] if state is None else [state]), _NATION]

    def _add_area(self, place: int, kind: str, name: str) -> None:
        cities, semicolon, states = name.partition(";")
        self._names.append(f"{cities.replace('|', '-')}, {states.replace('|', '-')}" if semicolon else name)
        if kind == "S":
            self._states[name.casefold()] = place
        for city in cities.split("|") if semicolon else ():
            for state in states.split("|"):
                self._cities[city.casefold(), state.casefold()].add(place)
