"""Who employed somebody: the name beside a title or a period that is neither what people are, nor a place, nor a duty."""

import re
from collections.abc import Sequence

from catalog.understanding.gazetteer import Gazetteer

PART_LIMIT = 90
_ROLE = re.compile(
    r"\b(?:accountant|administrator|advis[oe]r|agent|analyst|apprentice|architect|assistant|associate|attorney|auditor|cashier|chef|chief|clerk"
    r"|consultant|contractor|controller|coordinator|counsell?or|designer|developer|director|driver|editor|electrician|engineer|executive"
    r"|foreman|instructor|intern|internship|inspector|lead|leader|lecturer|manager|mechanic|nurse|officer|operator|partner|planner|president"
    r"|producer|professor|programmer|recruiter|representative|researcher|scientist|secretary|server|specialist|strategist|supervisor"
    r"|teacher|technician|technologist|tester|therapist|trainee|trainer|tutor|worker|writer)s?\b(?!.*\b(?:company|experience|skills)\b)"
)
"""What people are at work. Many occupations share these words, so none of them is likely enough to say that it is a title."""
_FIRM = re.compile(
    r"\b(?:inc|ltd|llc|llp|plc|gmbh|corp|corporation|pvt|limited|company|group|bank|university|hospital|technologies|solutions|systems"
    r"|services|associates|agency|motors|laborator(?:y|ies)|academy|association|foundation|industries|enterprises|holdings|consulting"
    r"|school|schools|college|institute|district|clinic|restaurant|church|library)\b"
)
_PARTS = re.compile(
    r"(?=[\s|\u2022\u00b7;,:])(?:\s*[|\u2022\u00b7;\t]\s*|\s+[-\u2013\u2014@]+\s+|\s*,\s+(?!(?:inc|llc|l\.l\.c|ltd|corp|co|l\.?p)\b)|\s{3,}|\s+at\s+(?:the\s+)?|:\s+|\s+\()",
    re.IGNORECASE,
)
"""What may begin there is looked at first: trying each way at each letter takes twice the time."""
_LABEL = re.compile(
    r"^\W*(?:company|employer|client|organi[sz]ation|title|designation|position|role|duration|period)(?: name)?\s*:?\s*$",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"^\W*(?:company|employer|organi[sz]ation|firm)(?: name)?\s*[:\-\u2013]\s*(?P<name>\S.*)$", re.IGNORECASE
)
_OTHERS = re.compile(
    r"^\W*(?:clients?|technolog(?:y|ies)|environment|tools|project|skills)\b[^:]{0,20}:", re.IGNORECASE
)
"""Labels of what a position had beside an employer."""
_NO_NAME = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|summer|winter|spring|fall|\d|responsib|page \d|x{3})|\w+(?:ed|ing)\b"
    r"|(?:team|location|functions?|tasks?|duties|roles?|date|tel|phone|email|fax|member|chair|activit(?:y|ies)|leadership|key|skills?|projects?|tools"
    r"|technolog(?:y|ies)|environment|references?|reviews?|from|certificat|bachelor|master|degree|doctor|volunteer|awards?|positions?|and|job"
    r"|synopsis|applications?|other|summary|additional|personal|professional|employment|of|in|as|to|for|with|city|internal|self|web|client)\b"
    r"|.*\b(?:committee|team|council|board|skills|competencies|responsibilities|certified|certification|exam|course)\b",
    re.IGNORECASE,
)
"""How dates, duties and headings begin, and what is no employer."""
_STATE = re.compile(r"\D*\b(?P<state>[A-Z]{2})(?:\s+\d{5})?")
_SMALL = frozenset({"and", "of", "the", "for", "in", "de", "at", "&"})
_NAME_WORDS = 7
"""More words than these are a sentence."""


def names_role(part: str) -> bool:
    """Say whether words name what people are at work."""
    # In lower case, as a pattern that does not look at the case takes three times as long.
    return _ROLE.search(part.lower()) is not None


def names_firm(part: str) -> bool:
    """Say whether words have one that firms and institutions have in their names."""
    return _FIRM.search(part.lower()) is not None


def parts_of(text: str) -> list[str]:
    """Answer what commas, dashes and the like part in a line, labels left out."""
    parts = [part.strip(" ()[].,:-\u2013\u2014") for part in _PARTS.split(text)]
    return [
        part for part in parts if 1 < len(part) <= PART_LIMIT and not _LABEL.match(part) and any(map(str.isalpha, part))
    ]


def employer_beside(title: str | None, lines: Sequence[str], gazetteer: Gazetteer) -> str | None:
    """Answer the employer that lines about one position name, the likeliest line first; None where none does.

    A label says it, else a word that firms have, else capital letters.
    """
    for line in lines:
        if labelled := _LABELLED.match(line):
            return next(iter(_names(labelled["name"], title, gazetteer)), None)
    named = [names for line in lines if (names := _names(line, title, gazetteer))]
    for names in named:
        firm = next((name for name in names if names_firm(name)), None)
        if firm:
            return firm
    return next((name for names in named for name in names if _is_capital(name)), None)


def _names(line: str, title: str | None, gazetteer: Gazetteer) -> list[str]:
    if _OTHERS.match(line):
        return []
    parts = parts_of(line)
    # What follows a town is its region, whatever the country.
    placed = [False, *(_is_place(part, gazetteer) for part in parts)]
    return [
        part
        for part, follows, is_place in zip(parts, placed, placed[1:], strict=False)
        if part != title and not is_place and not follows and _may_be_name(part)
    ]


def _may_be_name(part: str) -> bool:
    return len(part.split()) <= _NAME_WORDS and not (names_role(part) or _NO_NAME.match(part))


def _is_capital(name: str) -> bool:
    return all(word[0].isupper() or word[0].isdigit() or word.lower() in _SMALL for word in re.findall(r"[\w&]+", name))


def _is_place(part: str, gazetteer: Gazetteer) -> bool:
    if gazetteer.country(part) or gazetteer.find(part) or part in gazetteer.states.values():
        return True
    match = _STATE.fullmatch(part)
    return match is not None and match["state"] in gazetteer.states
