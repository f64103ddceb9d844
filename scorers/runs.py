"""Runs of equal keys in a sorted column."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def begins(keys: NDArray[Any]) -> NDArray[np.int64]:
    """Answer where another key begins; `keys` are sorted and not empty."""
    new = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return new.nonzero()[0]
