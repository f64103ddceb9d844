"""A log of who looked at what and when, and the postings it speaks of, out of any two files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from catalog.feeds import Accepted, read_feed
from learning.tables import Row, UnreadableTable, milliseconds, number, read_table
from schemas.ids import is_usable_id
from schemas.jobs import Job, Place

LOG = {
    "candidate": (
        "candidate", "candidateid", "applicantid", "applicant", "userid", "user", "personid", "person", "visitorid", "visitor",
        "memberid", "customerid", "anonymousid", "sessionid", "session",
    ),
    "item": ("item", "itemid", "jobid", "job", "postingid", "posting", "offerid", "adid", "contentid"),
    "time": ("time", "timestamp", "ts", "at", "viewstart", "starttime", "startedat", "eventtime", "datetime", "date", "createdat"),
    "dwell": ("dwell", "dwellseconds", "viewduration", "duration", "seconds"),
    "dwell_ms": ("dwellms", "durationms"),
}  # fmt: skip
ITEMS = {
    "item": ("item", "itemid", "jobid", "job", "postingid", "posting", "offerid", "adid", "contentid", "id"),
    "title": ("title", "jobtitle", "position", "positionname", "name"),
    "employer": ("employer", "company", "companyname", "organization", "organisation", "hiringorganization", "agency"),
    "city": ("city", "locality", "town", "joblocation", "location", "worklocation", "place"),
    "region": ("statecode", "region", "state", "statename", "province"),
    "country": ("country", "countrycode"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng"),
    "category": ("category", "jobcategory", "industry", "department", "field"),
    "occupation": ("occupation", "profession"),
    "description": ("description", "jobdescription", "text"),
    "posted": ("posted", "postedat", "dateposted", "postingdate", "listingstart", "createdat", "created", "publishedat"),
}  # fmt: skip
_OWN = (".json", ".jsonl", ".jsonld", ".html", ".htm")


class View(NamedTuple):
    """One look at one posting; times in milliseconds."""

    at: int
    candidate: str
    item: str
    dwell_ms: int


@dataclass(frozen=True, slots=True)
class Interactions:
    """The views in the order of time, the postings, and how many rows could not be used."""

    views: tuple[View, ...]
    jobs: tuple[Job, ...]
    unusable: int
    unknown: int
    """Views of postings that the file of postings does not have."""


def read_interactions(log: Path, items: Path, columns: Mapping[str, str]) -> Interactions:
    """Read both files; `columns` names columns that are called otherwise than usual."""
    jobs = {job.id: job for job in _jobs(items, columns)}
    if not jobs:
        raise UnreadableTable(f"{items} holds no posting with an id")
    rows = list(read_table(log, LOG, ("candidate", "item", "time"), columns))
    read = [view for row in rows if (view := _view(row)) is not None]
    known = sorted(view for view in read if view.item in jobs)
    if not known:
        raise UnreadableTable(f"no row of {log} names a posting of {items}; are the ids the same?")
    return Interactions(tuple(known), tuple(jobs.values()), len(rows) - len(read), len(read) - len(known))


def _view(row: Row) -> View | None:
    at = milliseconds(row["time"])
    candidate, item = row["candidate"].strip(), _id(row["item"])
    if at is None or not candidate or not item:
        return None
    seconds, milli = number(row.get("dwell", "")), number(row.get("dwell_ms", ""))
    dwell = milli if milli is not None else (seconds or 0.0) * 1000
    return View(at, candidate, item, round(min(max(dwell, 0.0), 86_400_000.0)))


def _jobs(file: Path, columns: Mapping[str, str]) -> Iterator[Job]:
    """Read our own forms by the feed's reader, and whatever else is a table."""
    if file.name.lower().removesuffix(".gz").endswith(_OWN):
        own = [read.item for read in read_feed(file) if isinstance(read, Accepted) and isinstance(read.item, Job)]
        if own:
            # What somebody looked at was open then, whatever the file says of today.
            yield from (_open(job) for job in own)
            return
    for row in read_table(file, ITEMS, ("item",), columns):
        job = _job(row)
        if job is not None:
            yield job


def _job(row: Row) -> Job | None:
    item = _id(row["item"])
    if not is_usable_id(item):
        return None
    place = Place(
        locality=row.get("city") or None,
        region=row.get("region") or None,
        country=row.get("country") or None,
        latitude=number(row.get("latitude", "")),
        longitude=number(row.get("longitude", "")),
    )
    return Job(
        id=item,
        title=row.get("title") or "",
        employer=row.get("employer") or "",
        description=row.get("description") or "",
        places=(place,) if place.label else (),
        categories=(row["category"],) if row.get("category") else (),
        occupation=row.get("occupation") or None,
        posted_at=milliseconds(row.get("posted", "")),
    )


def _open(job: Job) -> Job:
    return replace(job, status="OPEN", valid_through=None)


def _id(text: str) -> str:
    """Answer an id as both files write it: tables with gaps write whole numbers as 12.0."""
    return text.strip().removesuffix(".0")
