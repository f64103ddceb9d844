"""How willingly people respond to postings, as columns over the catalogue's rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.index import Catalog
from catalog.statistics import Figures

Column = NDArray[np.float32]
MOST = 2.0
"""Doublings of appeal beyond which nothing is told apart."""


@dataclass(frozen=True, slots=True)
class Responses:
    """`columns` are three, by row; 0 where nothing is known.

    Appeal (-1: a quarter of the usual views, 0: the usual, 1: four times); the shares of views that became applications, and
    of expected views that became dismissals.
    """

    columns: Column

    def of(self, rows: NDArray[np.int64]) -> Column:
        """Answer the columns of rows: of what came since nothing is known."""
        known = self.columns.shape[1]
        if not known:
            return np.zeros((len(self.columns), len(rows)), np.float32)
        found = self.columns.take(rows, axis=1, mode="clip")
        found[:, rows >= known] = 0.0
        return found


NO_RESPONSES = Responses(np.zeros((3, 0), np.float32))


def responses_of(figures: Figures, catalog: Catalog) -> Responses:
    """Join figures with the postings of the catalogue."""
    columns = np.zeros((3, catalog.columns.capacity), np.float32)
    known = [(at, row) for job, at in figures.rows.items() if (row := catalog.row(job)) is not None]
    if not known:
        return Responses(columns)
    at, row = np.array(known, np.int64).T
    columns[0, row] = np.clip(np.log2(np.maximum(figures.appeal[at], 1e-9)), -MOST, MOST) / MOST
    columns[0, row] *= figures.expected[at] > 0
    columns[1, row] = np.clip(figures.applied_rate[at], 0.0, 1.0)
    columns[2, row] = np.clip(figures.dismissed_rate[at], 0.0, 1.0)
    return Responses(columns)
