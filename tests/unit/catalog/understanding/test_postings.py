import pytest

from catalog.understanding.levels import seniority_of, years_asked
from catalog.understanding.postings import understood
from schemas.job_json import job_from_json, job_to_json
from schemas.jobs import Job, Place, Salary

SILENT = Job(
    id="j-1",
    title="Senior Software Engineer",
    employer="Acme",
    description="<p>Five or more years of experience with Python, Docker and PostgreSQL.</p><p>Docker is used daily.</p>",
    places=(Place(locality="Austin", region="TX", country="US"),),
)
TOLD = Job(
    id="j-2",
    title="Senior Software Engineer",
    employer="Acme",
    description="Python",
    salary=Salary(1.0, 2.0, "USD", "YEAR"),
    skills=("Juggling",),
    seniority="ENTRY",
    occupation="Juggler",
    occupation_code="27-2099.00",
    workplace="HYBRID",
)


def test_what_a_posting_leaves_open_is_read_from_its_words_and_marked(understanding):
    job = understood(SILENT, understanding)

    assert job.occupation_code == "15-1252.00"
    assert {"Python", "Docker", "PostgreSQL"} <= set(job.skills)
    assert job.seniority == "EXPERIENCED"
    assert job.derived == ("occupation", "occupation_code", "seniority", "skills")


def test_pay_is_estimated_apart_from_what_is_posted(understanding):
    job = understood(SILENT, understanding)

    assert job.salary is None
    assert job.pay_estimate is not None
    low, high = job.pay_estimate.yearly()
    assert job.pay_estimate.currency == "USD"
    assert low is not None
    assert high is not None
    assert 50_000 < low < high


def test_a_named_town_gets_its_position(understanding):
    assert understood(SILENT, understanding).places[0].latitude == pytest.approx(30.27, abs=0.05)


def test_what_a_posting_states_is_never_changed(understanding):
    assert understood(TOLD, understanding) == TOLD


def test_reading_a_posting_again_changes_nothing(understanding):
    once = understood(SILENT, understanding)

    assert understood(once, understanding) == once


def test_what_was_derived_is_kept_on_the_topic(understanding):
    job = understood(SILENT, understanding)

    assert job_from_json(job_to_json(job)) == job


def test_words_about_distance_overrule_the_place_of_work_only_in_the_title_or_without_a_place(understanding):
    remote = "<p>This is a fully remote position, remote within the United States.</p>"
    placed = Job(id="j", title="Clerk", employer="Acme", description=remote, places=SILENT.places)
    unplaced = Job(id="j", title="Clerk", employer="Acme", description=remote)

    assert understood(placed, understanding).workplace == "ON_SITE"
    assert understood(unplaced, understanding).workplace == "REMOTE"
    assert understood(unplaced, understanding).applicant_regions == ("US",)


@pytest.mark.parametrize(
    ("title", "years", "level"),
    [
        ("Software Engineering Intern", None, "STUDENT"),
        ("Junior Accountant", 9, "ENTRY"),
        ("Nurse", 1, "ENTRY"),
        ("Nurse", 4, "EXPERIENCED"),
        ("Nurse", None, None),
        ("Principal Engineer", None, "EXPERIENCED"),
        ("Nursing Manager", None, "MANAGER"),
        ("Product Manager", 5, "EXPERIENCED"),
        ("Chief Technology Officer", None, "EXECUTIVE"),
        ("VP of Sales", None, "EXECUTIVE"),
    ],
)
def test_a_title_says_the_level_and_years_where_it_does_not(title, years, level):
    assert seniority_of(title, f"{years} years of experience") == level


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("5+ years of experience", 5),
        ("three (3) years of full-time satisfactory experience", 3),
        ("2-4 years of professional experience or 6 years' experience", 2),
        ("five+ years of experience, or 2 to 4 years of other experience", 2),
        ("two to four years of experience", 2),
        ("nine years of experience", 9),
        ("six ( 6 ) years of experience", 6),
        ("four years of progressive, responsible, experience in health care", 4),
        ("our 200 years of experience", None),
        ("nothing", None),
    ],
)
def test_the_fewest_years_that_are_asked_for_count(text, years):
    assert years_asked(text) == years
