"""What is looked at of late, as columns over the catalogue's rows."""

from array import array
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog.columns import SLOTS
from catalog.index import Catalog

HOT_LIMIT = 400
"""How many trending postings are looked at."""


@dataclass(slots=True)
class Heat:
    """Trends joined with one state of the catalogue. `hottest` and `by_place` are rows, the hottest first."""

    column: NDArray[np.float32]
    hottest: "array[int]"
    by_place: Mapping[int, "array[int]"]


@dataclass(slots=True)
class Trends:
    """Each job's decayed weight of late. Make a new one for new weights: what is joined is kept until the catalogue changes."""

    weights: Mapping[str, float] = field(default_factory=dict)
    _joined: tuple[int, int, Heat] | None = None

    def heat(self, catalog: Catalog) -> Heat:
        """Answer the trends by row; 0 to 1 on a logarithmic scale, 1 being the hottest posting."""
        if self._joined is None or self._joined[:2] != (id(catalog), catalog.job_changes):
            self._joined = (id(catalog), catalog.job_changes, _join(self.weights, catalog))
        return self._joined[2]


def _join(weights: Mapping[str, float], catalog: Catalog) -> Heat:
    found = [(weight, row) for job, weight in weights.items() if weight > 0 and (row := catalog.row(job)) is not None]
    column = np.zeros(catalog.columns.capacity, np.float32)
    if not found:
        return Heat(column, array("i"), {})
    values = np.log1p(np.array([weight for weight, _ in found]))
    rows = np.array([row for _, row in found])
    column[rows] = values / values.max()
    order = np.lexsort((catalog.columns.tie[rows], -values))[:HOT_LIMIT]
    hottest: list[int] = rows[order].tolist()
    by_place: defaultdict[int, array[int]] = defaultdict(lambda: array("i"))
    for row, places in zip(hottest, catalog.columns.facets[hottest, SLOTS["place"]].tolist(), strict=True):
        for place in places:
            if place:
                by_place[place].append(row)
    return Heat(column, array("i", hottest), dict(by_place))
