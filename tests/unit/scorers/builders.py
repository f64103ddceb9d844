"""Postings, people and decisions, told by what matters to a test."""

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from catalog.index import Catalog
from profiles.candidate import (
    Application,
    Candidate,
    Dismissal,
    Interaction,
    InteractionKind,
    Search,
    SessionState,
)
from profiles.preferences import NO_PREFERENCES, Preferences, WantedPlace
from schemas.content import Content
from schemas.decision import Choice, Decision, Evidence
from schemas.events import Moment
from schemas.jobs import EMPLOYMENT_TYPES, SENIORITIES, WORKPLACES, Job, Place, Salary
from scorers.models import Model, PriorModel
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.query import Query, RequestContext
from scorers.sessions import Sessions
from scorers.trends import Trends

NOW = 1_763_900_000_000
HOUR, DAY = 3_600_000, 86_400_000
TOWNS = {
    "Bonn": Place(locality="Bonn", region="NW", country="DE", latitude=50.73, longitude=7.10),
    "Köln": Place(locality="Köln", region="NW", country="DE", latitude=50.94, longitude=6.96),
    "Berlin": Place(locality="Berlin", region="BE", country="DE", latitude=52.52, longitude=13.40),
    "Ulm": Place(locality="Ulm", region="BW", country="DE"),
}
TITLES = ("Nurse", "Night Nurse ICU", "Bus Driver", "Data Engineer", "Senior Data Engineer", "Head Gardener", "Cook")
OCCUPATIONS = {"Nurse": "Nurses", "Night Nurse ICU": "Nurses", "Bus Driver": "Drivers", "Cook": "Cooks"}
EMPLOYERS = ("City Hospital", "Transit", "Parks", "Acme")


def a_job(job_id: str = "j-1", *, town: str | None = "Bonn", pay: float | None = None, **members: Any) -> Job:
    title = members.pop("title", "Nurse")
    given: dict[str, Any] = {
        "employer": "City Hospital",
        "places": (TOWNS[town],) if town else (),
        "employment_types": ("FULL_TIME",),
        "occupation": OCCUPATIONS.get(title),
        "salary": None if pay is None else Salary(pay * 0.8, pay, "EUR", "YEAR"),
        "posted_at": NOW - 3 * DAY,
    }
    return Job(id=job_id, title=title, **{**given, **members})


def a_catalog(*items: Job | Content, **members: Any) -> Catalog:
    catalog = Catalog(**members)
    for item in items:
        if isinstance(item, Job):
            catalog.apply_job(item.id, item)
        else:
            catalog.apply_content(item.id, item)
    catalog.settle()
    return catalog


def a_person(name: str = "a:p-1", **facts: Any) -> Candidate:
    viewed = facts.pop("viewed", ())
    deeds = [Interaction(NOW - HOUR * (number + 1), "viewed", job) for number, job in enumerate(viewed)]
    facts["interactions"] = tuple(facts.get("interactions", ())) + tuple(deeds)
    dismissed = {job: Dismissal(NOW - HOUR, None) for job in facts.pop("dismissed", ())}
    applied = facts.pop("applied", ())
    standing = {job: Application("submitted", NOW - DAY, None) for job in applied}
    return Candidate(
        id=name,
        ids=(name,),
        **{
            "version": {f"clicks/{name}": 1},
            "dismissed": dismissed,
            "applications": standing,
            "submitted": dict.fromkeys(applied, NOW - DAY),
            **facts,
        },
    )


def asked(**wishes: Any) -> Preferences:
    places = tuple(WantedPlace(town) if isinstance(town, str) else town for town in wishes.pop("places", ()))
    return replace(NO_PREFERENCES, places=places, **wishes)


def looking_for(query: str, **filters: str) -> tuple[Search, ...]:
    return (Search(NOW - HOUR, query, filters),)


