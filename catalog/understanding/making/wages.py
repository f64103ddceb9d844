"""The table of wages: tenth percentile, median and ninetieth percentile a year of each occupation in each area."""

import csv
import gzip
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEP = 500
"""Dollars to which wages are rounded: an estimate is no exacter."""
_NATION = "0000000"


def wages_table(folder: Path) -> Mapping[str, NDArray[Any]]:
    with (folder / "oews_2025" / "areas.csv").open(newline="", encoding="utf-8") as lines:
        areas = {row["area"]: (row["type"], row["name"]) for row in csv.DictReader(lines)}
    with gzip.open(folder / "oews_2025" / "annual_wages.csv.gz", "rt", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["p10"] and row["median"]]
    names = sorted({row["area"] for row in rows}, key=lambda area: (area != _NATION, area))
    places = {area: place for place, area in enumerate(names)}
    rows.sort(key=lambda row: (row["soc"], places[row["area"]]))
    codes = sorted({row["soc"] for row in rows})
    return {
        "areas": _packed("\t".join((areas[area][0], _cities(areas[area][1]))) for area in names),
        "codes": _packed(codes),
        "starts": np.concatenate([[0], np.cumsum(_counts(rows, codes))]).astype(np.uint32),
        "area": np.array([places[row["area"]] for row in rows], np.uint16),
        "wages": np.array([_wages(row) for row in rows], np.uint16),
    }


def _counts(rows: list[dict[str, str]], codes: list[str]) -> NDArray[np.int64]:
    places = {code: place for place, code in enumerate(codes)}
    return np.bincount([places[row["soc"]] for row in rows], minlength=len(codes))


def _wages(row: Mapping[str, str]) -> tuple[int, int, int]:
    """Answer three wages in steps; the highest, where it is not published, is what is left unsaid: 0."""
    low, middle, high = (round(int(row[name] or 0) / STEP) for name in ("p10", "median", "p90"))
    return low, middle, high


def _cities(name: str) -> str:
    """Answer an area as its cities and states: `New York-Newark, NY-NJ` is `New York|Newark;NY|NJ`."""
    cities, comma, states = name.rpartition(", ")
    return f"{'|'.join(re.split(r'-{1,2}|/', cities))};{'|'.join(states.split('-'))}" if comma else name


def _packed(lines: Any) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode(), np.uint8)
