"""The shipped sample: what it holds, and that it is always of today."""

import gzip
import re
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

import catalog.sample
from catalog.descriptions import html_of
from catalog.feeds import Accepted, read_feed
from catalog.sample import DAY_MS, SNAPSHOT, sample_content, sample_jobs
from schemas.job_json import job_from_json

FOLDER = Path(catalog.sample.__file__).parent
NOW = SNAPSHOT + 812 * DAY_MS + 12_345_678
SEGMENTS = {"new-visitors", "returning", "active-job-seekers", "high-intent", "students", "stalled-applications", "lapsed"}  # fmt: skip


@pytest.fixture(scope="module")
def jobs():
    return list(sample_jobs(NOW))


@pytest.fixture(scope="module")
def content():
    return list(sample_content(NOW))


@pytest.fixture(scope="module")
def values(jobs):
    """Answer the values that the postings have in each dimension."""
    return {
        "occupation": {job.occupation for job in jobs},
        "skill": {skill for job in jobs for skill in job.skills},
        "employer": {job.employer for job in jobs},
        "place": {place.label for job in jobs for place in job.places},
        "employment": {kind for job in jobs for kind in job.employment_types},
        "workplace": {job.workplace for job in jobs},
        "category": {category for job in jobs for category in job.categories},
        "seniority": {job.seniority for job in jobs},
    }


def test_every_posting_of_the_source_is_there_once(jobs):
    assert len({job.id for job in jobs}) == len(jobs) == 2_626
    assert all(re.fullmatch(r"nyc-\d{6}", job.id) for job in jobs)


def test_all_postings_are_open_today_and_none_is_from_tomorrow(jobs):
    assert all(job.is_open(NOW) for job in jobs)
    assert max(job.posted_at for job in jobs) <= NOW
    assert max(job.posted_at for job in jobs) == NOW // DAY_MS * DAY_MS, "the newest is of today"


def test_times_are_moved_by_the_same_number_of_whole_days(jobs):
    with gzip.open(FOLDER / "jobs.jsonl.gz") as lines:
        stored = [job_from_json(line) for line in lines]
    shifts = {
        now - then
        for job, was in zip(jobs, stored, strict=True)
        for now, then in [(job.posted_at, was.posted_at), (job.updated_at, was.updated_at)]
    }
    ends = {j.valid_through - w.valid_through for j, w in zip(jobs, stored, strict=True) if w.valid_through}

    assert shifts == ends == {812 * DAY_MS}


def test_postings_expire_in_their_own_time(jobs):
    later = NOW + 30 * DAY_MS

    assert 0 < sum(not job.is_open(later) for job in jobs) < len(jobs)
    assert sum(job.valid_through is not None for job in jobs) == 758


def test_before_the_snapshot_time_runs_backwards_without_harm():
    (before, after) = (next(sample_jobs(now)).posted_at or 0 for now in (SNAPSHOT - 1, SNAPSHOT))
    assert 0 < before == after - DAY_MS


def test_the_shipped_file_is_small_and_without_a_time_stamp():
    packed = (FOLDER / "jobs.jsonl.gz").read_bytes()

    assert len(packed) <= 5_000_000
    assert packed[4:8] == b"\0\0\0\0"


def test_the_shipped_file_is_a_feed_without_a_fault():
    answers = list(islice(read_feed(FOLDER / "jobs.jsonl.gz"), 200))

    assert all(isinstance(answer, Accepted) and not answer.ignored for answer in answers)


def test_every_posting_says_what_ranking_and_rules_read(jobs):
    for job in jobs:
        (place,) = job.places
        assert job.title
        assert job.employer
        assert job.occupation
        assert job.seniority
        assert job.categories
        assert place.country == "US"
        assert place.region == "NY"
        assert 40 < place.latitude < 43
        assert -76 < place.longitude < -73


def test_pay_is_possible(jobs):
    for job in jobs:
        low, high = job.salary.yearly()
        assert high is not None
        assert 25_000 < high < 300_000
        assert low is None or 25_000 < low <= high
    assert sum(job.salary.minimum is None for job in jobs) == 11
    assert Counter(job.salary.unit for job in jobs) == {"YEAR": 2_402, "HOUR": 201, "DAY": 23}


def test_nothing_shouts(jobs):
    shouting = [job.title for job in jobs if len(job.title) > 8 and job.title.upper() == job.title and " " in job.title]
    assert shouting == []
    assert all(job.employer != job.employer.upper() for job in jobs)


