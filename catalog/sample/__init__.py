"""The shipped sample: a city's real postings and content written for them, moved to the reader's time.

Where both come from, what was changed and how they are made again: PROVENANCE.md beside this file.
"""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson

from schemas.content import Content
from schemas.content_json import content_from_object
from schemas.job_json import job_from_json
from schemas.jobs import Job

SNAPSHOT = 1_709_510_400_000
"""The day of the source, 4 March 2024, on which every posting was open."""
DAY_MS = 86_400_000
_HOUR_MS = 3_600_000
_MINUTE_MS = 60_000
_FOLDER = Path(__file__).parent


def sample_jobs(now: int) -> Iterator[Job]:
    """Answer the postings as if the source were of today: all times moved by the same number of whole days.

    `now` is milliseconds since the epoch. The order is the source's, by number.
    """
    shift = (now - SNAPSHOT) // DAY_MS * DAY_MS
    with gzip.open(_FOLDER / "jobs.jsonl.gz") as lines:
        for line in lines:
            job = job_from_json(line)
            yield replace(
                job,
                posted_at=_moved(job.posted_at, shift),
                valid_through=_moved(job.valid_through, shift),
                updated_at=_moved(job.updated_at, shift),
            )


def sample_content(now: int) -> Iterator[Content]:
    """Answer the content; a live event starts so many days after today, at the hour (UTC) that it names."""
    today = now // DAY_MS * DAY_MS
    for line in (_FOLDER / "content.jsonl").read_bytes().splitlines():
        body = orjson.loads(line)
        content = content_from_object(body)
        if "starts_in_days" in body:
            starts_at = today + body["starts_in_days"] * DAY_MS + body["starts_at_hour"] * _HOUR_MS
            content = replace(content, starts_at=starts_at, ends_at=starts_at + body["lasts_minutes"] * _MINUTE_MS)
        yield content


def _moved(at: int | None, shift: int) -> int | None:
    return None if at is None else at + shift
