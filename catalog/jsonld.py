"""Postings as schema.org JobPosting, in JSON-LD: what a posting page shows to search engines, and what feeds bring."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from catalog.jsonld_reading import ONET_CODE, REQUISITION, job_from_jsonld
from schemas.jobs import Job, Place, Salary

__all__ = ["NOT_CARRIED", "job_from_jsonld", "job_to_jsonld", "jsonld_script"]

NOT_CARRIED = ("seniority", "updated_at", "language", "status")
"""What a JobPosting has no place for: these come back as their defaults."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000


def job_to_jsonld(job: Job, *, url: str | None = None) -> dict[str, Any]:
    """Answer a posting as a JobPosting; `url` is the page's own address, for a posting that has none of its own.

    What `job_from_jsonld` makes of it is the posting again, but for `NOT_CARRIED`.
    """
    members: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "identifier": _identifiers(job),
        "title": job.title,
        "description": job.description,
        "datePosted": None if job.posted_at is None else _iso(job.posted_at, day="%Y-%m-%d"),
        # Never a date alone: that would be the end of its day for some readers and the beginning for others.
        "validThrough": None if job.valid_through is None else _iso(job.valid_through),
        "hiringOrganization": {"@type": "Organization", "name": job.employer},
        "employmentUnit": job.department and {"@type": "Organization", "name": job.department},
        "jobLocation": [_location(place) for place in job.places],
        "jobLocationType": {"REMOTE": "TELECOMMUTE", "HYBRID": "HYBRID", "ON_SITE": None}[job.workplace],
        "applicantLocationRequirements": [_region(name) for name in job.applicant_regions],
        "employmentType": list(job.employment_types),
        "baseSalary": job.salary and _amount(job.salary),
        "jobBenefits": list(job.benefits),
        "skills": list(job.skills),
        "qualifications": [_credential(code) for code in job.must_haves],
        "industry": list(job.categories),
        "occupationalCategory": job.occupation_code and _category_code(job.occupation_code),
        "relevantOccupation": _occupation(job),
        "totalJobOpenings": job.openings,
        "url": job.url or url,
    }
    return _without_absent(members)


def jsonld_script(document: Mapping[str, Any]) -> str:
    """Answer JSON for the inside of an HTML `<script>`: no text in it can end the script."""
    json = orjson.dumps(document).decode()
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _without_absent(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None and value not in ("", [], {})}


def _identifiers(job: Job) -> Any:
    own = {"@type": "PropertyValue", "name": job.employer, "value": job.id}
    if job.requisition_id is None:
        return own
    return [own, {"@type": "PropertyValue", "propertyID": REQUISITION, "value": job.requisition_id}]


def _iso(at: int, day: str = "") -> str:
    """Answer a moment in ISO 8601; the first moment of a day as `day`, when that is given."""
    moment = _EPOCH + timedelta(milliseconds=at)
    if day and at % _DAY_MS == 0:
        return moment.strftime(day)
    return moment.isoformat(timespec="milliseconds" if at % 1000 else "seconds").replace("+00:00", "Z")


def _location(place: Place) -> dict[str, Any]:
    address = {
        "@type": "PostalAddress",
        "streetAddress": place.street,
        "addressLocality": place.locality,
        "addressRegion": place.region,
        "postalCode": place.postal_code,
        "addressCountry": place.country,
    }
    geo = {"@type": "GeoCoordinates", "latitude": place.latitude, "longitude": place.longitude}
    is_located = place.latitude is not None or place.longitude is not None
    known = {"@type": "Place", "address": _without_absent(address), "geo": _without_absent(geo) if is_located else None}
    return _without_absent(known)


def _region(name: str) -> dict[str, Any]:
    is_country = len(name) == len("US") and name.isupper()
    return {"@type": "Country" if is_country else "AdministrativeArea", "name": name}


def _amount(salary: Salary) -> dict[str, Any]:
    value = {"minValue": salary.minimum, "maxValue": salary.maximum, "unitText": salary.unit}
    quantity = {"@type": "QuantitativeValue", **_without_absent(value)}
    return {"@type": "MonetaryAmount", "currency": salary.currency, "value": quantity}


def _credential(code: str) -> dict[str, Any]:
    category, _, name = code.partition(":")
    return {
        "@type": "EducationalOccupationalCredential",
        "credentialCategory": category,
        "name": name or category,
        "identifier": code,
    }


def _occupation(job: Job) -> dict[str, Any] | None:
    if job.occupation is None:
        return None
    coded = job.occupation_code and _category_code(job.occupation_code)
    return _without_absent({"@type": "Occupation", "name": job.occupation, "occupationalCategory": coded})


def _category_code(code: str) -> dict[str, Any]:
    code_set = "O*NET-SOC" if ONET_CODE.fullmatch(code) else None
    return _without_absent({"@type": "CategoryCode", "inCodeSet": code_set, "codeValue": code})
