"""How senior the work is: from a title's words, else from the years of experience that are asked for."""

import re

from schemas.jobs import Seniority

_WORDS: tuple[tuple[Seniority, str], ...] = (
    (
        "STUDENT",
        r"intern|internship|trainee|apprentice|working student|werkstudent|co-?op|student worker|summer (?:analyst|associate)",
    ),
    (
        "EXECUTIVE",
        r"chief \w+(?: \w+)? officer|c[efotim]o|ciso|(?:vice )?president|s?vp|evp|(?:executive|managing) director|commissioner|head of",
    ),
    ("MANAGER", r"manager|director|supervisor|superintendent|team lead(?:er)?|foreman|head"),
    ("EXPERIENCED", r"senior|sr|lead|principal|staff (?=\w+ engineer|engineer)|expert|iii|iv|architect"),
    ("ENTRY", r"junior|jr|entry[- ]level|graduate|new grad|beginner"),
)
_TITLE = tuple((level, re.compile(rf"\b(?:{words})\b")) for level, words in _WORDS)
_NO_MANAGER = re.compile(
    r"\b(?:account|case|product|project|program|community|property|social media|category) manager\b"
)
"""They manage a thing, not people: seniority is the years' to say."""
_WRITTEN = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10,
}  # fmt: skip
_YEARS = re.compile(r"years?\W{0,3}s?\W{0,2}(?:of\s+)?(?:[\w-]+,?\s+){0,4}?experience")
_NUMBER = rf"(?:\d{{1,2}}|{'|'.join(_WRITTEN)})"
_HOW_MANY = re.compile(
    rf"(?:(?<!\d)(?P<least>\d{{1,2}})|\b(?P<written>{'|'.join(_WRITTEN)})\s*(?:\(\s*\d+\s*\))?)"
    rf"\s*(?:\+|-\s*{_NUMBER}|to\s+{_NUMBER}|or more)?\s*(?:full[- ]time\s+)?\Z"
)
"""What stands before those years."""
_HOW_MANY_LENGTH = 40
EXPERIENCED_YEARS = 3
MOST_YEARS = 40


def seniority_of(title: str, text: str = "") -> Seniority | None:
    """Answer the level; years of experience that the text asks for speak where the title does not. None when neither does."""
    lower = title.lower()
    for level, words in _TITLE:
        if words.search(lower) and not (level == "MANAGER" and _NO_MANAGER.search(lower)):
            return level
    years = years_asked(text)
    if years is None:
        return None
    return "EXPERIENCED" if years >= EXPERIENCED_YEARS else "ENTRY"


def years_asked(text: str) -> int | None:
    """Answer the fewest years of experience that a posting names, None when it names none."""
    # Those years first, for a pattern that begins with a word is looked for ten times as fast; in lower case, for the same reason.
    lower = text[:50_000].lower()
    told = [
        _HOW_MANY.search(lower, max(0, match.start() - _HOW_MANY_LENGTH), match.start())
        for match in _YEARS.finditer(lower)
    ]
    years = [_WRITTEN[match["written"]] if match["written"] else int(match["least"]) for match in told if match]
    return min((each for each in years if each <= MOST_YEARS), default=None)
