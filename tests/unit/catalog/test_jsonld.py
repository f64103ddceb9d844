"""schema.org JobPosting and our posting, both ways."""

import json
from dataclasses import replace

import pytest
from hypothesis import given

from catalog.jsonld import NOT_CARRIED, job_from_jsonld, job_to_jsonld, jsonld_script
from schemas.ids import is_usable_id
from schemas.job_json import MalformedJob
from schemas.jobs import Job, Place, Salary
from tests.unit.catalog.items import JOBS, a_job, a_posting

_DEFAULTS = {name: getattr(a_job(), name) for name in NOT_CARRIED}


@given(JOBS)
def test_a_posting_comes_back_from_json_ld_but_for_what_schema_org_cannot_say(job):
    document = json.loads(json.dumps(job_to_jsonld(job)))

    assert job_from_jsonld(document) == replace(job, **_DEFAULTS)


def test_a_posting_page_shows_schema_org_names():
    job = a_job(
        requisition_id="R-7",
        description="<p>Care.</p>",
        places=(Place("1 Main St", "Brooklyn", "NY", "11201", "US", 40.69, -73.99),),
        workplace="REMOTE",
        applicant_regions=("US",),
        employment_types=("FULL_TIME", "TEMPORARY"),
        categories=("Health",),
        department="Ward 3",
        salary=Salary(50_000.0, 60_000.5, "USD", "YEAR"),
        benefits=("Pension",),
        skills=("Triage",),
        occupation="Nurse",
        occupation_code="29-1141.00",
        must_haves=("licence:rn",),
        posted_at=1_709_510_400_000,
        valid_through=1_709_510_400_000,
        openings=2,
    )

    assert job_to_jsonld(job, url="https://jobs.example/j-1") == {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "identifier": [
            {"@type": "PropertyValue", "name": "City Clinic", "value": "j-1"},
            {"@type": "PropertyValue", "propertyID": "requisition", "value": "R-7"},
        ],
        "title": "Nurse",
        "description": "<p>Care.</p>",
        "datePosted": "2024-03-04",
        "validThrough": "2024-03-04T00:00:00Z",
        "hiringOrganization": {"@type": "Organization", "name": "City Clinic"},
        "employmentUnit": {"@type": "Organization", "name": "Ward 3"},
        "jobLocation": [
            {
                "@type": "Place",
                "address": {
                    "@type": "PostalAddress",
                    "streetAddress": "1 Main St",
                    "addressLocality": "Brooklyn",
                    "addressRegion": "NY",
                    "postalCode": "11201",
                    "addressCountry": "US",
                },
                "geo": {"@type": "GeoCoordinates", "latitude": 40.69, "longitude": -73.99},
            }
        ],
        "jobLocationType": "TELECOMMUTE",
        "applicantLocationRequirements": [{"@type": "Country", "name": "US"}],
        "employmentType": ["FULL_TIME", "TEMPORARY"],
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": "USD",
            "value": {"@type": "QuantitativeValue", "minValue": 50_000.0, "maxValue": 60_000.5, "unitText": "YEAR"},
        },
        "jobBenefits": ["Pension"],
        "skills": ["Triage"],
        "qualifications": [
            {
                "@type": "EducationalOccupationalCredential",
                "credentialCategory": "licence",
                "name": "rn",
                "identifier": "licence:rn",
            }
        ],
        "industry": ["Health"],
        "occupationalCategory": {"@type": "CategoryCode", "inCodeSet": "O*NET-SOC", "codeValue": "29-1141.00"},
        "relevantOccupation": {
            "@type": "Occupation",
            "name": "Nurse",
            "occupationalCategory": {"@type": "CategoryCode", "inCodeSet": "O*NET-SOC", "codeValue": "29-1141.00"},
        },
        "totalJobOpenings": 2,
        "url": "https://jobs.example/j-1",
    }


def test_a_script_on_a_page_cannot_be_ended_by_a_text_in_it():
    script = jsonld_script(job_to_jsonld(a_job(title="</script><script>alert(1)//&")))

    assert "<" not in script
    assert json.loads(script)["title"] == "</script><script>alert(1)//&"


@pytest.mark.parametrize(
    ("identifier", "answer"),
    [
        ("j-9", ("j-9", None)),
        (17, ("17", None)),
        ({"@type": "PropertyValue", "name": "City", "value": 17}, ("17", None)),
        ([{"propertyID": "requisition", "value": "R-1"}, {"value": "j-9"}], ("j-9", "R-1")),
    ],
)
def test_an_identifier_may_be_a_text_a_number_or_property_values(identifier, answer):
    job = job_from_jsonld(a_posting(identifier=identifier))

    assert (job.id, job.requisition_id) == answer


