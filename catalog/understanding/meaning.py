"""What a title means beside the words that it has: how near its static vector lies to what each occupation's titles mean."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.text.vectors import StaticVectors
from catalog.understanding.title_words import title_words

SHARPNESS = 10.0
"""By how much a vector of length 1 is stretched: learned with, so not to be changed alone (`making/meanings.py`)."""


class Meaning:
    """The weights of a softmax over the occupations of one taxonomy, in the order of its codes."""

    def __init__(self, table: Mapping[str, NDArray[Any]], vectors: StaticVectors) -> None:
        self._weights = table["meaning"].astype(np.float32) * (SHARPNESS * table["meaning_scales"])
        self._own = table["meaning_own"]
        self._vectors = vectors

    def logits(self, title: str) -> NDArray[np.float32] | None:
        """Answer each occupation's logit, None for a title without a word piece that is known."""
        vector = self._vectors.of(title_words(title))
        return vector @ self._weights + self._own if vector.any() else None
