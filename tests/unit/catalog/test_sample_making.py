"""How the sample is made of its sources."""

import pytest

from catalog.sample.build import packed
from catalog.sample.making.must_haves import must_haves_of
from catalog.sample.making.occupations import Occupations
from catalog.sample.making.places import places_by_location
from catalog.sample.making.skills import known_skills, mentioned, rarest_first
from catalog.sample.making.tables import hand_written
from catalog.sample.making.terms import categories_of, employment_types_of, salary_of, workplace_of
from catalog.sample.making.texts import description_of, lines_of
from catalog.sample.making.titles import readable_title
from schemas.jobs import Salary
from tests.unit.catalog.items import a_job

SPELLINGS = dict(hand_written("words"))
SKILLS = known_skills()


def a_row(**known):
    texts = dict.fromkeys(
        (
            "description",
            "minimum_requirements",
            "preferred_skills",
            "additional_information",
            "hours_shift",
            "work_location_detail",
            "residency",
        ),
    )
    return {
        "job_id": 1,
        "business_title": "Nurse",
        "civil_service_title": "STAFF NURSE",
        "full_part_time": "F",
        **texts,
        **known,
    }


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("CASE MANAGEMENT SUPERVISOR", "Case Management Supervisor"),
        ("DIRECTOR OF THE DIVISION OF REVENUE AND CONTROL", "Director of the Division of Revenue and Control"),
        ("SENIOR FULL STACK .NET DEVELOPER", "Senior Full Stack .NET Developer"),
        ("IT PROJECT MANAGER", "IT Project Manager"),
        ("AGENCY ATTORNEY III", "Agency Attorney III"),
        ("CARETAKER J (HA)", "Caretaker J"),
        ("ASSOC. CHEMIST", "Associate Chemist"),
        ("BILLING UNIT LIASION", "Billing Unit Liaison"),
        ("HOUSING EXTERMINATOR L1", "Housing Exterminator Level 1"),
        ("Network Engineer - 620996", "Network Engineer"),
        ("Audit Engineer (2 positions)", "Audit Engineer"),
        ("Analyst FIRE", "Analyst Fire"),
        ("EHS Training Specialist", "EHS Training Specialist"),
        ("Public Health Nurse II, Bureau of School Health", "Public Health Nurse II, Bureau of School Health"),
        (",Director of Compliance", "Director of Compliance"),
        ("Executive Director Of Fleet", "Executive Director of Fleet"),
        ("FIA Operations â_x0080__x0093_ Manager", "FIA Operations \N{EN DASH} Manager"),
        ("Universal Metering InspectionÂ\xa0", "Universal Metering Inspection"),
        ("BWT - ADMINISTRATION/PERSONNEL", "BWT - Administration/Personnel"),
    ],
)
def test_titles_are_put_in_readable_case(source, title):
    assert readable_title(source, SPELLINGS) == title


@pytest.mark.parametrize(
    ("low", "high", "frequency", "salary"),
    [
        (50_000.0, 60_000.0, "Annual", Salary(50_000, 60_000, "USD", "YEAR")),
        (0.0, 75_000.0, "Annual", Salary(None, 75_000, "USD", "YEAR")),
        (52.0, 60.0, "Annual", Salary(52, 60, "USD", "HOUR")),
        (82.23, 88.13, "Daily", Salary(82.23, 88.13, "USD", "HOUR")),
        (440.16, 440.16, "Daily", Salary(440.16, 440.16, "USD", "DAY")),
        (60_000.0, 70_000.0, "Hourly", Salary(60_000, 70_000, "USD", "YEAR")),
        (0.0, 0.0, "Annual", None),
    ],
)
def test_impossible_pay_is_put_right(low, high, frequency, salary):
    assert salary_of({"salary_from": low, "salary_to": high, "salary_frequency": frequency}) == salary


@pytest.mark.parametrize(
    ("known", "types"),
    [
        ({}, ("FULL_TIME",)),
        ({"full_part_time": "P"}, ("PART_TIME",)),
        ({"full_part_time": None}, ()),
        ({"business_title": "Physician (Part-Time), Bureau of Tuberculosis Control"}, ("PART_TIME",)),
        ({"civil_service_title": "SUMMER COLLEGE INTERN"}, ("FULL_TIME", "INTERN", "TEMPORARY")),
        ({"civil_service_title": "COLLEGE AIDE (ALL CITY DEPTS)", "full_part_time": "P"}, ("PART_TIME", "INTERN")),
        ({"civil_service_title": "CITY SEASONAL AIDE"}, ("FULL_TIME", "TEMPORARY")),
        ({"civil_service_title": "CIVIL ENGINEERING INTERN"}, ("FULL_TIME",)),
        ({"business_title": "Records Associate (Per Diem)"}, ("FULL_TIME", "PER_DIEM")),
    ],
)
def test_employment_types_are_read_from_column_and_titles(known, types):
    assert employment_types_of(a_row(**known)) == types


