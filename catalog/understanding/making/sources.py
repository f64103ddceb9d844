"""The sources as they lie in their folders: O*NET's tables, ESCO's lists, the wages of the Bureau of Labor Statistics."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from catalog.understanding.making.titles import Named


def onet_table(folder: Path, name: str) -> list[list[str]]:
    """Answer the rows of an O*NET table without its heading."""
    with gzip.open(folder / "onet_29_2" / f"{name}.tsv.gz", "rt", encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def json_lines(file: Path) -> list[Any]:
    return [orjson.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]


def onet_occupations(folder: Path, *, without: frozenset[str] = frozenset()) -> Iterator[Named]:
    """Answer O*NET's occupations; titles that `without` has in lower case are left out, but for an occupation's name."""
    titles: dict[str, list[str]] = defaultdict(list)
    for code, title, short, *_ in onet_table(folder, "alternate_titles"):
        titles[code] += [title, *([] if short == "n/a" else [short])]
    reported: dict[str, set[str]] = defaultdict(set)
    for code, title, *_ in onet_table(folder, "reported_titles"):
        titles[code].append(title)
        reported[code].add(title)
    texts: dict[str, list[str]] = defaultdict(list)
    for code, *columns in onet_table(folder, "task_statements"):
        texts[code].append(max(columns, key=len))
    related: dict[str, list[str]] = defaultdict(list)
    for code, other, *_ in onet_table(folder, "related_occupations"):
        related[code].append(other)
    for code, name, description in onet_table(folder, "occupations"):
        own = [title for title in titles[code] if title.lower() not in without]
        # The minor group of the Standard Occupational Classification: 15-12 of 15-1252.00.
        text = " ".join([name, description, *texts[code]])
        yield Named(
            code, code[:5], (name, *own), text, frozenset(reported[code].intersection(own)), tuple(related[code])
        )


def esco_occupations(folder: Path, *, without: frozenset[str] = frozenset()) -> Iterator[Named]:
    """Answer ESCO's occupations with their ISCO-08 group as parent."""
    for row in json_lines(folder / "esco" / "occupations.jsonl.gz"):
        own = [" ".join(title.split()) for title in row["alt"] if title.lower() not in without]
        label = " ".join(row["label"].split())
        yield Named(row["uri"].rpartition("/")[2], row["isco"], (label, *own), f"{label} {row['description']}")
