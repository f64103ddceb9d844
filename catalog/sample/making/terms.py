"""Pay, hours, workplace, seniority and categories of a source row."""

import re
from collections.abc import Mapping
from typing import Any

from schemas.jobs import EmploymentType, PayUnit, Salary, Seniority, Workplace

UNITS: Mapping[str, PayUnit] = {"Annual": "YEAR", "Hourly": "HOUR", "Daily": "DAY"}
SENIORITY: Mapping[str, Seniority] = {
    "Student": "STUDENT",
    "Entry-Level": "ENTRY",
    "Experienced (non-manager)": "EXPERIENCED",
    "Manager": "MANAGER",
    "Executive": "EXECUTIVE",
}
CATEGORIES = (
    "Administration & Human Resources",
    "Building Operations & Maintenance",
    "Communications & Intergovernmental Affairs",
    "Constituent Services & Community Programs",
    "Engineering, Architecture, & Planning",
    "Finance, Accounting, & Procurement",
    "Green Jobs",
    "Health",
    "Legal Affairs",
    "Policy, Research & Analysis",
    "Public Safety, Inspections, & Enforcement",
    "Social Services",
    "Technology, Data & Innovation",
)
_MOST_AN_HOUR = 200.0
_LEAST_A_DAY = 100.0
_LEAST_A_YEAR = 15_000.0
_STUDENTS = re.compile(
    r"COLLEGE AIDE|SUMMER (?:COLLEGE|GRADUATE) INTERN|HIGH SCHOOL STUDENT AIDE|STUDENT LEGAL ASSISTANT"
)
_PART_TIME = re.compile(r"\bpart[- ]time\b|\bP/T\b", re.IGNORECASE)
_PER_DIEM = re.compile(r"\bper diem\b", re.IGNORECASE)
_SEASONAL = re.compile(r"\b(?:seasonal|summer)\b", re.IGNORECASE)
_HYBRID = re.compile(
    r"(?:may be|is|will be)(?: eligible)? for (?:remote work|up to \w+ days of remote work|a hybrid)|\bhybrid position\b"
    r"|\bhybrid (?:remote )?work (?:schedule|program)\b|hybrid of in[- ]person and work from home"
    r"|possibility of \w+ remote days",
    re.IGNORECASE,
)


def salary_of(row: Mapping[str, Any]) -> Salary | None:
    """Answer the pay as posted; a lower end of 0 means that none was given, an impossible unit is put right."""
    unit = UNITS[row["salary_frequency"]]
    low, high = (float(row[end]) or None for end in ("salary_from", "salary_to"))
    if low is None and high is None:
        return None
    return Salary(low, high, "USD", _possible_unit(unit, max(end for end in (low, high) if end is not None)))


def employment_types_of(row: Mapping[str, Any]) -> tuple[EmploymentType, ...]:
    """Answer full or part time first; nothing where the source says nothing. The title knows better than the column."""
    title, civil_title = row["business_title"], row["civil_service_title"]
    found: list[EmploymentType] = []
    if _PART_TIME.search(title) or (row["full_part_time"] == "P"):
        found.append("PART_TIME")
    elif row["full_part_time"] == "F":
        found.append("FULL_TIME")
    if _STUDENTS.match(civil_title):
        found.append("INTERN")
    if _SEASONAL.search(title) or _SEASONAL.search(civil_title):
        found.append("TEMPORARY")
    if _PER_DIEM.search(title):
        found.append("PER_DIEM")
    return tuple(found)


def workplace_of(row: Mapping[str, Any]) -> Workplace:
    """Answer HYBRID when the posting says so, or that its holder may work from home on some days; none here is remote."""
    told = " ".join(str(row[name] or "") for name in ("description", "preferred_skills", "additional_information"))
    return "HYBRID" if _HYBRID.search(" ".join(told.split())) else "ON_SITE"


def categories_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Answer the categories of a row, which the source strings together without a mark."""
    left = str(row["job_categories"] or "")
    found = []
    while left:
        category = next((name for name in CATEGORIES if left.startswith(name)), None)
        if category is None:
            raise ValueError(f"posting {row['job_id']}: no category begins {left!r}")
        found.append(category)
        left = left.removeprefix(category).strip()
    return tuple(found)


def _possible_unit(unit: PayUnit, most: float) -> PayUnit:
    """Answer the unit in which the amount can be pay: 52 a year is 52 an hour, 82 a day is 82 an hour."""
    if unit == "HOUR" and most > _MOST_AN_HOUR:
        return "YEAR" if most >= _LEAST_A_YEAR else "DAY"
    if unit == "DAY" and most < _LEAST_A_DAY:
        return "HOUR"
    if unit == "YEAR" and most < _LEAST_A_YEAR:
        return "HOUR" if most <= _MOST_AN_HOUR else "DAY"
    return unit
