"""What a JobPosting of a feed means as a posting of ours; as tolerant of schema.org's many spellings as can be honest.

The JSON-LD is put under our names and read as our own JSON is, so one set of checks holds for both; a complaint comes
back under schema.org's names.
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from catalog.descriptions import html_of
from catalog.jsonld_names import their_name
from catalog.jsonld_values import Nodes, any_of, count, figure, first, is_a, listed, many, raw, resolved, said
from schemas.ids import is_usable_id
from schemas.job_json import MalformedJob, job_from_object
from schemas.jobs import Job

REQUISITION = "requisition"
"""The `propertyID` of an identifier that names the requisition instead of the posting."""
ONET_CODE = re.compile(r"\d\d-\d{4}(?:\.\d\d)?")
_MUST_HAVE = re.compile(r"[a-z][a-z-]*:[a-z0-9-]+")
_SECTIONS = {
    "responsibilities": "Responsibilities",
    "qualifications": "Qualifications",
    "experienceRequirements": "Experience",
    "educationRequirements": "Education",
    "eligibilityToWorkRequirement": "Eligibility to work",
    "securityClearanceRequirement": "Security clearance",
    "physicalRequirement": "Physical requirements",
    "workHours": "Hours",
    "incentiveCompensation": "Further compensation",
}
"""Members that hold prose which a candidate should read: they join the description under these headings."""


def job_from_jsonld(posting: Mapping[str, Any], nodes: Nodes | None = None) -> Job:
    """Answer the posting of a JobPosting object, or raise MalformedJob, whose field is schema.org's."""
    posting = {name: resolved(value, nodes or {}) for name, value in posting.items()}
    try:
        return job_from_object(_body(posting))
    except MalformedJob as complaint:
        raise MalformedJob(their_name(complaint.field), complaint.problem) from None


def _body(posting: Mapping[str, Any]) -> dict[str, Any]:
    credentials, prose = _must_haves(posting.get("qualifications"))
    occupation, code = _occupation(posting)
    name, requisition = _names(posting)
    return {
        "id": name,
        "requisition_id": requisition,
        "title": said(posting.get("title")) or said(posting.get("name")),
        "description": _description({**posting, "qualifications": prose}),
        "employer": said(posting.get("hiringOrganization")),
        "url": said(posting.get("url")),
        "places": [place for entry in many(posting.get("jobLocation")) if (place := _place(entry))],
        "workplace": _workplace(posting),
        "applicant_regions": [said(entry) for entry in many(posting.get("applicantLocationRequirements"))],
        "employment_types": [_employment_type(entry) for entry in listed(posting.get("employmentType"))],
        "categories": [said(entry) for entry in many(posting.get("industry"))],
        "department": said(posting.get("employmentUnit")),
        "salary": _salary(posting),
        "benefits": listed(posting.get("jobBenefits")),
        "skills": listed(posting.get("skills")),
        "occupation": occupation,
        "occupation_code": code,
        "must_haves": credentials,
        "posted_at": said(posting.get("datePosted")),
        "valid_through": said(posting.get("validThrough")),
        "updated_at": said(posting.get("dateModified")),
        "openings": count(posting.get("totalJobOpenings")),
        "language": said(posting.get("inLanguage")),
    }


def _names(posting: Mapping[str, Any]) -> tuple[str, str | None]:
    """Answer the id and the requisition.

    The page's address stands in for a missing identifier: the same page is the same posting. One that is no id of ours
    (an address, an umlaut) is made one, always the same, and stays readable as the requisition.
    """
    own = next(_identifiers(posting, requisition=False), None)
    requisition = next(_identifiers(posting, requisition=True), None)
    name = own or said(posting.get("url")) or said(posting.get("@id"))
    if name is None:
        raise MalformedJob("identifier", "is missing, and there is no url that could stand in for it")
    if is_usable_id(str(name)):
        return str(name), requisition
    return f"ld-{sha256(str(name).encode()).hexdigest()[:32]}", requisition or own


def _identifiers(posting: Mapping[str, Any], *, requisition: bool) -> Iterator[str]:
    for entry in many(posting.get("identifier")):
        named = entry.get("propertyID") if isinstance(entry, dict) else None
        value = said(entry.get("value") if isinstance(entry, dict) else entry)
        if value and (named == REQUISITION) is requisition:
            yield value


def _description(posting: Mapping[str, Any]) -> str:
    told = posting.get("description")
    if told is not None and not isinstance(told, str | dict):
        raise MalformedJob("description", f"is {told!r}, expected a text")
    html = html_of(raw(told) or "")
    for member, heading in _SECTIONS.items():
        for prose in map(raw, many(posting.get(member))):
            section = html_of(prose or "")
            if section and section not in html:
                html += f"\n<h3>{heading}</h3>\n{section}"
    return html.strip()


