"""Work in a résumé: around each period stand a title and an employer; which is which, the taxonomy knows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.understanding.resume_dates import Period, iso_month, period_in, period_of
from catalog.understanding.resume_employers import employer_beside, names_firm, names_role, parts_of
from catalog.understanding.resume_sections import Told
from catalog.understanding.taxonomy import Match
from catalog.understanding.understanding import Understanding

WORK_LIMIT = 30
_LABELLED = re.compile(r"^\W*(?:(?:job )?title|designation|position|role)\s*[:\-]\s*(?P<title>\S.*)$", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:[Ww]ork(?:ed|ing)|[Ee]mployed|[Ii]nterned) as (?:an? |the )?(?P<title>[^,.;:]{3,50}?) (?:at|with|for) "
    r"(?P<employer>[A-Z][\w.&'-]*(?: (?:[A-Z][\w.&'-]*|of|and|&|for|the)\b){0,6})"
)
"""`Worked as software engineer with Globex Corporation`."""
_ELSEWHERE = frozenset({"education", "certificates"})
_AT_WORK = frozenset({"work", ""})
"""Where a period alone tells of work; in other sections a title must stand beside it."""
_LEAST_TITLE = 0.45
"""From this probability words beside a period are taken for a title."""
_UNDATED_LIMIT = 10
"""How many titles without a period are read."""
_UNDATED_LENGTH, _HEADLINE_LINES = 70, 6
"""A longer line is a sentence; so many lines at the top may say what somebody is."""
_TITLE_WORDS = 8
"""More words than these are a sentence."""
_ABOVE, _BELOW = 3, 2
"""Lines beside a period that may tell of it."""
_PROSE = re.compile(r"\s*(?:[a-z\u2022\u00b7*]|[-\u2013] |.{91}|\w+(?:ed|ing)\s+\w+\s+\w|.*\w{3}\.\s*$)")
"""A line that begins small, with a bullet or a duty, is long, or ends like a sentence."""


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
        match = None if section in _ELSEWHERE else period_in(line)
        period = period_of(match, this_month) if match else None
        if match is None or period is None:
            continue
        own = f"{line[: match.start()]} | {line[match.end() :]}"
        position = _position(own, _around(told, place), period, understanding)
        if position.title or section in _AT_WORK:
            found.append(position)
    found += _undated(told, {work.title for work in found}, understanding)
    found.sort(key=lambda work: (-(work.period.last if work.period else 0), -(work.period.first if work.period else 0)))
    return tuple(found[:WORK_LIMIT])


def _undated(told: Told, known: set[str | None], understanding: Understanding) -> list[Work]:
    """Answer positions without a period: on short lines about work, in the headline, behind a label, and in a sentence that says so."""
    found: list[Work] = []
    for place, (section, line) in enumerate(told):
        said = _SAID.search(line) if " as " in line else None
        title = said["title"] if said else _titled(told, place)
        if title is None or title in known or len(title.split()) > _TITLE_WORDS:
            continue
        known.add(title)
        lines = [line, *(_around(told, place) if section == "work" else [])]
        employer = said["employer"] if said else employer_beside(title, lines, understanding.gazetteer)
        found.append(work_of(title, employer, None, understanding))
        if len(found) == _UNDATED_LIMIT:
            break
    return found


def _titled(told: Told, place: int) -> str | None:
    section, line = told[place]
    if (":" in line or "-" in line) and (labelled := _LABELLED.match(line)):
        return labelled["title"].strip(" .,;") or None
    if len(line) > _UNDATED_LENGTH or period_in(line):
        return None
    if section == "work" or (not section and place < _HEADLINE_LINES):
        return _named([part for part in parts_of(line) if _may_be_title(part)])
    return None


def _title(parts: Sequence[str], understanding: Understanding) -> str | None:
    """Answer the first part that names what people are, else the one that is likeliest a title."""
    may = [part for part in parts if _may_be_title(part)]
    named = _named(may)
    if named:
        return named
    likely = [(understanding.onet.likeness(part), part) for part in may]
    return max((pair for pair in likely if pair[0] >= _LEAST_TITLE), default=(0.0, None))[1]


def _named(parts: Sequence[str]) -> str | None:
    return next((part for part in parts if part[0].isupper() and names_role(part)), None)


def _around(told: Told, place: int) -> list[str]:
    """Answer the lines beside a period that may tell of it, those above first: no sentence, and no other section, stands between."""
    above = _near(told, range(place - 1, max(-1, place - 1 - _ABOVE), -1), told[place][0])
    return above + _near(told, range(place + 1, min(len(told), place + 1 + _BELOW)), told[place][0])


def _near(told: Told, places: range, section: str) -> list[str]:
    found = []
    for place in places:
        name, text = told[place]
        if name != section or period_in(text) or _PROSE.match(text):
            break
        found.append(text)
    return found


def work_of(title: str | None, employer: str | None, period: Period | None, understanding: Understanding) -> Work:
    """Answer a position with its codes."""
    if title is None:
        return Work(None, employer, period)
    occupation = understanding.occupation(title)
    return Work(title, employer, period, occupation.onet, occupation.isco)


def _position(own: str, around: Sequence[str], period: Period, understanding: Understanding) -> Work:
    """Read the period's own line first, its neighbours for what is missing there."""
    lines = (own, *around)
    title = next((title for text in lines if (title := _title(parts_of(text), understanding))), None)
    beside = [text for text in lines if title and title in text]
    others = [text for text in lines if text not in beside]
    return work_of(
        title, employer_beside(title, [own, *beside, *others], understanding.gazetteer), period, understanding
    )


def _may_be_title(part: str) -> bool:
    return len(part.split()) <= _TITLE_WORDS and not names_firm(part)
