"""What a posting leaves unsaid and its own words tell: filled in, and marked as derived."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from typing import Any

from catalog.understanding.levels import seniority_of
from catalog.understanding.remote import regions_in, workplace_in
from catalog.understanding.skills import names_of
from catalog.understanding.understanding import Understanding
from schemas.jobs import Job, Place, Salary

SKILLS_LIMIT = 15
_BLOCK = re.compile(r"</?(?:p|li|ul|ol|br|div|h[1-6]|tr|table|dl|dd|dt|blockquote)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def understood(job: Job, understanding: Understanding) -> Job:
    """Answer the posting with what it left open read from its words; what it states is never changed.

    `derived` names the members that were filled in, `pay_estimate` is what such work usually pays there. Coordinates of
    a named town are no opinion: they are added without a mark.
    """
    text = plain_text(job.description)
    told: dict[str, Any] = {
        **_occupation(job, understanding),
        **_skills(job, text, understanding),
        **_level(job, text),
        **_workplace(job, text, understanding),
    }
    places = tuple(understanding.gazetteer.located(place) for place in job.places)
    added: dict[str, Any] = {"places": places, "derived": tuple(sorted({*job.derived, *told}))}
    if job.salary is None:
        added["pay_estimate"] = _pay(told.get("occupation_code", job.occupation_code), places, understanding)
    return replace(job, **told, **added)


def plain_text(html: str) -> str:
    """Answer the words of sanitised HTML, a line for each block."""
    return unescape(_TAG.sub("", _BLOCK.sub("\n", html)))


def _occupation(job: Job, understanding: Understanding) -> dict[str, Any]:
    if job.occupation_code:
        return {}
    match = understanding.onet.best(job.title)
    if match is None:
        return {}
    return {"occupation_code": match.code, **({} if job.occupation else {"occupation": match.label})}


def _skills(job: Job, text: str, understanding: Understanding) -> dict[str, Any]:
    if job.skills:
        return {}
    names = names_of(understanding.skills.mentions(f"{job.title}\n{text}"))[:SKILLS_LIMIT]
    return {"skills": names} if names else {}


def _level(job: Job, text: str) -> dict[str, Any]:
    level = None if job.seniority else seniority_of(job.title, text)
    return {"seniority": level} if level else {}


def _workplace(job: Job, text: str, understanding: Understanding) -> dict[str, Any]:
    """Read where the work is done.

    ON_SITE is also what a feed that says nothing gets: words about distance overrule it in the title, or where the
    posting names no place.
    """
    read: dict[str, Any] = {}
    workplace = job.workplace
    if workplace == "ON_SITE":
        said = workplace_in(job.title, "" if job.places else text)
        if said:
            workplace = read["workplace"] = said
    if workplace == "REMOTE" and not job.applicant_regions:
        regions = regions_in(f"{job.title}\n{text}", understanding.gazetteer)
        if regions:
            read["applicant_regions"] = regions
    return read


def _pay(occupation_code: str | None, places: Sequence[Place], understanding: Understanding) -> Salary | None:
    if occupation_code is None:
        return None
    wages = understanding.wages.of(occupation_code, places[0] if places else None, understanding.gazetteer.states)
    return None if wages is None else wages.salary()