@pytest.mark.parametrize(
    ("told", "workplace"),
    [
        ("This position may be eligible for remote work up to 2 days per week, pursuant to the program.", "HYBRID"),
        ("This is a hybrid position with in-person days.", "HYBRID"),
        ("CFB offers a flexible and hybrid work schedule.", "HYBRID"),
        ("remote work may be offered in the future", "ON_SITE"),
        ("Maintain Remote Terminal Units and remote desktop software.", "ON_SITE"),
        ("Experience in hybrid cloud environments.", "ON_SITE"),
        ("", "ON_SITE"),
    ],
)
def test_only_days_at_home_make_a_posting_hybrid(told, workplace):
    assert workplace_of(a_row(additional_information=told)) == workplace


def test_categories_are_taken_apart():
    row = {
        "job_id": 1,
        "job_categories": "Administration & Human Resources Engineering, Architecture, & Planning Health",
    }

    assert categories_of(row) == ("Administration & Human Resources", "Engineering, Architecture, & Planning", "Health")
    with pytest.raises(ValueError, match="no category begins 'Magic'"):
        categories_of({"job_id": 1, "job_categories": "Health Magic"})


@pytest.mark.parametrize(
    ("field", "told", "codes"),
    [
        (
            "minimum_requirements",
            "1. A diploma; or 2. A degree. License Requirement: A Motor Vehicle Driver License.",
            ("licence:driver",),
        ),
        ("minimum_requirements", "A Motor Vehicle Driver License may be required for certain assignments.", ()),
        ("minimum_requirements", "For certain positions, candidates will be required to possess a Driver License.", ()),
        ("preferred_skills", "A valid NYS driver's license is preferred.", ()),
        ("preferred_skills", "A valid New York State Driver's License", ()),
        ("preferred_skills", "A NYS driver's license is required", ("licence:driver",)),
        ("description", "Bring a Passport or Driver's license. It is required.", ()),
        (
            "minimum_requirements",
            "License Requirement: Possession of a Class B Commercial Driver License.",
            ("licence:cdl",),
        ),
        (
            "minimum_requirements",
            "Candidates must possess a CDL or a Motor Vehicle Driver License and a Learner's Permit.",
            ("licence:driver",),
        ),
        ("minimum_requirements", "Within one year, all candidates must possess a Commercial Driver License.", ()),
        (
            "minimum_requirements",
            "(1) Four years; and (2) A valid New York State Professional Engineer's License.",
            ("licence:pe",),
        ),
        (
            "minimum_requirements",
            "A valid New York State license as a Professional Engineer may be substituted for a year.",
            (),
        ),
        ("minimum_requirements", "1. A degree; or 2. A valid New York State Registration as an Architect.", ()),
        ("minimum_requirements", "1. A valid New York State Registration as an Architect.", ("certificate:ra",)),
        (
            "minimum_requirements",
            "1. Admission to the New York State Bar; and either 2 or 3 below. 2. One year; or\n3. Six months.",
            ("bar:ny",),
        ),
        ("minimum_requirements", "Graduation from a law school or admission to the New York State Bar.", ()),
        (
            "minimum_requirements",
            "1. A degree; or 2. Alike. However, all candidates must have a license as a Registered Nurse.",
            ("licence:rn",),
        ),
        (
            "minimum_requirements",
            "Possession of a valid license to practice medicine; and either: a) A paper; or b) Another.",
            ("licence:md",),
        ),
        ("residency", "NYC Residency is required for this position.", ("residency:nyc",)),
        ("residency", "New York City residency is generally required within 90 days of appointment.", ()),
        ("residency", "New York City Residency is not required for this position", ()),
        ("residency", "New York State Residency is REQUIRED on the first day of employment.", ("residency:nys",)),
    ],
)
def test_only_what_is_plainly_required_is_a_must_have(field, told, codes):
    assert must_haves_of(a_row(**{field: told})) == codes


