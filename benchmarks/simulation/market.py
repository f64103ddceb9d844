"""The postings of one simulated market: the sample's, spread over time, as columns that the hidden rules look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulation.occupations import Occupations, occupations
from catalog.sample import SNAPSHOT, sample_jobs
from schemas.jobs import SENIORITIES, EmploymentType, Job, Workplace

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

START = 1_767_225_600_000
"""The first day of every simulation, in milliseconds since the epoch."""
DAY = 86_400_000
BEFORE_DAYS = 30
"""Postings came for so many days before the first visitor."""
LIFE_DAYS = (10.0, 45.0)
"""How long a posting is open, drawn evenly."""
REMOTE, HYBRID = 0.08, 0.25
"""The sample has no remote work and hardly a part-time posting; so many of each are made so that people may want it."""
PART_TIME = 0.15


@dataclass(frozen=True, slots=True)
class Market:
    """Postings in the order of coming. All columns are by posting; `pay` is the most a full-time year pays, NaN where not told."""

    jobs: Sequence[Job]
    row: Mapping[str, int]
    posted: Ints
    ends: Ints
    occupation: Sequence[str]
    latitude: Floats
    longitude: Floats
    pay: Floats
    remote: NDArray[np.bool_]
    hybrid: NDArray[np.bool_]
    part_time: NDArray[np.bool_]
    level: Ints
    skills: Sequence[frozenset[str]]
    must_haves: Sequence[frozenset[str]]
    skill_names: Sequence[str]
    asks: Floats
    """Postings by `skill_names`, 1 where the posting asks for it."""

    def __len__(self) -> int:
        return len(self.jobs)

    def open_at(self, now: int) -> NDArray[np.bool_]:
        """Say of each posting whether it is there at a time (milliseconds since the epoch)."""
        return (self.posted <= now) & (now < self.ends)

    def well_paid(self) -> NDArray[np.bool_]:
        """Say which postings are of the best paid quarter."""
        return np.asarray(self.pay >= np.nanquantile(self.pay, 0.75))


def market(seed: int, *, days: int, size: int | None = None, known: Occupations | None = None) -> Market:
    """Answer a market for so many days; of `size` postings at most, all of the sample's with an occupation where None."""
    chance = np.random.default_rng([seed, 1])
    of_posting = (known or occupations()).of_posting
    usable = [job for job in _sample() if job.id in of_posting and job.places[0].latitude is not None]
    chosen = chance.permutation(len(usable))[: size or len(usable)]
    posted = np.sort(chance.integers(-BEFORE_DAYS * 24, days * 24, len(chosen))) * (DAY // 24) + START
    jobs = [_moved(usable[at], int(when), chance) for at, when in zip(chosen, posted, strict=True)]
    places = [job.places[0] for job in jobs]
    names = sorted({skill for job in jobs for skill in job.skills})
    return Market(
        jobs=jobs,
        row={job.id: row for row, job in enumerate(jobs)},
        posted=posted,
        ends=np.array([job.valid_through for job in jobs], np.int64),
        occupation=[of_posting[job.id] for job in jobs],
        latitude=np.array([place.latitude for place in places], np.float64),
        longitude=np.array([place.longitude for place in places], np.float64),
        pay=np.array([_pay(job) for job in jobs]),
        remote=np.array([job.workplace == "REMOTE" for job in jobs]),
        hybrid=np.array([job.workplace == "HYBRID" for job in jobs]),
        part_time=np.array(["PART_TIME" in job.employment_types for job in jobs]),
        level=np.array([SENIORITIES.index(job.seniority or "EXPERIENCED") for job in jobs], np.int64),
        skills=[frozenset(job.skills) for job in jobs],
        must_haves=[frozenset(job.must_haves) for job in jobs],
        skill_names=names,
        asks=np.array([[name in job.skills for name in names] for job in jobs], np.float64),
    )


@cache
def _sample() -> Sequence[Job]:
    return [replace(job, description="") for job in sample_jobs(SNAPSHOT)]


def _moved(job: Job, posted: int, chance: np.random.Generator) -> Job:
    """Answer a posting that came at this time, with a workplace and a schedule that its words do not decide."""
    workplace: Workplace = ("ON_SITE", "HYBRID", "REMOTE")[
        int(np.searchsorted([1 - REMOTE - HYBRID, 1 - REMOTE], chance.random(), side="right"))
    ]
    schedule: EmploymentType = "PART_TIME" if chance.random() < PART_TIME else "FULL_TIME"
    ends = posted + round(chance.uniform(*LIFE_DAYS) * DAY)
    return replace(
        job,
        posted_at=posted,
        updated_at=posted,
        valid_through=ends,
        workplace=workplace,
        employment_types=(schedule,),
    )


def _pay(job: Job) -> float:
    low, high = job.salary.yearly() if job.salary else (None, None)
    return float(high or low or np.nan)
