"""A source row's texts as one description: lines and lists as they were meant, every word kept but a contact's name."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from catalog.descriptions import html_of_lines

SECTIONS = {
    "description": "",
    "minimum_requirements": "Minimum requirements",
    "preferred_skills": "Preferred skills",
    "additional_information": "Additional information",
    "hours_shift": "Hours",
    "work_location_detail": "Work location",
    "residency": "Residency",
}
"""The fields that make the description, in its order, with their headings."""
_BROKEN = {"â€¢": "\N{BULLET}", "â€“": "\N{EN DASH}", "\N{SOFT HYPHEN}": "", "\N{NOT SIGN}": ""}
_BULLET = re.compile(
    r"(?:^|(?<=\s))[\N{BULLET}\N{INVERTED QUESTION MARK}]\s*|(?:^|(?<=\s))[\N{MIDDLE DOT}](?=\s|[A-Z])\s*"
)
_CONTACT = re.compile(
    r"(?:RECRUITMENT CONTACT:\s*)?Recruitment Contact:?\s*[A-Z][a-z]+ [A-Z][a-z]+(?: / Director of Legal Recruitment)?\.?\s*"
    r"(?:Recruitment [Ee]mail:?\s*\[email\]\.?)?|(?<=addressed to )[A-Z][a-z]+ [A-Z][a-z]+, Esq\., "
)
_ENDS = (".", ":", ";", "!", "?")


def description_of(row: Mapping[str, Any]) -> str:
    """Answer HTML with one heading for each further field."""
    parts: list[str] = []
    for field, heading in SECTIONS.items():
        html = html_of_lines(lines_of(str(row[field] or "")))
        if html:
            parts.append(f"<h3>{escape(heading)}</h3>\n{html}" if heading else html)
    return "\n".join(parts)


def lines_of(source: str) -> list[str]:
    """Answer the lines of a text: one for each bullet, and none where the source only broke a sentence."""
    text = source
    for broken, meant in _BROKEN.items():
        text = text.replace(broken, meant)
    text = _BULLET.sub("\n\N{BULLET} ", _CONTACT.sub("", text))
    lines: list[str] = []
    for line in (part.strip() for part in text.splitlines()):
        if line in {"", "\N{BULLET}"}:
            continue
        if lines and line[0].islower() and not lines[-1].endswith(_ENDS):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return lines
