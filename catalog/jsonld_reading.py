"""What a JobPosting of a feed means as a posting of ours; as tolerant of schema.org's many spellings as can be honest.

The JSON-LD is put under our names and read as our own JSON is, so one set of checks holds for both; a complaint comes
back under schema.org's names.
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from catalog.descriptions import html_of, unescaped
from schemas.ids import is_usable_id
from schemas.job_json import MalformedJob, job_from_object
from schemas.jobs import Job

Nodes = Mapping[str, Mapping[str, Any]]
"""The objects of a document by `@id`, for members that only refer to one."""

REQUISITION = "requisition"
"""The `propertyID` of an identifier that names the requisition instead of the posting."""
ONET_CODE = re.compile(r"\d\d-\d{4}(?:\.\d\d)?")
_MUST_HAVE = re.compile(r"[a-z][a-z-]*:[a-z0-9-]+")
_AMOUNT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
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
    posting = {name: _resolved(value, nodes or {}) for name, value in posting.items()}
    try:
        return job_from_object(_body(posting))
    except MalformedJob as complaint:
        raise MalformedJob(_their_name(complaint.field), complaint.problem) from None


def _body(posting: Mapping[str, Any]) -> dict[str, Any]:
    credentials, prose = _must_haves(posting.get("qualifications"))
    occupation, code = _occupation(posting)
    name, requisition = _names(posting)
    return {
        "id": name,
        "requisition_id": requisition,
        "title": _said(posting.get("title")) or _said(posting.get("name")),
        "description": _description({**posting, "qualifications": prose}),
        "employer": _said(posting.get("hiringOrganization")),
        "url": _said(posting.get("url")),
        "places": [place for entry in _many(posting.get("jobLocation")) if (place := _place(entry))],
        "workplace": _workplace(posting),
        "applicant_regions": [_said(entry) for entry in _many(posting.get("applicantLocationRequirements"))],
        "employment_types": [_employment_type(entry) for entry in _listed(posting.get("employmentType"))],
        "categories": [_said(entry) for entry in _many(posting.get("industry"))],
        "department": _said(posting.get("employmentUnit")),
        "salary": _salary(posting),
        "benefits": _listed(posting.get("jobBenefits")),
        "skills": _listed(posting.get("skills")),
        "occupation": occupation,
        "occupation_code": code,
        "must_haves": credentials,
        "posted_at": _said(posting.get("datePosted")),
        "valid_through": _said(posting.get("validThrough")),
        "updated_at": _said(posting.get("dateModified")),
        "openings": _count(posting.get("totalJobOpenings")),
        "language": _said(posting.get("inLanguage")),
    }


def _names(posting: Mapping[str, Any]) -> tuple[str, str | None]:
    """Answer the id and the requisition.

    The page's address stands in for a missing identifier: the same page is the same posting. One that is no id of ours
    (an address, an umlaut) is made one, always the same, and stays readable as the requisition.
    """
    own = next(_identifiers(posting, requisition=False), None)
    requisition = next(_identifiers(posting, requisition=True), None)
    name = own or _said(posting.get("url")) or _said(posting.get("@id"))
    if name is None:
        raise MalformedJob("identifier", "is missing, and there is no url that could stand in for it")
    if is_usable_id(str(name)):
        return str(name), requisition
    return f"ld-{sha256(str(name).encode()).hexdigest()[:32]}", requisition or own


def _identifiers(posting: Mapping[str, Any], *, requisition: bool) -> Iterator[str]:
    for entry in _many(posting.get("identifier")):
        named = entry.get("propertyID") if isinstance(entry, dict) else None
        value = _said(entry.get("value") if isinstance(entry, dict) else entry)
        if value and (named == REQUISITION) is requisition:
            yield value


def _description(posting: Mapping[str, Any]) -> str:
    told = posting.get("description")
    if told is not None and not isinstance(told, str | dict):
        raise MalformedJob("description", f"is {told!r}, expected a text")
    html = html_of(_raw(told) or "")
    for member, heading in _SECTIONS.items():
        for said in map(_raw, _many(posting.get(member))):
            section = html_of(said or "")
            if section and section not in html:
                html += f"\n<h3>{heading}</h3>\n{section}"
    return html.strip()


def _place(entry: Any) -> dict[str, Any] | None:
    if isinstance(entry, str):
        return {"locality": _said(entry)}
    if not isinstance(entry, dict) or _is_a(entry, "VirtualLocation"):
        return None
    address = _first(entry.get("address", entry))
    geo = _first(entry.get("geo")) or {}
    if not isinstance(address, dict):
        address = {"addressLocality": address}
    known = {
        "street": _said(address.get("streetAddress")),
        "locality": _said(address.get("addressLocality")),
        "region": _said(address.get("addressRegion")),
        "postal_code": _said(address.get("postalCode")),
        "country": _said(address.get("addressCountry")),
        "latitude": _figure(geo.get("latitude", entry.get("latitude"))) if isinstance(geo, dict) else None,
        "longitude": _figure(geo.get("longitude", entry.get("longitude"))) if isinstance(geo, dict) else None,
    }
    return {name: value for name, value in known.items() if value is not None} or None


def _workplace(posting: Mapping[str, Any]) -> str:
    kinds = {str(kind).upper().replace("-", "_").replace(" ", "_") for kind in _many(posting.get("jobLocationType"))}
    unknown = kinds - {"TELECOMMUTE", "REMOTE", "HYBRID", "ON_SITE", "ONSITE", ""}
    if unknown:
        raise MalformedJob("jobLocationType", f"is {min(unknown)!r}, expected TELECOMMUTE or HYBRID, or nothing")
    if "HYBRID" in kinds:
        return "HYBRID"
    is_virtual = any(_is_a(entry, "VirtualLocation") for entry in _many(posting.get("jobLocation")))
    return "REMOTE" if is_virtual or kinds & {"TELECOMMUTE", "REMOTE"} else "ON_SITE"


def _employment_type(written: str) -> str:
    name = written.rpartition("/")[2].upper().replace("-", "_").replace(" ", "_")
    return _EMPLOYMENT_TYPES.get(name, name)


def _salary(posting: Mapping[str, Any]) -> dict[str, Any] | None:
    """Answer the pay; an amount that is nowhere given is no pay, one without its unit is an error."""
    amount = _first(posting.get("baseSalary"))
    if not isinstance(amount, dict):
        amount = {"value": amount}
    value = _first(amount.get("value"))
    quantity = value if isinstance(value, dict) else {"value": value}
    low = _figure(_any_of(quantity, amount, ("minValue", "minPrice")))
    high = _figure(_any_of(quantity, amount, ("maxValue", "maxPrice")))
    exact = _figure(_any_of(quantity, {}, ("value",)) or amount.get("price"))
    if low is None and high is None and exact is None:
        return None
    currency = _said(_any_of(amount, quantity, ("currency", "priceCurrency"))) or _said(posting.get("salaryCurrency"))
    unit = _said(_any_of(quantity, amount, ("unitText", "unitCode")))
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
    for entry in _many(value):
        code = _said(entry.get("identifier")) if isinstance(entry, dict) else None
        if code and _MUST_HAVE.fullmatch(code):
            codes.append(code)
        else:
            prose.append(entry)
    return codes, prose


def _occupation(posting: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Answer an occupation's title and code, from `relevantOccupation` first."""
    title = code = None
    for entry in _many(posting.get("relevantOccupation")):
        title = title or _said(entry)
        code = code or (_coded(_first(entry.get("occupationalCategory"))) if isinstance(entry, dict) else None)
    for entry in _many(posting.get("occupationalCategory")):
        code = code or _coded(entry)
        title = title or ONET_CODE.sub("", str(_said(entry) or ""), count=1).strip(" :-,") or None
    return title, code


