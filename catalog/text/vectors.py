"""Static text vectors: a text is the weighted mean of its word pieces' rows, so it costs no network to embed one."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TABLES = Path(__file__).parent / "tables"
FIRST_WORD = 1996
"""Where the pieces begin that stand in the order of how common they are: `the`, `of`, `and`."""
COMMON = 300.0
"""The rank from which a piece weighs more than half: words like `the` say nothing of what a text is about."""

Vector = NDArray[np.float32]


class StaticVectors:
    """`pieces` names the table's rows; a piece inside a word begins with ##."""

    def __init__(self, table: NDArray[np.int8], scales: NDArray[np.float32], pieces: Mapping[str, int]) -> None:
        ranks = np.maximum(np.arange(len(table)) - FIRST_WORD, 1.0)
        self._table = table
        self._weights = scales.reshape(-1) * (ranks / (ranks + COMMON))
        self._pieces = pieces
        self._split = lru_cache(maxsize=65_536)(self._split_anew)

    @property
    def width(self) -> int:
        return int(self._table.shape[1])

    def of(self, words: Sequence[str]) -> Vector:
        """Answer the vector of a text's words, of length 1; of length 0 when it has no piece that is known."""
        ids = [piece for word in words for piece in self._split(word)]
        if not ids:
            return np.zeros(self.width, np.float32)
        # In float64: in float32 the last digits hang on the processor's way of adding up.
        summed = self._weights[ids] @ self._table[ids].astype(np.float64)
        return (summed / max(float(np.linalg.norm(summed)), 1e-9)).astype(np.float32)

    def _split_anew(self, word: str) -> tuple[int, ...]:
        """Answer the longest pieces from the left; none at all when one of them is missing."""
        found: list[int] = []
        start = 0
        while start < len(word):
            lead = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if lead + word[start:end] in self._pieces), None)
            if end is None:
                return ()
            found.append(self._pieces[lead + word[start:end]])
            start = end
        return tuple(found)


@cache
def shipped_vectors() -> StaticVectors:
    """Answer the vectors of the tables here, read once a process."""
    with np.load(TABLES / "static_minilm.npz", allow_pickle=False) as archive:
        names = bytes(archive["pieces"]).decode().split("\n")
        return StaticVectors(archive["table"], archive["scales"], {name: row for row, name in enumerate(names)})
