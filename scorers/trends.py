"""What is looked at of late, as columns over the catalogue's rows."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog.columns import SLOTS
from catalog.dictionary import NOTHING
from catalog.index import Catalog
from catalog.postings_lists import PAIRED
from scorers.segment_trends import SegmentTrend

HOT_LIMIT = 2_000
"""How many trending postings are looked at."""
OF_A_VALUE = 32
"""How many of them are kept for each place, kind of work and segment."""
KINDS = ("minor_group", *PAIRED)
"""The dimensions of kinds of work, as what trends is kept by them: an occupation's group holds more than the occupation."""
_SLOTS = [slot for dimension in ("place", *KINDS) for slot in range(SLOTS[dimension].start, SLOTS[dimension].stop)]


@dataclass(slots=True)
class Heat:
    """Trends joined with one state of the catalogue. `hottest` and `by_value` are rows, the hottest first.

    Values are places and kinds of work (KINDS), by their code; `of_segments` the same by segment.
    """

    column: NDArray[np.float32]
    hottest: "array[int]"
    by_value: Mapping[int, "array[int]"]
    of_segments: Mapping[str, "array[int]"]


@dataclass(slots=True)
class Trends:
    """Each job's decayed weight of late, and what trends in segments.

    Make a new one for new weights: what is joined is kept until the catalogue changes.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    of_segments: Mapping[str, SegmentTrend] = field(default_factory=dict)
    _joined: tuple[int, int, Heat] | None = None

    def heat(self, catalog: Catalog) -> Heat:
        """Answer the trends by row; 0 to 1 on a logarithmic scale, 1 being the hottest posting."""
        if self._joined is None or self._joined[:2] != (id(catalog), catalog.job_changes):
            self._joined = (id(catalog), catalog.job_changes, _join(self, catalog))
        return self._joined[2]


def _join(trends: Trends, catalog: Catalog) -> Heat:
    weights = trends.weights.items()
    found = [(weight, row) for job, weight in weights if weight > 0 and (row := catalog.row(job)) is not None]
    column = np.zeros(catalog.columns.capacity, np.float32)
    of_segments = {key: own for key, trend in trends.of_segments.items() if (own := _rows_of(trend, catalog))}
    if not found:
        return Heat(column, array("i"), {}, of_segments)
    values = np.log1p(np.array([weight for weight, _ in found]))
    rows = np.array([row for _, row in found])
    column[rows] = values / values.max()
    order = np.lexsort((catalog.columns.tie[rows], -values))[:HOT_LIMIT]
    hottest = rows[order].astype(np.int32)
    return Heat(column, array("i", hottest.tobytes()), _by_value(hottest, catalog), of_segments)


def _rows_of(trend: SegmentTrend, catalog: Catalog) -> "array[int]":
    """Answer the first OF_A_VALUE rows of a segment's trend."""
    known = [row for job in trend.shares if (row := catalog.row(job)) is not None]
    return array("i", known[:OF_A_VALUE])


def _by_value(hottest: NDArray[np.int32], catalog: Catalog) -> Mapping[int, "array[int]"]:
    """Answer the first OF_A_VALUE rows of each value."""
    codes = catalog.columns.facets[hottest][:, _SLOTS]
    at = codes.ravel().argsort(kind="stable")
    values, starts = np.unique(codes.ravel()[at], return_index=True)
    rows = hottest[at // len(_SLOTS)]
    found = zip(values.tolist(), np.split(rows, starts[1:]), strict=True)
    return {value: array("i", some[:OF_A_VALUE].tobytes()) for value, some in found if value != NOTHING}
