"""Grown catalogues keep the given postings and name their copies apart."""

from benchmarks.postings import grown
from schemas.jobs import Job

JOBS = [Job("a", "Nurse", "City"), Job("b", "Clerk", "City")]


def test_the_given_postings_come_first_and_no_id_comes_twice():
    many = list(grown(JOBS, 7))

    assert many[:2] == JOBS
    assert len({job.id for job in many}) == 7
