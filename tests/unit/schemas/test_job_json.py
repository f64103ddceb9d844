"""The wire form of a posting."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.job_json import MalformedJob, job_from_json, job_from_object, job_to_json
from schemas.jobs import Job, Place, Salary
from tests.unit.catalog.items import JOBS, a_job


@given(JOBS)
def test_a_posting_survives_the_wire(job):
    assert job_from_json(job_to_json(job)) == job


@given(JOBS)
def test_equal_postings_have_equal_bytes(job):
    assert job_to_json(job_from_json(job_to_json(job))) == job_to_json(job)


def test_absent_members_take_no_room_on_the_wire():
    assert json.loads(job_to_json(a_job())) == {
        "id": "j-1",
        "title": "Nurse",
        "employer": "City Clinic",
        "workplace": "ON_SITE",
        "language": "en",
        "status": "OPEN",
    }


def test_null_and_the_empty_text_are_the_same_as_absence():
    job = job_from_object({"id": "j", "title": "T", "employer": "E", "url": "", "department": None, "seniority": None})

    assert job == Job(id="j", title="T", employer="E")


def test_unknown_members_are_ignored_on_the_wire():
    assert job_from_object({"id": "j", "title": "T", "employer": "E", "colour": "blue"}) == Job("j", "T", "E")


@pytest.mark.parametrize(
    ("member", "value", "sentence"),
    [
        ("id", None, "id is missing, expected a text that is not empty"),
        ("title", "   ", "title is '   ', expected a text"),
        ("title", 7, "title is 7, expected a text"),
        ("id", "x" * 201, "id is 'xxxxx"),
        ("id", 'a"b', "id is 'a\"b', expected 1 to 64 printable ASCII characters without quote or backslash"),
        ("workplace", "MOON", "workplace is 'MOON', expected one of ON_SITE, HYBRID, REMOTE"),
        ("status", 1, "status is 1, expected one of OPEN, CLOSED"),
        ("seniority", "BOSS", "seniority is 'BOSS', expected one of STUDENT, ENTRY, EXPERIENCED, MANAGER, EXECUTIVE"),
        ("employment_types", "FULL_TIME", "employment_types is 'FULL_TIME', expected a list of at most 200 texts"),
        ("skills", ["Python", ""], "skills[1] is '', expected a text of 1 to 2,000 characters"),
        ("skills", ["Python", 3], "skills[1] is 3, expected a text of 1 to 2,000 characters"),
        ("places", {"locality": "Rome"}, "places is {'locality': 'Rome'}, expected a list of at most 200 places"),
        ("places", ["Rome"], "places[0] is 'Rome', expected an object"),
        ("places", [{}, {"latitude": 91}], "places[1].latitude is 91, expected a number from -90 to 90"),
        ("places", [{"longitude": True}], "places[0].longitude is True, expected a number from -180 to 180"),
        ("openings", -1, "openings is -1, expected a whole number from 0 to 1,000,000"),
        ("openings", 1.5, "openings is 1.5, expected a whole number from 0 to 1,000,000"),
        (
            "posted_at",
            "soon",
            "posted_at is 'soon', expected a date such as 2026-03-31, or milliseconds since the epoch",
        ),
        ("posted_at", -5, "posted_at is -5, expected a date such as 2026-03-31, or milliseconds since the epoch"),
        (
            "url",
            "javascript:alert(1)",
            "url is 'javascript:alert(1)', expected an address that begins with https:// or http://",
        ),
        ("salary", 5, "salary is 5, expected an object"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(member, value, sentence):
    with pytest.raises(MalformedJob) as refusal:
        job_from_object({"id": "j", "title": "T", "employer": "E", member: value})

    assert str(refusal.value).startswith(sentence)
    assert refusal.value.field.startswith(member)


@pytest.mark.parametrize(
    ("salary", "field", "problem"),
    [
        ({"currency": "USD", "unit": "MOON"}, "salary.unit", "is 'MOON', expected one of HOUR, DAY, WEEK, MONTH, YEAR"),
        ({"currency": "USD"}, "salary.unit", "is missing, expected a text that is not empty"),
        (
            {"currency": "dollar", "unit": "DAY"},
            "salary.currency",
            "is 'dollar', expected a currency's three letters, such as EUR",
        ),
        (
            {"currency": "USD", "unit": "DAY", "minimum": "9"},
            "salary.minimum",
            "is '9', expected a number from 0 to 1e+09",
        ),
        (
            {"currency": "USD", "unit": "DAY", "minimum": 9, "maximum": 8},
            "salary.minimum",
            "is 9.0, expected at most the maximum, 8",
        ),
    ],
)
def test_a_complaint_about_pay_names_its_member(salary, field, problem):
    with pytest.raises(MalformedJob) as refusal:
        job_from_object({"id": "j", "title": "T", "employer": "E", "salary": salary})

    assert (refusal.value.field, refusal.value.problem) == (field, problem)


@pytest.mark.parametrize("value", [b"", b"{", b"[1]", b"null", b'"text"', b"\xff\xfe"])
def test_a_value_that_is_no_object_is_malformed(value):
    with pytest.raises(MalformedJob):
        job_from_json(value)


@given(st.binary())
def test_no_bytes_raise_anything_but_malformed_job(value):
    with contextlib.suppress(MalformedJob):
        job_from_json(value)


@given(
    st.dictionaries(
        st.sampled_from(["id", "title", "employer", "places", "salary", "skills", "openings", "posted_at", "status"]),
        st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=2)),
    )
)
def test_no_object_raises_anything_but_malformed_job(body):
    with contextlib.suppress(MalformedJob):
        job_from_object(body)


def test_a_date_may_be_written_as_a_date():
    job = job_from_object(
        {
            "id": "j",
            "title": "T",
            "employer": "E",
            "posted_at": "2024-03-04",
            "updated_at": "2024-03-04T01:00:00+01:00",
            "valid_through": "2024-03-04",
        }
    )

    assert job.posted_at == job.updated_at == 1_709_510_400_000
    assert job.valid_through == 1_709_510_400_000 + 86_400_000, "the last day counts"


def test_places_and_pay_come_back_as_they_went():
    place = Place(locality="Brooklyn", region="NY", country="US", latitude=40.65, longitude=-73.95)
    job = a_job(places=(place,), salary=Salary(20.0, None, "USD", "HOUR"))

    assert job_from_json(job_to_json(job)) == job