def _coded(entry: Any) -> Any:
    if isinstance(entry, dict):
        return _said(entry.get("codeValue"))
    found = ONET_CODE.match(str(_said(entry)))
    return found[0] if found else None


def _count(value: Any) -> Any:
    said = _first(value)
    return int(said) if isinstance(said, str) and said.isascii() and said.isdigit() and len(said) < 10 else said


def _figure(value: Any) -> Any:
    """Answer the number of a text such as `52,000.50`; what is none stays, and is complained of."""
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        unsigned = text.removeprefix("-")
        if _AMOUNT.fullmatch(unsigned) or _AMOUNT.fullmatch(f"0{unsigned}"):
            return float(text.replace(",", ""))
    return value


def _any_of(one: Mapping[str, Any], other: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((of[name] for of in (one, other) for name in names if of.get(name) is not None), None)


def _listed(value: Any) -> list[Any]:
    """Answer a list's texts, or those of a text with commas, semicolons or lines between them."""
    if isinstance(value, str):
        return [said for part in re.split(r"[,;\n•]", value) if (said := _said(part))]
    return [said for entry in _many(value) if (said := _said(entry))]


def _said(value: Any) -> Any:
    """Answer the text of a text, a number or a named thing; None for an empty one."""
    if isinstance(value, dict):
        return _said(_any_of(value, {}, ("name", "@value", "value", "identifier")))
    if isinstance(value, list):
        return _said(_first(value))
    if isinstance(value, str):
        return " ".join(unescaped(value).split()) or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _raw(value: Any) -> str | None:
    """Answer the text of prose, with its line breaks and tags."""
    if isinstance(value, dict):
        return _raw(_any_of(value, {}, ("description", "name", "@value", "credentialCategory"))) or _months(value)
    return value if isinstance(value, str) else None


def _months(value: Mapping[str, Any]) -> str | None:
    months = _figure(value.get("monthsOfExperience"))
    return f"{months:g} months of experience" if isinstance(months, int | float) and months else None


def _is_a(entry: Any, kind: str) -> bool:
    return isinstance(entry, dict) and any(str(name).rpartition("/")[2] == kind for name in _many(entry.get("@type")))


def _first(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value


def _many(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [entry for entry in value if entry is not None]
    return [] if value is None else [value]


def _resolved(value: Any, nodes: Nodes) -> Any:
    if isinstance(value, list):
        return [_resolved(entry, nodes) for entry in value]
    if isinstance(value, dict) and value.keys() <= {"@id", "@type"}:
        return nodes.get(str(value.get("@id")), value)
    return value


def _their_name(field: str) -> str:
    """Answer schema.org's path for one of ours: `places[0].latitude` is `jobLocation[0].geo.latitude`."""
    head, index, rest = re.match(r"([^.\[]*)(\[\d+\])?(.*)", field, re.DOTALL).groups("")  # type: ignore[union-attr]  # matches any text
    return _THEIR_NAMES.get(head + rest, _THEIR_NAMES.get(head, head) + rest).replace("[]", index) or field


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
_THEIR_NAMES = {
    "id": "identifier",
    "requisition_id": "identifier",
    "employer": "hiringOrganization.name",
    "places": "jobLocation[]",
    "places.street": "jobLocation[].address.streetAddress",
    "places.locality": "jobLocation[].address.addressLocality",
    "places.region": "jobLocation[].address.addressRegion",
    "places.postal_code": "jobLocation[].address.postalCode",
    "places.country": "jobLocation[].address.addressCountry",
    "places.latitude": "jobLocation[].geo.latitude",
    "places.longitude": "jobLocation[].geo.longitude",
    "applicant_regions": "applicantLocationRequirements[]",
    "employment_types": "employmentType",
    "categories": "industry[]",
    "department": "employmentUnit.name",
    "salary.minimum": "baseSalary.value.minValue",
    "salary.maximum": "baseSalary.value.maxValue",
    "salary.currency": "baseSalary.currency",
    "salary.unit": "baseSalary.value.unitText",
    "benefits": "jobBenefits[]",
    "skills": "skills[]",
    "occupation": "relevantOccupation.name",
    "occupation_code": "occupationalCategory",
    "posted_at": "datePosted",
    "valid_through": "validThrough",
    "updated_at": "dateModified",
    "openings": "totalJobOpenings",
    "language": "inLanguage",
}
