"""What is known of postings when a ranking is judged: employer, kind of work, pay."""

import math
from dataclasses import dataclass

import numpy as np

from catalog.pay import middle_of
from learning.log import Log
from schemas.job_json import job_from_json
from schemas.members import MalformedMember
from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Posting:
    """`pay` is the middle of the yearly range, NaN where it is not told."""

    employer: str
    work: str
    pay: float
    skills: tuple[str, ...] = ()


def read_postings(log: Log) -> dict[str, Posting]:
    """Answer the newest version of every posting that was ever on the topic: lists were served while it was open."""
    postings: dict[str, Posting] = {}
    for record in log.records(Topic.JOBS):
        if record.value is None or record.key is None:
            continue
        try:
            job = job_from_json(record.value)
        except MalformedMember:
            continue
        work = job.occupation or (job.categories[0] if job.categories else "")
        postings[record.key.decode("utf-8", "replace")] = Posting(
            job.employer or "", work, middle_of(job.salary) or math.nan, tuple(map(str.casefold, job.skills))
        )
    return postings


def high_pay(postings: dict[str, Posting]) -> frozenset[str]:
    """Answer the postings of the best paid quarter."""
    paid = {name: posting.pay for name, posting in postings.items() if not math.isnan(posting.pay)}
    if not paid:
        return frozenset()
    edge = float(np.quantile(list(paid.values()), 0.75))
    return frozenset(name for name, pay in paid.items() if pay >= edge)