def test_the_address_of_the_page_stands_in_for_a_missing_identifier():
    assert job_from_jsonld(a_posting(identifier=None, url="https://jobs.example/9")).id == "https://jobs.example/9"
    with pytest.raises(MalformedJob, match="identifier is missing, and there is no url that could stand in for it"):
        job_from_jsonld(a_posting(identifier=None))


@pytest.mark.parametrize("name", ["https://jobs.example/" + "x" * 60, "Größe-7", 'a"b'])
def test_an_identifier_that_is_no_id_of_ours_is_made_one_and_kept_as_the_requisition(name):
    job = job_from_jsonld(a_posting(identifier=name))

    assert is_usable_id(job.id)
    assert job.requisition_id == name
    assert job_from_jsonld(a_posting(identifier=name)).id == job.id != job_from_jsonld(a_posting(identifier="z")).id


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("Berlin", Place(locality="Berlin")),
        ({"@type": "Place", "address": "Berlin"}, Place(locality="Berlin")),
        (
            {"address": {"addressLocality": "Berlin", "addressCountry": {"@type": "Country", "name": "DE"}}},
            Place(locality="Berlin", country="DE"),
        ),
        ({"@type": "PostalAddress", "addressLocality": "Berlin"}, Place(locality="Berlin")),
        (
            [{"address": {"postalCode": 10115}, "geo": {"latitude": "52.53", "longitude": "-13.4"}}],
            Place(postal_code="10115", latitude=52.53, longitude=-13.4),
        ),
    ],
)
def test_a_location_may_be_written_in_many_ways(location, place):
    assert job_from_jsonld(a_posting(jobLocation=location)).places == (place,)


@pytest.mark.parametrize(
    ("members", "workplace"),
    [
        ({}, "ON_SITE"),
        ({"jobLocationType": "TELECOMMUTE"}, "REMOTE"),
        ({"jobLocationType": ["telecommute"]}, "REMOTE"),
        ({"jobLocationType": "HYBRID"}, "HYBRID"),
        ({"jobLocation": {"@type": "VirtualLocation"}}, "REMOTE"),
    ],
)
def test_telecommuting_is_remote_work(members, workplace):
    assert job_from_jsonld(a_posting(**members)).workplace == workplace


def test_regions_are_read_from_countries_and_states():
    required = [{"@type": "Country", "name": "US"}, {"@type": "State", "name": "Ohio, USA"}, "Kenya"]

    assert job_from_jsonld(a_posting(applicantLocationRequirements=required)).applicant_regions == (
        "US",
        "Ohio, USA",
        "Kenya",
    )


@pytest.mark.parametrize(
    ("written", "types"),
    [
        ("FULL_TIME", ("FULL_TIME",)),
        (["FULL_TIME", "CONTRACTOR"], ("FULL_TIME", "CONTRACTOR")),
        ("Full-time, part time", ("FULL_TIME", "PART_TIME")),
        ("https://schema.org/FULL_TIME", ("FULL_TIME",)),
        (["internship", "seasonal"], ("INTERN", "TEMPORARY")),
    ],
)
def test_an_employment_type_may_be_a_text_or_a_list(written, types):
    assert job_from_jsonld(a_posting(employmentType=written)).employment_types == types


@pytest.mark.parametrize(
    ("salary", "answer"),
    [
        (
            {"currency": "USD", "value": {"minValue": 20, "maxValue": "25.50", "unitText": "HOUR"}},
            (20, 25.5, "USD", "HOUR"),
        ),
        ({"currency": "usd", "value": {"value": "52,000", "unitText": "Yearly"}}, (52_000, 52_000, "USD", "YEAR")),
        ({"currency": "EUR", "value": 3000, "unitText": "per month"}, (3000, 3000, "EUR", "MONTH")),
        ({"currency": "EUR", "minValue": 1, "maxValue": 2, "unitText": "DAY"}, (1, 2, "EUR", "DAY")),
        ({"priceCurrency": "EUR", "minPrice": 1, "unitCode": "ANN"}, (1, None, "EUR", "YEAR")),
        ([{"currency": "USD", "value": [{"minValue": 0, "unitText": "WEEK"}]}], (0, None, "USD", "WEEK")),
    ],
)
def test_pay_may_be_written_in_many_ways(salary, answer):
    assert job_from_jsonld(a_posting(baseSalary=salary)).salary == Salary(*answer)


@pytest.mark.parametrize("salary", [None, {}, {"currency": "USD", "value": {"unitText": ""}}, {"value": {"value": ""}}])
def test_pay_without_an_amount_is_no_pay(salary):
    assert job_from_jsonld(a_posting(baseSalary=salary)).salary is None


