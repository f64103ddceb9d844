"""What a résumé says: skills, work, education, certificates, languages, place, in the shape of JSON Resume with codes.

Name, address, e-mail and phone are not read: whoever hands a résumé over knows them. What is told of age, gender, family,
nationality or looks is taken out before anything is read, and only counted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.understanding.resume_dates import Period, months_worked
from catalog.understanding.resume_facts import certificates_in, languages_in, studies_in
from catalog.understanding.resume_private import without_private
from catalog.understanding.resume_sections import lines_of, sections_of
from catalog.understanding.resume_work import Work, work_in
from catalog.understanding.skills import Skill
from catalog.understanding.understanding import Understanding

TEXT_LIMIT = 100_000
SKILLS_LIMIT = 60
_PLACE_LINES = 12


@dataclass(frozen=True, slots=True)
class CodedSkill:
    """A skill, how often the résumé names it, and the first words that do."""

    skill: Skill
    mentions: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Newest work first. `dropped` counts what was taken out unread, by kind."""

    skills: tuple[CodedSkill, ...] = ()
    work: tuple[Work, ...] = ()
    education: tuple[Mapping[str, str], ...] = ()
    certificates: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    location: Mapping[str, Any] = field(default_factory=dict)
    years: float | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Answer JSON Resume's members with `x-` ones of ours beside them."""
        return {
            "basics": {"location": dict(self.location)} if self.location else {},
            "work": [each.body() for each in self.work],
            "education": [dict(each) for each in self.education],
            "certificates": [{"name": name} for name in self.certificates],
            "languages": [{"language": name} for name in self.languages],
            "skills": [
                {
                    "name": each.skill.name,
                    "x-code": each.skill.code,
                    "x-mentions": each.mentions,
                    "x-evidence": each.evidence,
                }
                for each in self.skills
            ],
            "x-years": self.years,
            "x-dropped": dict(self.dropped),
        }

    def traits(self) -> dict[str, Any]:
        """Answer what a profile keeps of it."""
        kept = {
            "skills": [each.skill.name for each in self.skills],
            "occupations": list(dict.fromkeys(each.onet.label for each in self.work if each.onet))[:3],
            "title": next((each.title for each in self.work if each.title), None),
            "experience_years": self.years,
            "languages": list(self.languages),
            "certificates": list(self.certificates),
        }
        return {name: value for name, value in kept.items() if value not in (None, [])}


def read_resume(text: str, understanding: Understanding, *, this_month: int) -> Resume:
    """Answer what a résumé in plain text says; `this_month` is year * 12 + month - 1, for work that goes on."""
    lines, dropped = without_private(lines_of(text[:TEXT_LIMIT]))
    public = "\n".join(lines)
    told = sections_of(lines)
    work = work_in(told, understanding, this_month)
    return Resume(
        skills=skills_in(public, understanding),
        work=work,
        education=studies_in(told),
        certificates=certificates_in(told),
        languages=languages_in(told),
        location=_location(lines, understanding),
        years=years_of([each.period for each in work if each.period]),
        dropped=dropped,
    )


def skills_in(text: str, understanding: Understanding) -> tuple[CodedSkill, ...]:
    """Answer the skills that a text claims, the oftenest named first."""
    found: dict[str, CodedSkill] = {}
    for mention in understanding.skills.mentions(text):
        if not mention.negated:
            known = found.get(mention.skill.code)
            evidence = known.evidence if known else text[mention.start : mention.end]
            found[mention.skill.code] = CodedSkill(mention.skill, known.mentions + 1 if known else 1, evidence)
    return tuple(sorted(found.values(), key=lambda each: -each.mentions)[:SKILLS_LIMIT])


def years_of(periods: Sequence[Period]) -> float | None:
    """Answer years of experience; work at two places at once counts once."""
    return round(months_worked(periods) / 12, 1) if periods else None


def _location(lines: Sequence[str], understanding: Understanding) -> dict[str, Any]:
    for line in lines[:_PLACE_LINES]:
        for part in re.split(r"\s*[|\u2022\u00b7]\s*|\s{3,}", line.strip()):
            place = understanding.gazetteer.read(part) if "," in part else None
            if place is not None:
                return {
                    "city": place.locality,
                    "countryCode": place.country,
                    **({"region": place.region} if place.region else {}),
                }
    return {}