@pytest.mark.parametrize(
    ("told", "skills"),
    [
        ("• Proficiency in Python, SQL and Excel", ("Python", "SQL", "Microsoft Excel")),
        ("Ability to excel in a fast-paced office; access to records; good outlook", ()),
        ("Excel in everything you do.", ()),
        ("• Java Scripts and JavaScript", ("JavaScript",)),
        ("The Bureau works for affordable housing.", ()),
        ("• Provide counseling to families and conduct audits", ("Auditing", "Counseling")),
        ("• Supervise and counsel staff", ()),
        ("Experience with R&D projects", ()),
        ("Proficiency with SAS or R; more", ("R", "SAS")),
        ("Bilingual: English/Spanish preferred", ("Spanish",)),
        ("React to emergencies quickly", ()),
        ("ReactJS, Node.js and C#", ("C#", "React", "Node.js")),
    ],
)
def test_skills_are_found_by_their_case_and_place(told, skills):
    assert set(mentioned(a_row(preferred_skills=told), SKILLS)) == set(skills)


def test_the_rarest_skills_of_a_posting_come_first():
    kept = rarest_first({"a": ("Excel", "Python"), "b": ("Excel",), "c": ("Excel", "SQL", "Python")})

    assert kept == {"a": ("Python", "Excel"), "b": ("Excel",), "c": ("SQL", "Python", "Excel")}


OCCUPATIONS = Occupations(
    titles={
        "civil engineer": frozenset({"17-2051.00"}),
        "budget analyst": frozenset({"13-2031.00"}),
        "design engineer": frozenset({"17-2051.00", "17-2141.00"}),
        "director": frozenset({"27-2012.00"}),
        "stock worker": frozenset({"53-7065.00"}),
    },
    reviewed={"director": "-", "project manager": "13-1082.00"},
)


@pytest.mark.parametrize(
    ("title", "civil_title", "civil_code", "code"),
    [
        ("Civil Engineer II", "City Planner", "19-3051.00", "17-2051.00"),
        ("ASSISTANT CIVIL ENGINEER", "", None, "17-2051.00"),
        ("Civil Engineers, Bureau of Bridges", "", None, "17-2051.00"),
        ("Senior Project Manager (HVAC)", "", None, "13-1082.00"),
        ("Capital Budget Analyst", "", None, "13-2031.00"),
        ("Design Engineer", "Mechanical Engineer", "17-2141.00", "17-2141.00"),
        ("Design Engineer", "City Planner", "19-3051.00", None),
        ("Director", "Administrative Engineer", "11-9041.00", "11-9041.00"),
        ("Director of Technology", "Computer Associate", "15-1232.00", None),
        ("Supervisor of Stock Workers", "", None, None),
        ("Wizard", "", None, None),
        ("", "", None, None),
    ],
)
def test_an_occupation_code_is_given_only_without_a_doubt(title, civil_title, civil_code, code):
    assert OCCUPATIONS.code_of(title, civil_title, civil_code) == code


def test_broken_lines_are_joined_and_bullets_parted():
    source = "Duties:\n• Determine requirements and manage\nthem well. • Review estimates ¿ Report\n•\nEnd"

    assert lines_of(source) == [
        "Duties:",
        "\N{BULLET} Determine requirements and manage them well.",
        "\N{BULLET} Review estimates",
        "\N{BULLET} Report",
        "\N{BULLET} End",
    ]


def test_a_description_has_all_fields_under_their_headings_and_no_markup_of_the_source():
    html = description_of(a_row(description="Lead <b>R&D</b>.", minimum_requirements="• A degree", hours_shift="9-5"))

    assert html == (
        "<p>Lead &lt;b&gt;R&amp;D&lt;/b&gt;.</p>"
        "\n<h3>Minimum requirements</h3>\n<ul><li>A degree</li></ul>"
        "\n<h3>Hours</h3>\n<p>9-5</p>"
    )


def test_a_contact_is_left_out():
    told = "Apply here. Recruitment Contact: Jane Doe Recruitment Email: [email] More."

    assert lines_of(told) == ["Apply here.  More."]


def test_every_work_location_has_a_place():
    places = places_by_location()

    assert len(places) == 293
    assert places["96-05 Horace Harding Expway"].label == "Queens, NY"
    assert places["465 Columbus Ave. Valhalla, Ny"].postal_code == "10595"
    assert places["NYC - All Boroughs"].street is None


def test_the_same_postings_give_the_same_bytes():
    assert packed([a_job(), a_job(id="j-2")]) == packed([a_job(), a_job(id="j-2")])


def test_skills_have_one_name_each_and_known_places():
    assert len({skill.name for skill in SKILLS}) == len(SKILLS) >= 150
    assert {where for _, where, _ in hand_written("skills")} == {"any", "text"}
