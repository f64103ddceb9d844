import pytest

from catalog.understanding.json_resumes import read_json_resume
from catalog.understanding.resume_dates import Period, months_worked
from catalog.understanding.resumes import read_resume

NOVEMBER_2026 = 2026 * 12 + 10
RESUME = """Jane Doe
Austin, TX | jane@example.com
Date of Birth: 3 March 1985
Nationality: Canadian   Marital Status: married

PROFESSIONAL EXPERIENCE
Senior Software Engineer, Acme Systems Inc
Jan 2019 - Present
- Built services in Python, Django and Kafka. No experience with Ruby.
Data Analyst | Globex Corporation | 06/2015 - 12/2018
- SQL, Tableau

EDUCATION
Bachelor of Science in Computer Science, University of Texas, 2011 - 2015

Certifications
AWS Certified Solutions Architect
PMP

Languages: English (native), Spanish
"""


@pytest.fixture
def resume(understanding):
    return read_resume(RESUME, understanding, this_month=NOVEMBER_2026)


def test_work_is_read_with_employer_title_and_time_the_newest_first(resume):
    told = [
        (work.title, work.employer, work.body().get("startDate"), work.body().get("endDate")) for work in resume.work
    ]

    assert told == [
        ("Senior Software Engineer", "Acme Systems Inc", "2019-01", None),
        ("Data Analyst", "Globex Corporation", "2015-06", "2018-12"),
    ]
    assert resume.work[0].onet.code == "15-1252.00"
    assert resume.work[0].isco == "2512"


def test_work_is_read_where_title_employer_and_time_stand_below_one_another(understanding):
    lines = [
        "Financial Analyst",
        "Globex - Austin, Texas -",
        "June 2014 to May 2016",
        "Senior Accountant",
        "Initech",
        "2010 - 2013",
    ]
    text = "\n\n".join(["WORK EXPERIENCE", *lines])

    work = read_resume(text, understanding, this_month=NOVEMBER_2026).work

    assert [(each.title, each.employer) for each in work] == [
        ("Financial Analyst", "Globex"),
        ("Senior Accountant", "Initech"),
    ]


def _read(understanding, text):
    return [(each.title, each.employer) for each in read_resume(text, understanding, this_month=NOVEMBER_2026).work]


@pytest.mark.parametrize("period", ["2006  Present", "May 2012  June 2014", "2008\x962012", "20082012"])
def test_a_period_is_read_where_a_converter_lost_its_dash(understanding, period):
    text = f"Experience\n{period}: Circulation Director, Acme Publishing Ltd."

    assert _read(understanding, text) == [("Circulation Director", "Acme Publishing Ltd")]


def test_a_title_is_read_without_a_period_about_work_in_the_headline_and_behind_its_label(understanding):
    text = "Kim Doe\nJava Developer\n\nWork Experience\nSoftware Tester - Oracle Ltd\n\nProjects\nRole: Database Administrator"

    assert _read(understanding, text) == [
        ("Java Developer", None),
        ("Software Tester", "Oracle Ltd"),
        ("Database Administrator", None),
    ]


def test_a_sentence_that_names_a_title_is_no_work(understanding):
    assert (
        _read(understanding, "Experience\nI reported to the manager of the sales team and helped every engineer there.")
        == []
    )


def test_a_duty_is_no_employer(understanding):
    text = "Experience\n2010 - 2012 | Sales Manager\nDeveloped new markets"

    assert _read(understanding, text) == [("Sales Manager", None)]


