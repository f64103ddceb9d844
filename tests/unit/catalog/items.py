"""Strategies and builders for postings and content."""

from typing import Any, get_args

from hypothesis import strategies as st

from catalog.descriptions import html_of
from schemas.content import Content, ContentKind
from schemas.content_json import FACETS
from schemas.events import STAGES
from schemas.jobs import EmploymentType, Job, PayUnit, Place, Salary, Seniority, Workplace

_WORDS = st.text(st.characters(categories=["L", "N"], include_characters=" .,-'/()&ü€"), min_size=1, max_size=30)
WORDS = _WORDS.map(lambda text: " ".join(text.split())).filter(bool)
"""Texts as people write names: no entity, no runs of space, nothing at the ends."""
IDS = (
    st.from_regex(r"[A-Za-z0-9:._/ -]{0,63}[A-Za-z0-9]", fullmatch=True)
    .map(str.strip)
    .filter(lambda text: "  " not in text)
)
MOMENTS = st.integers(0, 4_102_444_800_000)
MUST_HAVES = st.from_regex(r"[a-z][a-z-]{0,8}:[a-z0-9-]{1,12}", fullmatch=True)

PLACES = (
    st.builds(
        Place,
        street=st.none() | WORDS,
        locality=st.none() | WORDS,
        region=st.none() | WORDS,
        postal_code=st.none() | WORDS,
        country=st.none() | WORDS,
        latitude=st.none() | st.floats(-90, 90),
        longitude=st.none() | st.floats(-180, 180),
    )
).filter(lambda place: place != Place())


@st.composite
def salaries(draw: st.DrawFn) -> Salary:
    ends = sorted(draw(st.lists(st.floats(0, 1e9), min_size=2, max_size=2)))
    hidden = draw(st.sampled_from(["neither", "minimum", "maximum"]))
    return Salary(
        minimum=None if hidden == "minimum" else ends[0],
        maximum=None if hidden == "maximum" else ends[1],
        currency=draw(st.sampled_from(["USD", "EUR", "JPY"])),
        unit=draw(st.sampled_from(get_args(PayUnit))),
    )


def _some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=4).map(tuple)


JOBS = st.builds(
    Job,
    id=IDS,
    title=WORDS,
    employer=WORDS,
    description=st.just("") | _WORDS.map(html_of),
    url=st.none() | WORDS.map(lambda text: f"https://example.org/{text}"),
    requisition_id=st.none() | WORDS,
    places=_some(PLACES),
    workplace=st.sampled_from(get_args(Workplace)),
    applicant_regions=_some(WORDS),
    employment_types=_some(st.sampled_from(get_args(EmploymentType))),
    categories=_some(WORDS),
    department=st.none() | WORDS,
    salary=st.none() | salaries(),
    benefits=_some(WORDS),
    skills=_some(WORDS),
    seniority=st.none() | st.sampled_from(get_args(Seniority)),
    occupation=st.none() | WORDS,
    occupation_code=st.none() | st.sampled_from(["17-2051.00", "29-1141.00", "C2512"]),
    must_haves=_some(MUST_HAVES),
    posted_at=st.none() | MOMENTS,
    valid_through=st.none() | MOMENTS,
    updated_at=st.none() | MOMENTS,
    openings=st.none() | st.integers(0, 1_000_000),
    language=st.sampled_from(["en", "de"]),
    status=st.sampled_from(["OPEN", "CLOSED"]),
)

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
CONTENT = st.builds(
    Content,
    id=IDS,
    kind=st.sampled_from(get_args(ContentKind)),
    title=WORDS,
    payload=st.dictionaries(WORDS.filter(lambda name: name.lower() == name and len(name) > 9), _JSON, max_size=3),
    facets=st.dictionaries(st.sampled_from(FACETS), _some(WORDS), max_size=3),
    segments=_some(WORDS),
    stages=_some(st.sampled_from(STAGES)),
    priority=st.integers(-1000, 1000),
    starts_at=st.none() | st.integers(0, 10**12),
    ends_at=st.none() | st.integers(10**12 + 1, 10**13),
    language=st.sampled_from(["en", "de"]),
)


def a_job(**known: Any) -> Job:
    return Job(**{"id": "j-1", "title": "Nurse", "employer": "City Clinic", **known})


def a_posting(**known: Any) -> dict[str, Any]:
    """Answer the least JobPosting that is accepted; a member given as None is left out."""
    least = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "identifier": "j-1",
        "title": "Nurse",
        "hiringOrganization": {"@type": "Organization", "name": "City Clinic"},
    }
    return {name: value for name, value in {**least, **known}.items() if value is not None}
