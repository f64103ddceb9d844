"""The hand-written tables beside this folder and the tables of the sources."""

import csv
import gzip
from pathlib import Path

_TABLES = Path(__file__).resolve().parent.parent / "tables"


def hand_written(name: str) -> list[list[str]]:
    """Answer the rows of a table that was written for this sample, without its heading."""
    return _rows((_TABLES / f"{name}.tsv").read_text(encoding="utf-8"))


def of_onet(folder: Path, name: str) -> list[list[str]]:
    """Answer the rows of an O*NET table, without its heading."""
    return _rows(gzip.decompress((folder / f"{name}.tsv.gz").read_bytes()).decode())


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
