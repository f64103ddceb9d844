"""Runs of a long array: where what belongs to one thing lies side by side, with the runs of all things behind one another."""

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]


def within(starts: Places, sizes: Places) -> Places:
    """Answer the places of all entries of some runs, in the order of the runs: of run `i` those from `starts[i]`, `sizes[i]` of them."""
    # Entry n of all lies in its run at n less the entries of the runs before.
    places: Places = np.arange(sizes.sum()) + (starts - sizes.cumsum() + sizes).repeat(sizes)
    return places