def test_workplaces_are_hybrid_only_where_a_posting_speaks_of_days_at_home(jobs):
    hybrid = [job for job in jobs if job.workplace == "HYBRID"]

    assert 150 < len(hybrid) < 220
    assert all(re.search("remote|hybrid|from home", job.description, re.IGNORECASE) for job in hybrid)
    assert {job.workplace for job in jobs} == {"HYBRID", "ON_SITE"}


def test_descriptions_are_clean_html(jobs):
    assert all(html_of(job.description) == job.description for job in jobs[::25])
    assert sum("Minimum requirements</h3>" in job.description for job in jobs) > 2_500


def test_no_contact_is_named(jobs):
    assert not any(re.search(r"Recruitment Contact|, Esq\.", job.description, re.IGNORECASE) for job in jobs)


def test_half_of_the_postings_have_an_occupation_code_and_most_have_skills(jobs):
    assert sum(job.occupation_code is not None for job in jobs) > 0.5 * len(jobs)
    assert all(re.fullmatch(r"\d\d-\d{4}\.\d\d", job.occupation_code) for job in jobs if job.occupation_code)
    assert sum(bool(job.skills) for job in jobs) > 0.75 * len(jobs)
    assert max(len(job.skills) for job in jobs) <= 15


def test_must_haves_are_few_and_known(jobs):
    known = Counter(code for job in jobs for code in job.must_haves)

    assert set(known) == {
        "bar:ny", "certificate:ra", "certificate:rla", "licence:barber", "licence:cdl", "licence:driver", "licence:dvm",
        "licence:md", "licence:pe", "licence:pharmacist", "licence:rn", "residency:nyc", "residency:nys",
    }  # fmt: skip
    assert sum(bool(job.must_haves) for job in jobs) < 0.25 * len(jobs)
    assert max(len(job.must_haves) for job in jobs) <= 4


@pytest.mark.parametrize(
    ("kinds", "least"),
    [(["hero"], 10), (["benefit"], 10), (["video", "article"], 10), (["event"], 8), (["message"], 10), (["prep"], 10)],
)
def test_there_is_content_for_every_slot(content, kinds, least):
    assert sum(item.kind in kinds for item in content) >= least


def test_content_ids_are_unique_and_there_are_three_surveys(content):
    assert len({item.id for item in content}) == len(content)
    assert sum(item.kind == "survey" for item in content) == 3


def test_content_suits_only_what_occurs_in_the_postings(content, values):
    unknown = [
        (item.id, facet, value)
        for item in content
        for facet, of in item.facets.items()
        for value in of
        if value not in values[facet]
    ]
    assert unknown == []


def test_every_slot_has_something_for_everybody(content):
    for kinds in ({"hero"}, {"benefit"}, {"event"}, {"prep"}):
        assert any(item.kind in kinds and not item.segments and not item.facets for item in content), kinds


def test_content_speaks_to_segments_that_are_configured(content):
    assert {name for item in content for name in item.segments} == SEGMENTS


def test_live_events_lie_ahead_and_end_after_they_start(content):
    events = [item for item in content if item.kind == "event"]

    for event in events:
        assert NOW < event.starts_at < event.ends_at <= NOW + 31 * DAY_MS
        assert event.is_current(NOW)
    assert [e.starts_at for e in sample_content(NOW + DAY_MS) if e.kind == "event"] == [
        event.starts_at + DAY_MS for event in events
    ]


def test_a_prep_pack_has_two_points_and_a_question(content):
    for pack in (item for item in content if item.kind == "prep"):
        assert len(pack.payload["points"]) == 2
        assert pack.payload["question"].endswith(("?", "."))


def test_a_message_has_a_subject_a_text_and_a_way_on(content):
    for message in (item for item in content if item.kind == "message"):
        assert len(message.payload["subject"]) <= 60
        assert message.payload["text"]
        assert message.payload["link"]["href"].startswith("/")
        assert message.stages or message.segments


def test_a_hero_has_a_headline_a_text_and_a_call_to_action(content):
    for hero in (item for item in content if item.kind == "hero"):
        assert len(hero.payload["headline"]) <= 60
        assert hero.payload["text"]
        assert hero.payload["link"]["label"]


def test_links_into_the_search_name_values_that_occur(content, values):
    from urllib.parse import parse_qs, urlsplit

    for item in content:
        query = parse_qs(urlsplit(item.payload.get("link", {}).get("href", "")).query)
        for name, wanted in query.items():
            assert name == "query" or set(wanted) <= values[name], item.id
