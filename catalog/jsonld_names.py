"""What schema.org calls the members of a posting."""

import re


def their_name(field: str) -> str:
    """Answer schema.org's path for one of ours: `places[0].latitude` is `jobLocation[0].geo.latitude`."""
    head, index, rest = re.match(r"([^.\[]*)(\[\d+\])?(.*)", field, re.DOTALL).groups("")  # type: ignore[union-attr]  # matches any text
    return _THEIR_NAMES.get(head + rest, _THEIR_NAMES.get(head, head) + rest).replace("[]", index) or field


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
