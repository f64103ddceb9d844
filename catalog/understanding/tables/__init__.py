"""The shipped tables, read as they are asked for: where each comes from and under which licence says PROVENANCE.md here."""

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

FOLDER = Path(__file__).parent


def arrays(name: str) -> Mapping[str, NDArray[Any]]:
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as archive:
        return dict(archive)


def rows(name: str) -> Iterator[list[str]]:
    """Answer the lines of a table as its columns."""
    for line in gzip.decompress((FOLDER / f"{name}.tsv.gz").read_bytes()).decode().splitlines():
        yield line.split("\t")


def own_skills() -> list[list[str]]:
    """Answer our own list: name, kind, other spellings."""
    return [line.split("\t") for line in (FOLDER / "own_skills.tsv").read_text(encoding="utf-8").splitlines()]


def skill_weights() -> dict[str, float]:
    weights: dict[str, float] = orjson.loads((FOLDER / "skill_weights.json").read_bytes())
    return weights