@pytest.mark.parametrize(
    "lines",
    [
        ["2007 - Present", "Globex Motors", "Sales Executive", "Conducted sales meetings every month."],
        ["Designation: Sales Executive", "Organization: Globex Motors, Phoenix, AZ", "Duration: May 2010 - till date"],
        ["Globex Motors", "Palatine, IL 2006 to 2009", "Sales Executive"],
        ["Sales Executive", "Globex Motors -  Bengaluru, Karnataka -", "March 2011 to April 2018"],
        ["Sales Executive", "Globex Motors, India", "Client: Initech Inc", "May 2006 - April 2008"],
        ["GLOBEX MOTORS", "Seattle, WA", "Sales Executive", "2005-Present"],
        ["Sales Executive (2/1/2012 - Current)", "Globex Motors"],
        ["Sales Executive, Globex Motors, Boston, MA, 1971-76."],
        ["Currently working as Sales Executive at Globex Motors."],
    ],
)
def test_an_employer_is_read_above_below_and_beside_a_title_and_is_no_place_client_or_duty(understanding, lines):
    (work,) = _read(understanding, "\n".join(["Professional Experience", *lines]))

    assert (work[0].casefold(), work[1].casefold()) == ("sales executive", "globex motors")


def test_a_period_outside_of_work_is_work_only_beside_a_title(understanding):
    text = "Projects\n2012 - 2014\nConsole Chess"

    assert _read(understanding, text) == []


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2/1/2012 - 8/31/2014", "2012-02", "2014-08"),
        ("1971-76", "1971-01", "1976-12"),
        ("Jan-Mar 2011", "2011-01", "2011-03"),
        ("Sept' 2013 to Apr' 2014", "2013-09", "2014-04"),
    ],
)
def test_a_period_is_read_however_it_is_written(understanding, written, first, last):
    (work,) = read_resume(f"Experience\nBaker, {written}", understanding, this_month=NOVEMBER_2026).work

    assert (work.body()["startDate"], work.body()["endDate"]) == (first, last)


def test_years_of_experience_count_overlapping_work_once(resume):
    assert resume.years == 11.5
    assert months_worked([Period(0, 11), Period(6, 17), Period(24, 24)]) == 19


def test_skills_are_coded_with_evidence_and_without_what_is_denied(resume):
    found = {each.skill.name: each.evidence for each in resume.skills}

    assert {"Python", "Django", "Kafka", "SQL", "Tableau"} <= found.keys()
    assert found["Django"] == "Django"
    assert "Ruby" not in found


def test_education_certificates_languages_and_place_are_read(resume):
    assert resume.education == (
        {"studyType": "Bachelor", "area": "Computer Science", "institution": "University of Texas"},
    )
    assert resume.certificates == ("AWS Certified Solutions Architect", "PMP")
    assert resume.languages == ("English", "Spanish")
    assert resume.location == {"city": "Austin", "region": "TX", "countryCode": "US"}


def test_what_nobody_may_decide_by_is_dropped_and_counted(resume):
    assert resume.dropped == {"age": 1, "nationality": 1, "family": 1}
    assert "1985" not in str(resume.body())
    assert "Canadian" not in str(resume.body())


def test_a_json_resume_says_the_same_as_its_members(understanding):
    document = {
        "basics": {"name": "Jane", "image": "me.jpg", "location": {"city": "Austin", "countryCode": "US"}},
        "work": [
            {
                "name": "Acme",
                "position": "Software Engineer",
                "startDate": "2024-01-15",
                "highlights": ["Used Django, Kafka"],
            }
        ],
        "skills": [{"name": "Databases", "keywords": ["PostgreSQL"]}],
        "languages": [{"language": "English"}, {"language": 7}],
        "education": "none",
    }
    resume = read_json_resume(document, understanding, this_month=NOVEMBER_2026)

    assert resume.work[0].body()["x-onet"] == "15-1252.00"
    assert {"PostgreSQL", "Django", "Kafka"} <= {each.skill.name for each in resume.skills}
    assert resume.years == pytest.approx(2.9)
    assert resume.languages == ("English",)
    assert resume.dropped == {"image": 1}


@pytest.mark.parametrize("text", ["", "\n\n", "x" * 100_000, "2019 - 2018", "(" * 5_000])
def test_a_text_that_is_no_resume_says_little_and_breaks_nothing(understanding, text):
    assert read_resume(text, understanding, this_month=NOVEMBER_2026).work == ()


def test_however_many_titles_stand_without_a_period_a_few_are_read(understanding):
    text = "Experience\n" + "\n".join(f"Zorble{number} Manager" for number in range(2_000))

    assert len(_read(understanding, text)) == 10
