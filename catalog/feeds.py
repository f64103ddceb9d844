"""A file of postings and content, item by item: what is sound is accepted, what is not is refused by name.

Read are JSON lines of our own form (`schemas/job_json.py`, `schemas/content_json.py`), schema.org JobPosting as JSON-LD
(one object, a list, an `@graph`, lines, an HTML page), and each of these compressed with gzip. A posting is judged by
itself: one that is refused keeps nothing else from being loaded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from catalog.descriptions import html_of
from catalog.feed_documents import Raw, count_objects, raw_objects
from catalog.feed_json import Unreadable
from catalog.jsonld import job_from_jsonld
from schemas.content import Content
from schemas.content_json import CONTENT_MEMBERS, content_from_object, content_to_json
from schemas.job_json import JOB_MEMBERS, job_from_object, job_to_json
from schemas.jobs import Job
from schemas.members import MalformedMember

RECORD_LIMIT = 1_000_000
"""Bytes of an item on Kafka, whose own limit is 1,048,588 unless it is raised."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A sound item and the line on which it begins; `ignored` are members of other names, misspelt perhaps."""

    item: Job | Content
    line: int
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that is not loaded: `field` is the path of the culprit, empty when it is the item as a whole.

    `id` is the item's, as far as it could be read. As a text it is one line for a person.
    """

    file: str
    line: int
    field: str
    problem: str
    id: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {f'{self.id}: ' if self.id else ''}{self.field or 'it'} {self.problem}"


def read_feed(path: Path) -> Iterator[Accepted | Refused]:
    """Answer each item of a file in order, read as it is asked for; OSError when the file can't be read."""
    is_empty = True
    for raw in raw_objects(path):
        answer = _refused(path, raw) if isinstance(raw, Unreadable) else _judged(path, raw)
        if answer is not None:
            is_empty = False
            yield answer
    if is_empty:
        yield Refused(path.name, 0, "", "holds no posting and no content item")


def count_items(path: Path) -> int:
    """Answer how many items `read_feed` has to judge, for a progress bar; a page may hold fewer."""
    return count_objects(path)


def _refused(path: Path, unreadable: Unreadable) -> Refused:
    return Refused(path.name, unreadable.line, "", unreadable.problem)


def _judged(path: Path, raw: Raw) -> Accepted | Refused | None:
    """Answer None for what stands beside postings in pages and graphs: organisations, crumbs, images."""
    if not raw.is_alone and not _is_ours(raw.value):
        return None
    try:
        item, ignored = _item(raw)
        _check_record(item)
    except MalformedMember as complaint:
        return Refused(path.name, raw.line, complaint.field, complaint.problem, _id_of(raw.value))
    except (UnicodeEncodeError, orjson.JSONEncodeError):
        return Refused(path.name, raw.line, "", "holds half a character (a lone surrogate)", _id_of(raw.value))
    return Accepted(item, raw.line, ignored)


def _is_ours(value: Any) -> bool:
    return not isinstance(value, dict) or "@type" not in value or "JobPosting" in _types(value)


def _item(raw: Raw) -> tuple[Job | Content, tuple[str, ...]]:
    value = raw.value
    if not isinstance(value, dict):
        return job_from_object(value), ()
    if "@type" in value:
        if "JobPosting" not in _types(value):
            raise MalformedMember("@type", f"is {value['@type']!r}, expected JobPosting")
        return job_from_jsonld(value, raw.nodes), ()
    if "@context" in value or "hiringOrganization" in value:
        raise MalformedMember("@type", "is missing, expected JobPosting")
    if "kind" in value:
        return content_from_object(value), tuple(sorted(value.keys() - CONTENT_MEMBERS))
    job = job_from_object(value)
    return replace(job, description=html_of(job.description)), tuple(sorted(value.keys() - JOB_MEMBERS))


def _types(value: dict[str, Any]) -> list[str]:
    kinds = value["@type"]
    return [str(kind).rpartition("/")[2].rpartition(":")[2] for kind in (kinds if isinstance(kinds, list) else [kinds])]


def _check_record(item: Job | Content) -> None:
    size = len(job_to_json(item) if isinstance(item, Job) else content_to_json(item))
    if size > RECORD_LIMIT:
        raise MalformedMember("", f"has {size:,} bytes, at most {RECORD_LIMIT:,} fit into a record")


def _id_of(value: Any) -> str:
    named = value.get("id", value.get("identifier")) if isinstance(value, dict) else None
    named = named.get("value") if isinstance(named, dict) else named
    return str(named)[:80] if isinstance(named, str | int) else ""