def _place(entry: Any) -> dict[str, Any] | None:
    if isinstance(entry, str):
        return {"locality": said(entry)}
    if not isinstance(entry, dict) or is_a(entry, "VirtualLocation"):
        return None
    address = first(entry.get("address", entry))
    geo = first(entry.get("geo")) or {}
    if not isinstance(address, dict):
        address = {"addressLocality": address}
    known = {
        "street": said(address.get("streetAddress")),
        "locality": said(address.get("addressLocality")),
        "region": said(address.get("addressRegion")),
        "postal_code": said(address.get("postalCode")),
        "country": said(address.get("addressCountry")),
        "latitude": figure(geo.get("latitude", entry.get("latitude"))) if isinstance(geo, dict) else None,
        "longitude": figure(geo.get("longitude", entry.get("longitude"))) if isinstance(geo, dict) else None,
    }
    return {name: value for name, value in known.items() if value is not None} or None


def _workplace(posting: Mapping[str, Any]) -> str:
    kinds = {str(kind).upper().replace("-", "_").replace(" ", "_") for kind in many(posting.get("jobLocationType"))}
    unknown = kinds - {"TELECOMMUTE", "REMOTE", "HYBRID", "ON_SITE", "ONSITE", ""}
    if unknown:
        raise MalformedJob("jobLocationType", f"is {min(unknown)!r}, expected TELECOMMUTE or HYBRID, or nothing")
    if "HYBRID" in kinds:
        return "HYBRID"
    is_virtual = any(is_a(entry, "VirtualLocation") for entry in many(posting.get("jobLocation")))
    return "REMOTE" if is_virtual or kinds & {"TELECOMMUTE", "REMOTE"} else "ON_SITE"


def _employment_type(written: str) -> str:
    name = written.rpartition("/")[2].upper().replace("-", "_").replace(" ", "_")
    return _EMPLOYMENT_TYPES.get(name, name)


def _salary(posting: Mapping[str, Any]) -> dict[str, Any] | None:
    """Answer the pay; an amount that is nowhere given is no pay, one without its unit is an error."""
    amount = first(posting.get("baseSalary"))
    if not isinstance(amount, dict):
        amount = {"value": amount}
    value = first(amount.get("value"))
    quantity = value if isinstance(value, dict) else {"value": value}
    low = figure(any_of(quantity, amount, ("minValue", "minPrice")))
    high = figure(any_of(quantity, amount, ("maxValue", "maxPrice")))
    exact = figure(any_of(quantity, {}, ("value",)) or amount.get("price"))
    if low is None and high is None and exact is None:
        return None
    currency = said(any_of(amount, quantity, ("currency", "priceCurrency"))) or said(posting.get("salaryCurrency"))
    unit = said(any_of(quantity, amount, ("unitText", "unitCode")))
    return {
        "minimum": exact if low is None and high is None else low,
        "maximum": exact if low is None and high is None else high,
        "currency": currency and currency.upper(),
        "unit": unit and _UNITS.get(unit.upper().removeprefix("PER "), unit),
    }


def _must_haves(value: Any) -> tuple[list[str], list[Any]]:
    """Answer our codes among the qualifications, and the qualifications that are none."""
    codes: list[str] = []
    prose: list[Any] = []
    for entry in many(value):
        code = said(entry.get("identifier")) if isinstance(entry, dict) else None
        if code and _MUST_HAVE.fullmatch(code):
            codes.append(code)
        else:
            prose.append(entry)
    return codes, prose


def _occupation(posting: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Answer an occupation's title and code, from `relevantOccupation` first."""
    title = code = None
    for entry in many(posting.get("relevantOccupation")):
        title = title or said(entry)
        code = code or (_coded(first(entry.get("occupationalCategory"))) if isinstance(entry, dict) else None)
    for entry in many(posting.get("occupationalCategory")):
        code = code or _coded(entry)
        title = title or ONET_CODE.sub("", str(said(entry) or ""), count=1).strip(" :-,") or None
    return title, code


def _coded(entry: Any) -> Any:
    if isinstance(entry, dict):
        return said(entry.get("codeValue"))
    found = ONET_CODE.match(str(said(entry)))
    return found[0] if found else None


_EMPLOYMENT_TYPES = {
    "FULLTIME": "FULL_TIME",
    "PARTTIME": "PART_TIME",
    "CONTRACT": "CONTRACTOR",
    "FREELANCE": "CONTRACTOR",
    "TEMP": "TEMPORARY",
    "SEASONAL": "TEMPORARY",
    "INTERNSHIP": "INTERN",
    "PERDIEM": "PER_DIEM",
}
_UNITS = {
    **dict.fromkeys(("HOUR", "HOURLY", "HR", "HUR"), "HOUR"),
    **dict.fromkeys(("DAY", "DAILY"), "DAY"),
    **dict.fromkeys(("WEEK", "WEEKLY", "WEE"), "WEEK"),
    **dict.fromkeys(("MONTH", "MONTHLY", "MON"), "MONTH"),
    **dict.fromkeys(("YEAR", "YEARLY", "ANNUAL", "ANNUALLY", "ANNUM", "ANN"), "YEAR"),
}