@pytest.mark.parametrize(
    ("member", "value", "sentence"),
    [
        ("title", None, "title is missing, expected a text that is not empty"),
        ("title", ["Nurse", {}], None),
        ("hiringOrganization", {"logo": "x.png"}, "hiringOrganization.name is missing"),
        ("datePosted", "next week", "datePosted is 'next week', expected a date such as 2026-03-31"),
        ("validThrough", "31.12.2026", "validThrough is '31.12.2026', expected a date such as 2026-03-31"),
        ("employmentType", "Vollzeit", "employmentType is 'VOLLZEIT', expected one of FULL_TIME, PART_TIME"),
        ("jobLocationType", "MOON", "jobLocationType is 'MOON', expected TELECOMMUTE or HYBRID"),
        (
            "jobLocation",
            {"geo": {"latitude": 99}},
            "jobLocation[0].geo.latitude is 99, expected a number from -90 to 90",
        ),
        (
            "baseSalary",
            {"currency": "USD", "value": {"value": 5, "unitText": "MOON"}},
            "baseSalary.value.unitText is 'MOON', expected one of HOUR",
        ),
        ("baseSalary", {"currency": "USD", "value": {"value": 5}}, "baseSalary.value.unitText is missing"),
        ("baseSalary", {"value": {"value": 5, "unitText": "DAY"}}, "baseSalary.currency is missing"),
        (
            "baseSalary",
            {"currency": "USD", "value": {"minValue": "much", "unitText": "DAY"}},
            "baseSalary.value.minValue is 'much', expected a number",
        ),
        ("totalJobOpenings", "several", "totalJobOpenings is 'several', expected a whole number"),
        ("url", "javascript:alert(1)", "url is 'javascript:alert(1)', expected an address that begins with"),
        ("description", 5, "description is 5, expected a text"),
    ],
)
def test_a_complaint_is_made_under_schema_orgs_names(member, value, sentence):
    if sentence is None:
        assert job_from_jsonld(a_posting(**{member: value})).title == "Nurse"
        return
    with pytest.raises(MalformedJob) as refusal:
        job_from_jsonld(a_posting(**{member: value}))

    assert str(refusal.value).startswith(sentence)


def test_an_object_that_is_only_named_is_looked_up_in_the_document():
    posting = a_posting(hiringOrganization={"@id": "#us"}, jobLocation=[{"@id": "#here"}])
    nodes = {"#us": {"@type": "Organization", "name": "Clinic & Sons"}, "#here": {"address": "Bonn"}}

    job = job_from_jsonld(posting, nodes)

    assert (job.employer, job.places) == ("Clinic & Sons", (Place(locality="Bonn"),))


def test_entities_in_a_title_are_resolved():
    assert job_from_jsonld(a_posting(title="R&amp;D  Lead\n")).title == "R&D Lead"


def test_prose_about_requirements_joins_the_description():
    job = job_from_jsonld(
        a_posting(
            description="Plain & simple",
            experienceRequirements={"@type": "OccupationalExperienceRequirements", "monthsOfExperience": 24},
            educationRequirements={
                "@type": "EducationalOccupationalCredential",
                "credentialCategory": "bachelor degree",
            },
            qualifications=["Patience.", {"identifier": "licence:rn"}],
            eligibilityToWorkRequirement="Must be <b>eligible</b> to work here.",
        )
    )

    assert job.must_haves == ("licence:rn",)
    assert job.description == (
        "<p>Plain &amp; simple</p>"
        "\n<h3>Qualifications</h3>\n<p>Patience.</p>"
        "\n<h3>Experience</h3>\n<p>24 months of experience</p>"
        "\n<h3>Education</h3>\n<p>bachelor degree</p>"
        "\n<h3>Eligibility to work</h3>\nMust be <b>eligible</b> to work here."
    )


def test_a_foreign_credential_is_no_must_have():
    job = job_from_jsonld(a_posting(qualifications={"name": "Diploma", "identifier": "https://example.org/diploma"}))

    assert job.must_haves == ()
    assert "Diploma" in job.description


@pytest.mark.parametrize(
    ("members", "answer"),
    [
        ({"occupationalCategory": "15-1252.00 Software Developers"}, ("Software Developers", "15-1252.00")),
        ({"occupationalCategory": ["15-1252", "Software"]}, ("Software", "15-1252")),
        ({"occupationalCategory": {"codeValue": "15-1252.00"}}, (None, "15-1252.00")),
        ({"relevantOccupation": "Developer", "occupationalCategory": "IT"}, ("Developer", None)),
    ],
)
def test_an_occupation_is_read_with_its_code(members, answer):
    job = job_from_jsonld(a_posting(**members))

    assert (job.occupation, job.occupation_code) == answer


def test_lists_may_be_one_text():
    job = job_from_jsonld(a_posting(skills="Python, SQL;Git", jobBenefits=[{"name": "Pension"}], industry="Health"))

    assert job == Job(
        id="j-1",
        title="Nurse",
        employer="City Clinic",
        skills=("Python", "SQL", "Git"),
        benefits=("Pension",),
        categories=("Health",),
    )
