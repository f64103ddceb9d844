"""A few postings of which some may be shown to nobody, and some not to the person whom the prober asks for."""

import time
from dataclasses import replace

from schemas.content import Content
from schemas.jobs import Job, Salary

DAY_MS = 86_400_000
CLOSED = "closed-1"
BADLY_PAID = "badly-paid-1"
NEEDS_A_LICENCE = "needs-a-licence-1"
APPLIED = "applied-1"
DISMISSED = "dismissed-1"
FORBIDDEN = frozenset({CLOSED, BADLY_PAID, NEEDS_A_LICENCE, APPLIED, DISMISSED})
"""What the careful person may never see: asks for 60,000 and holds a driver's licence alone."""


def postings() -> list[Job | Content]:
    """Answer postings, new enough to be on every list."""
    good = [_posting(f"good-{number}") for number in range(12)]
    special = [
        replace(_posting(CLOSED), status="CLOSED"),
        replace(_posting(BADLY_PAID), salary=Salary(20_000, 30_000, "USD", "YEAR")),
        replace(_posting(NEEDS_A_LICENCE), must_haves=("licence:pilot",)),
        _posting(APPLIED),
        _posting(DISMISSED),
    ]
    return [*good, *special, Content(id="hero-1", kind="hero", title="Welcome", payload={"headline": "Welcome"})]


def _posting(name: str) -> Job:
    return Job(
        id=name,
        title="Nurse",
        employer="Acme",
        description="Care for people.",
        salary=Salary(70_000, 90_000, "USD", "YEAR"),
        posted_at=time.time_ns() // 1_000_000 - DAY_MS,
    )
