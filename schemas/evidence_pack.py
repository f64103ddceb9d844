"""Evidence as the log carries it: one deflated piece, small and quick enough that no decision goes without its own.

A line of JSON says what the columns are; behind it lie the numbers, little endian: features column by column (alike values stand
side by side, so they deflate to a fifth), then scores, the contents' features and scores, the challenger's scores.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from isal import isal_zlib

from schemas.decision import ContentEvidence, Evidence, Shadow

_RAW = -15
_LEVEL = 0
"""Deflated in half of level 1's time, to a fifth more."""


def pack(evidence: Evidence) -> bytes:
    """Answer the bytes of evidence."""
    contents, shadow = evidence.contents, evidence.shadow
    head: dict[str, Any] = {
        "considered": evidence.considered,
        "features": evidence.features,
        "removed": dict(evidence.removed),
        "fitShare": evidence.fit_share,
        "consents": dict(evidence.consents),
    }
    numbers = [_columns(evidence.matrix, "<f4", len(evidence.features)), _doubles(evidence.scores)]
    if contents is not None:
        head["contents"] = [contents.model, contents.considered, contents.features]
        numbers += [_columns(contents.matrix, "<f8", len(contents.features)), _doubles(contents.scores)]
    if shadow is not None:
        head["shadow"] = shadow.model
        numbers.append(_doubles(shadow.scores))
    return isal_zlib.compress(b"\n".join((orjson.dumps(head), b"".join(numbers))), _LEVEL, _RAW)


def unpack(packed: bytes) -> Evidence:
    """Answer the evidence that `pack` wrote."""
    written, _, numbers = isal_zlib.decompress(packed, _RAW).partition(b"\n")
    head, rest = orjson.loads(written), _Numbers(memoryview(numbers))
    considered, features = tuple(head["considered"]), tuple(head["features"])
    matrix, scores = rest.rows(len(considered), len(features), "<f4"), rest.doubles(len(considered))
    contents = None
    if "contents" in head:
        model, items, names = head["contents"]
        said = rest.rows(len(items), len(names), "<f8")
        contents = ContentEvidence(model, tuple(items), tuple(names), said, rest.doubles(len(items)))
    return Evidence(
        considered=considered,
        features=features,
        matrix=matrix,
        scores=scores,
        removed=head["removed"],
        fit_share=head["fitShare"],
        consents=head["consents"],
        contents=contents,
        shadow=Shadow(head["shadow"], rest.doubles(len(considered))) if "shadow" in head else None,
    )


def rows_of(evidence: Evidence | ContentEvidence) -> Iterator[tuple[str, dict[str, float]]]:
    """Answer each considered item with its features by name."""
    kind = "<f8" if isinstance(evidence, ContentEvidence) else "<f4"
    matrix = np.frombuffer(evidence.matrix, kind).reshape(len(evidence.considered), len(evidence.features))
    for item, row in zip(evidence.considered, matrix.tolist(), strict=True):
        yield item, dict(zip(evidence.features, row, strict=True))


@dataclass(slots=True)
class _Numbers:
    """Reads numbers one stretch after the other."""

    left: memoryview

    def rows(self, rows: int, columns: int, kind: str) -> bytes:
        return np.ascontiguousarray(
            np.frombuffer(self._next(rows * columns, kind), kind).reshape(columns, rows).T
        ).tobytes()

    def doubles(self, count: int) -> tuple[float, ...]:
        return tuple(np.frombuffer(self._next(count, "<f8"), "<f8").tolist())

    def _next(self, count: int, kind: str) -> memoryview:
        size = count * np.dtype(kind).itemsize
        taken, self.left = self.left[:size], self.left[size:]
        return taken


def _columns(matrix: bytes, kind: str, columns: int) -> bytes:
    return np.ascontiguousarray(np.frombuffer(matrix, kind).reshape(-1, max(columns, 1)).T).tobytes()


def _doubles(values: tuple[float, ...]) -> bytes:
    return np.array(values, "<f8").tobytes()
