"""The job posting inside Careerstream: schema.org JobPosting's notions under the names of one house."""

from dataclasses import dataclass
from typing import Literal, get_args

Workplace = Literal["ON_SITE", "HYBRID", "REMOTE"]
EmploymentType = Literal[
    "FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY", "INTERN", "VOLUNTEER", "PER_DIEM", "OTHER"
]
PayUnit = Literal["HOUR", "DAY", "WEEK", "MONTH", "YEAR"]
Seniority = Literal["STUDENT", "ENTRY", "EXPERIENCED", "MANAGER", "EXECUTIVE"]
JobStatus = Literal["OPEN", "CLOSED"]

WORKPLACES: tuple[str, ...] = get_args(Workplace)
EMPLOYMENT_TYPES: tuple[str, ...] = get_args(EmploymentType)
PAY_UNITS: tuple[str, ...] = get_args(PayUnit)
SENIORITIES: tuple[str, ...] = get_args(Seniority)

HOURS_A_YEAR = {"HOUR": 2080.0, "DAY": 260.0, "WEEK": 52.0, "MONTH": 12.0, "YEAR": 1.0}
"""How many of a pay unit a full-time year has (40 hours a week, 52 weeks)."""


@dataclass(frozen=True, slots=True)
class Salary:
    """Gross pay as posted; `minimum` and `maximum` in `currency` a `unit`."""

    minimum: float | None
    maximum: float | None
    currency: str
    unit: PayUnit

    def yearly(self) -> tuple[float | None, float | None]:
        """Answer minimum and maximum a full-time year, in the same currency."""
        factor = HOURS_A_YEAR[self.unit]
        return (
            None if self.minimum is None else self.minimum * factor,
            None if self.maximum is None else self.maximum * factor,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where the work is; `latitude` and `longitude` in degrees when known."""

    street: str | None = None
    locality: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def label(self) -> str:
        """The place as a facet: locality and region, such as `Brooklyn, NY`."""
        return ", ".join(part for part in (self.locality, self.region) if part) or (self.country or "")


@dataclass(frozen=True, slots=True)
class Job:
    """One posting. `posted_at`, `valid_through` and `updated_at` are milliseconds since the epoch.

    `must_haves` are codes (such as `licence:driver`, `residency:nyc`) that a candidate must hold; `occupation` is a title a person
    reads, `occupation_code` its taxonomy code (O*NET-SOC) where one is known; `skills` are canonical names. `derived` names the
    members that the posting left open and its words told; `pay_estimate` is what such work usually pays, where `salary` is silent.
    """

    id: str
    title: str
    employer: str
    description: str = ""
    url: str | None = None
    requisition_id: str | None = None
    places: tuple[Place, ...] = ()
    workplace: Workplace = "ON_SITE"
    applicant_regions: tuple[str, ...] = ()
    employment_types: tuple[EmploymentType, ...] = ()
    categories: tuple[str, ...] = ()
    department: str | None = None
    salary: Salary | None = None
    benefits: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    seniority: Seniority | None = None
    occupation: str | None = None
    occupation_code: str | None = None
    must_haves: tuple[str, ...] = ()
    posted_at: int | None = None
    valid_through: int | None = None
    updated_at: int | None = None
    openings: int | None = None
    language: str = "en"
    status: JobStatus = "OPEN"
    derived: tuple[str, ...] = ()
    pay_estimate: Salary | None = None

    def is_open(self, now: int) -> bool:
        """Say whether one may still apply at `now` (milliseconds since the epoch)."""
        return self.status == "OPEN" and (self.valid_through is None or now < self.valid_through)
