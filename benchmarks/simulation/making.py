"""`python -m benchmarks.simulation.making FOLDER` (with onet_29_2/*.tsv.gz): what the simulation needs of O*NET, into data/onet.json.gz."""

import csv
import gzip
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson

from benchmarks.simulation.occupations import FILE
from catalog.sample import SNAPSHOT, sample_jobs
from catalog.understanding.understanding import read_understanding

TITLES = 8
"""Of an occupation's reported titles, those that people may have on their résumés here."""


def main() -> None:
    folder = Path(sys.argv[1]) / "onet_29_2"
    of_postings = _of_postings()
    codes = sorted(set(of_postings.values()))
    titles, technologies = _many(folder, "reported_titles"), _many(folder, "technology_skills")
    names = {row["O*NET-SOC Code"]: row["Title"] for row in _rows(folder, "occupations")}
    body = {
        "postings": of_postings,
        "occupations": {
            code: {
                "name": names[code],
                "titles": titles.get(code, [])[:TITLES],
                "technologies": sorted(set(technologies.get(code, []))),
            }
            for code in codes
        },
        "related": [
            [row["O*NET-SOC Code"], row["Related O*NET-SOC Code"], row["Relatedness Tier"]]
            for row in _rows(folder, "related_occupations")
            if row["O*NET-SOC Code"] in names and {row["O*NET-SOC Code"], row["Related O*NET-SOC Code"]} <= set(codes)
        ],
    }
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(gzip.compress(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), mtime=0))
    print(f"{len(of_postings):,} postings of {len(codes)} occupations, {FILE.stat().st_size:,} bytes")


def _of_postings() -> Mapping[str, str]:
    """Answer each sample posting's occupation: the one it has, else what its title most likely means."""
    understanding = read_understanding()
    found = {}
    for job in sample_jobs(SNAPSHOT):
        guess = None if job.occupation_code else understanding.onet.best(job.title)
        code = job.occupation_code or (guess.code if guess else None)
        if code:
            found[job.id] = code
    return found


def _many(folder: Path, table: str) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in _rows(folder, table):
        code, value, *_ = row.values()
        found.setdefault(code, []).append(value)
    return found


def _rows(folder: Path, table: str) -> Iterator[Mapping[str, str]]:
    with gzip.open(folder / f"{table}.tsv.gz", "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


if __name__ == "__main__":
    main()
