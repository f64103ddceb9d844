"""Makes `jobs.jsonl.gz` of the City's postings and O*NET's titles; run by hand, the same sources give the same bytes.

    python -m catalog.sample.build FOLDER

FOLDER holds `nyc_jobs/jobs.jsonl.gz` and the `onet_29_2` tables; what they are and where they come from says PROVENANCE.md.
"""

import gzip
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from catalog.sample.making.must_haves import must_haves_of
from catalog.sample.making.occupations import Occupations, known_occupations
from catalog.sample.making.places import places_by_location
from catalog.sample.making.skills import known_skills, mentioned, rarest_first
from catalog.sample.making.tables import hand_written
from catalog.sample.making.terms import SENIORITY, categories_of, employment_types_of, salary_of, workplace_of
from catalog.sample.making.texts import description_of
from catalog.sample.making.titles import readable_title
from schemas.job_json import job_to_json
from schemas.jobs import Job, Place
from schemas.members import milliseconds

TARGET = Path(__file__).resolve().parent / "jobs.jsonl.gz"


@dataclass(frozen=True, slots=True)
class CivilTitle:
    """A civil-service title in readable case. Its `code` holds for business titles that match `only_with`, or for all."""

    title: str
    code: str | None
    only_with: str

    def code_for(self, business_title: str) -> str | None:
        return self.code if re.search(self.only_with, business_title, re.IGNORECASE) else None


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything the making of one posting looks up."""

    agencies: Mapping[str, str]
    civil_titles: Mapping[str, CivilTitle]
    titles: Mapping[str, str]
    spellings: Mapping[str, str]
    places: Mapping[str, Place]
    occupations: Occupations


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m catalog.sample.build FOLDER_OF_THE_SOURCES\n")
        return 2
    sources = Path(arguments[0])
    jobs = make_jobs(read_rows(sources), read_tables(sources))
    TARGET.write_bytes(packed(jobs))
    sys.stdout.write(f"{len(jobs):,} postings, {TARGET.stat().st_size:,} bytes: {TARGET.name}\n")
    return 0


def read_rows(sources: Path) -> list[dict[str, Any]]:
    lines = gzip.decompress((sources / "nyc_jobs" / "jobs.jsonl.gz").read_bytes()).splitlines()
    return [orjson.loads(line) for line in lines]


def read_tables(sources: Path) -> Tables:
    return Tables(
        agencies=dict(hand_written("agencies")),
        civil_titles={
            source: CivilTitle(title, code or None, only_with)
            for source, title, code, only_with in hand_written("civil_titles")
        },
        titles=dict(hand_written("titles")),
        spellings=dict(hand_written("words")),
        places=places_by_location(),
        occupations=known_occupations(sources / "onet_29_2"),
    )


def make_jobs(rows: Iterable[Mapping[str, Any]], tables: Tables) -> list[Job]:
    """Answer the postings in the order of the rows; which skills are rare depends on all of them."""
    known, skills = list(rows), known_skills()
    kept = rarest_first({_id(row): mentioned(row, skills) for row in known})
    return [replace(make_job(row, tables), skills=kept[_id(row)]) for row in known]


def make_job(row: Mapping[str, Any], tables: Tables) -> Job:
    """Answer one posting, but for its skills."""
    source_title = " ".join(row["business_title"].split())
    civil = tables.civil_titles[row["civil_service_title"]]
    return Job(
        id=_id(row),
        title=tables.titles.get(source_title) or readable_title(source_title, tables.spellings),
        employer=tables.agencies[row["agency"]],
        description=description_of(row),
        requisition_id=str(row["job_id"]),
        places=(tables.places[row["work_location"]],),
        workplace=workplace_of(row),
        employment_types=employment_types_of(row),
        categories=categories_of(row),
        department=readable_title(row["division"], tables.spellings) if row["division"] else None,
        salary=salary_of(row),
        seniority=SENIORITY[row["career_level"]],
        occupation=civil.title,
        occupation_code=tables.occupations.code_of(source_title, civil.title, civil.code_for(source_title)),
        must_haves=must_haves_of(row),
        posted_at=milliseconds(row["posting_date"]),
        valid_through=milliseconds(row["post_until"], end_of_day=True) if row["post_until"] else None,
        updated_at=milliseconds(row["posting_updated"]),
        openings=row["positions"],
    )


def packed(jobs: Iterable[Job]) -> bytes:
    """Answer gzipped JSON lines without a time stamp."""
    return gzip.compress(b"".join(job_to_json(job) + b"\n" for job in jobs), compresslevel=9, mtime=0)


def _id(row: Mapping[str, Any]) -> str:
    return f"nyc-{row['job_id']}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