def at_town(town: str) -> SessionState:
    place = TOWNS[town]
    moment = Moment(latitude=place.latitude, longitude=place.longitude)
    return SessionState("s-1", NOW - HOUR // 4, NOW - 1000, 3, moment=moment)


def a_query(person: Candidate, *, segments: tuple[str, ...] = (), context: RequestContext | None = None) -> Query:
    return Query(person, "d-1", segments, context)


def decided(
    person: Candidate,
    catalog: Catalog,
    *,
    policy: Policy | None = None,
    trends: Trends | None = None,
    sessions: Sessions | None = None,
    model: Model | None = None,
    **asking: Any,
) -> tuple[Decision, Evidence]:
    ((decision, recall),) = decide(
        [a_query(person, **asking)],
        catalog=catalog,
        policy=policy or Policy(),
        model=model or PriorModel(),
        trends=trends or Trends(),
        now=NOW,
        sessions=sessions,
    )
    return decision, recall()


def chosen(made: tuple[Decision, Evidence], selector: str = "jobs") -> Choice:
    choice = made[0].choice(selector)
    assert choice is not None
    return choice


def shown(made: tuple[Decision, Evidence], selector: str = "jobs") -> list[str]:
    return [item.id for item in chosen(made, selector).items]


def score_of(made: tuple[Decision, Evidence], job: str) -> float:
    """Answer the joined logit of a considered posting."""
    return made[1].scores[made[1].considered.index(job)]


def postings(chance: Random, size: int = 30) -> list[Job]:
    """Answer postings with distinct ids that share towns, titles and employers."""
    return [_posting(chance, f"j-{position}") for position in range(chance.randint(1, size))]


def _posting(chance: Random, job_id: str) -> Job:
    pick = chance.choice
    return a_job(
        job_id,
        title=pick(TITLES),
        employer=pick(EMPLOYERS),
        town=pick([*TOWNS, None]),
        pay=pick([None, 30_000.0, 45_000.0, 60_000.0, 90_000.0]),
        workplace=pick(WORKPLACES),
        employment_types=pick([(), *[(name,) for name in EMPLOYMENT_TYPES[:3]]]),
        seniority=pick([None, *SENIORITIES]),
        skills=tuple(chance.sample(["icu", "sql", "kafka", "driving"], chance.randint(0, 3))),
        must_haves=pick([(), (), ("licence:driver",), ("licence:nurse", "residency:de")]),
        applicant_regions=pick([(), (), ("DE",), ("US", "CA")]),
        posted_at=pick([None, chance.randint(NOW - 60 * DAY, NOW + DAY)]),
        valid_through=pick([None, chance.randint(NOW - 5 * DAY, NOW + 30 * DAY)]),
        status=pick(["OPEN", "OPEN", "OPEN", "CLOSED"]),
        occupation_code=pick([None, "29-1141.00", "29-1171.00", "53-3052.00"]),
    )


def somebody(chance: Random, jobs: list[Job], name: str = "a:p-1") -> Candidate:
    """Answer a person with any history among the jobs, and some who are gone, and any wishes."""
    pick, ids = chance.choice, [job.id for job in jobs] + ["j-gone"]

    def some() -> list[str]:
        return chance.sample(ids, min(len(ids), chance.choice([0, 0, 1, 2, 6])))

    kinds: tuple[InteractionKind, ...] = ("viewed", "read", "shared", "saved", "started", "submitted", "dismissed")
    deeds = [
        Interaction(chance.randint(NOW - 40 * DAY, NOW + HOUR), pick(kinds), pick(ids), chance.randint(0, 600_000))
        for _ in range(chance.randint(0, 12))
    ]
    nearby = WantedPlace("", 50.8, 7.0, pick([5.0, 30.0, 1000.0]))
    wishes = asked(
        salary_min=pick([None, None, 40_000.0, 80_000.0]),
        currency=pick([None, "EUR", "USD"]),
        places=pick([(), (), ("Bonn",), ("Nowhere",), (nearby,)]),
        workplaces=pick([(), (), ("REMOTE",), ("ON_SITE", "HYBRID")]),
        employment_types=pick([(), (), ("FULL_TIME",), ("PART_TIME", "CONTRACTOR")]),
        employers_excluded=pick([(), (), ("acme",), ("Parks", "Transit")]),
        credentials=pick([(), (), ("licence:driver",), ("licence:nurse", "residency:de")]),
        occupations=pick([(), ("nurses",), ("Data Engineer",)]),
        skills=pick([(), ("icu",)]),
    )
    return a_person(
        name,
        interactions=tuple(sorted(deeds, reverse=True)),
        saved=dict.fromkeys(some(), NOW - DAY),
        liked=dict.fromkeys(some(), NOW - DAY),
        dismissed=some(),
        applied=some(),
        shown={job: (chance.randint(1, 9), NOW - HOUR) for job in some()},
        searches=looking_for(pick(TITLES)) if pick([True, False]) else (),
        preferences=pick([wishes, NO_PREFERENCES]),
        traits=pick([{"country": "US"}, {}]),
        session=pick([SessionState(), at_town("Bonn")]),
        last_visit_before=pick([None, NOW - 2 * DAY]),
    )


CHANCES = st.integers(0, 2**32).map(Random)
"""Whole catalogues and people out of one drawn number: drawing each member would take hypothesis 200 ms an example."""
