"""Work in a résumé: around each period stand a title and an employer; which is which, the taxonomy knows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.understanding.resume_dates import PERIOD, Period, iso_month, period_of
from catalog.understanding.resume_sections import Told
from catalog.understanding.taxonomy import Match
from catalog.understanding.understanding import Understanding

WORK_LIMIT = 30
PART_LIMIT = 90
_PARTS = re.compile(r"\s*[|\u2022\u00b7;\t]\s*|\s+[-\u2013\u2014@]+\s+|,\s+|\s{3,}|\s+at\s+|:\s+")
_LABEL = re.compile(
    r"^\W*(?:company|employer|client|organi[sz]ation|title|designation|position|role|duration|period)\s*:?\s*$",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"\b(?:inc|ltd|llc|gmbh|corp|corporation|pvt|limited|company|group|bank|university|hospital|technologies|solutions|systems|services)\b\.?",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"^\W*(?:(?:job )?title|designation|position|role)\s*[:\-]\s*(?P<title>\S.*)$", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:accountant|administrator|advis[oe]r|agent|analyst|apprentice|architect|assistant|associate|attorney|auditor|cashier|chef|chief|clerk"
    r"|consultant|contractor|controller|coordinator|counsell?or|designer|developer|director|driver|editor|electrician|engineer|executive"
    r"|foreman|instructor|intern|internship|inspector|lead|leader|lecturer|manager|mechanic|nurse|officer|operator|partner|planner|president"
    r"|producer|professor|programmer|recruiter|representative|researcher|scientist|secretary|server|specialist|strategist|supervisor"
    r"|teacher|technician|technologist|tester|therapist|trainee|trainer|tutor|worker|writer)s?\b(?!.*\b(?:company|experience|skills)\b)",
    re.IGNORECASE,
)
"""What people are at work. Many occupations share these words, so none of them is likely enough to say that it is a title."""
_NO_NAME = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|summer|winter|spring|fall|\d|responsib)|\w+(?:ed|ing)\b",
    re.IGNORECASE,
)
"""How dates and duties begin, and no employer."""
_ELSEWHERE = frozenset({"education", "certificates"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_LEAST_TITLE = 0.12
"""From this probability words beside a period are taken for a title."""
_UNDATED_LIMIT = 10
"""How many titles without a period are read."""
_UNDATED_LENGTH, _HEADLINE_LINES = 70, 6
"""A longer line is a sentence; so many lines at the top may say what somebody is."""
_TITLE_WORDS, _NAME_WORDS = 8, 6
"""More words than these are a sentence."""


@dataclass(frozen=True, slots=True)
class Work:
    """One position; `onet` and `isco` are what its title means, None where unknown."""

    title: str | None
    employer: str | None
    period: Period | None
    onet: Match | None = None
    isco: str | None = None

    def body(self) -> dict[str, Any]:
        period = self.period
        told = {
            "position": self.title,
            "name": self.employer,
            "startDate": iso_month(period.first) if period else None,
            "endDate": iso_month(period.last) if period and not period.goes_on else None,
            "x-onet": self.onet.code if self.onet else None,
            "x-isco": self.isco,
        }
        return {name: value for name, value in told.items() if value}


def work_in(told: Told, understanding: Understanding, this_month: int) -> tuple[Work, ...]:
    """Answer the positions, the newest first."""
    found = []
    for place, (section, line) in enumerate(told):
        match = PERIOD.search(line) if section not in _ELSEWHERE and _YEAR.search(line) else None
        period = period_of(match, this_month) if match else None
        if match is None or period is None:
            continue
        own = f"{line[: match.start()]} | {line[match.end() :]}"
        found.append(_position(own, _around(told, place), period, understanding))
    found += _undated(told, {work.title for work in found}, understanding)
    found.sort(key=lambda work: (-(work.period.last if work.period else 0), -(work.period.first if work.period else 0)))
    return tuple(found[:WORK_LIMIT])


def _undated(told: Told, known: set[str | None], understanding: Understanding) -> list[Work]:
    """Answer positions without a period: on short lines about work, in the headline, and where a label says so."""
    found: list[Work] = []
    for place, (section, line) in enumerate(told):
        if labelled := _LABELLED.match(line):
            title: str | None = labelled["title"].strip(" .,;")
        elif len(line) > _UNDATED_LENGTH or PERIOD.search(line):
            continue
        elif section == "work" or (not section and place < _HEADLINE_LINES):
            title = _named([part for part in _parts(line) if _may_be_title(part)])
        else:
            continue
        if title and title not in known and len(title.split()) <= _TITLE_WORDS:
            known.add(title)
            employer = next((part for part in _parts(line) if part != title and _FIRM.search(part)), None)
            found.append(work_of(title, employer, None, understanding))
            if len(found) == _UNDATED_LIMIT:
                break
    return found


def _title(parts: Sequence[str], understanding: Understanding) -> str | None:
    """Answer the first part that names what people are, else the one that is likeliest a title."""
    may = [part for part in parts if _may_be_title(part)]
    named = _named(may)
    if named:
        return named
    likely = [(understanding.onet.likeness(part), part) for part in may]
    return max((pair for pair in likely if pair[0] >= _LEAST_TITLE), default=(0.0, None))[1]


def _named(parts: Sequence[str]) -> str | None:
    return next((part for part in parts if part[0].isupper() and _ROLE.search(part)), None)


def _around(told: Told, place: int) -> list[str]:
    """Answer the lines beside a period: above it, the one above that unless another period stands between, and below."""
    above = [text for _, text in reversed(told[max(0, place - 2) : place])]
    if above and PERIOD.search(above[0]):
        above = []
    return [text for text in (*above, *[text for _, text in told[place + 1 : place + 2]]) if not PERIOD.search(text)]


def work_of(title: str | None, employer: str | None, period: Period | None, understanding: Understanding) -> Work:
    """Answer a position with its codes."""
    if title is None:
        return Work(None, employer, period)
    occupation = understanding.occupation(title)
    return Work(title, employer, period, occupation.onet, occupation.isco)


def _position(own: str, around: Sequence[str], period: Period, understanding: Understanding) -> Work:
    """Read the period's own line first, its neighbours for what is missing there."""
    title: str | None = None
    employer: str | None = None
    for text in (own, *around):
        parts = _parts(text)
        title = title or _title(parts, understanding)
        if employer is None:
            others = [part for part in parts if part != title and _may_be_name(part)]
            employer = next(
                (part for part in others if _FIRM.search(part)),
                others[0] if others and (text is own or title in parts) else None,
            )
    return work_of(title, employer or (_beside(title, own, around) if title else None), period, understanding)


def _beside(title: str, own: str, around: Sequence[str]) -> str | None:
    """Answer the name that stands nearest to the period, where the title stands further away and no firm is known by its word."""
    nearest = next(
        (
            parts
            for text in (own, *around[:1])
            if (parts := [part for part in _parts(text) if part != title and _may_be_name(part)])
        ),
        [],
    )
    named = nearest[:1] if nearest and nearest[0][0].isupper() and len(nearest[0].split()) <= _NAME_WORDS else []
    return named[0] if named else None


def _parts(text: str) -> list[str]:
    parts = [part.strip(" ()[].,:-\u2013\u2014") for part in _PARTS.split(text)]
    return [
        part for part in parts if 1 < len(part) <= PART_LIMIT and not _LABEL.match(part) and any(map(str.isalpha, part))
    ]


def _may_be_title(part: str) -> bool:
    return len(part.split()) <= _TITLE_WORDS and not _FIRM.search(part)


def _may_be_name(part: str) -> bool:
    return not (_ROLE.search(part) or _NO_NAME.match(part))
