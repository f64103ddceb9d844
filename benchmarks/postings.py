"""Many postings out of a few: copies under ids of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemas.jobs import Job


def grown(jobs: Sequence[Job], count: int) -> Iterator[Job]:
    """Answer `count` postings: the given ones, then copies of them in turn."""
    for number in range(count):
        job, copy = jobs[number % len(jobs)], number // len(jobs)
        yield replace(job, id=f"{job.id}.{copy}") if copy else job
