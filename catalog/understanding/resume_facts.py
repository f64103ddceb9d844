"""Education, certificates and languages in a résumé's lines."""

import re
from collections.abc import Mapping

from catalog.understanding.resume_sections import Told

LIMIT = 20
LINE_LIMIT = 120
_DEGREES: tuple[tuple[str, str], ...] = (
    ("Doctorate", r"ph\.?\s?d\.?|doctorate|doctor of \w+|m\.?d\.(?=\W)|juris doctor"),
    (
        "Master",
        r"master(?:'?s)?(?: of| in| degree)|m\.?\s?sc?\.?(?= |,|\b)|m\.?tech|m\.?c\.?a\b|m\.?b\.?a\.?|m\.?eng\.?|m\.a\.|m\.?ed\b",
    ),
    (
        "Bachelor",
        r"bachelor(?:'?s)?(?: of| in| degree)?|b\.?\s?sc\.?|b\.?tech|b\.e\.|b\.?c\.?a\b|b\.?com\b|b\.?b\.?a\b|b\.?eng\b|b\.a\.|b\.s\.",
    ),
    ("Associate", r"associate(?:'?s)? (?:degree|of|in)"),
    ("Diploma", r"diploma"),
    ("School", r"high school|secondary school|abitur|a-levels|ged\b"),
)  # fmt: skip
_DEGREE = tuple((level, re.compile(rf"(?<!\w)(?:{words})")) for level, words in _DEGREES)
_ANY_DEGREE = re.compile(rf"(?<!\w)(?:{'|'.join(words for _, words in _DEGREES)})")
_SCHOOLS = ("universit", "college", "institute", "school", "academy", "hochschule", "polytechnic")
_SCHOOL = re.compile(
    r"[^,|;\u2013]*\b(?:university|college|institute|school|academy|universit\w+|hochschule|polytechnic)\b[^,|;\u2013(]*",
    re.IGNORECASE,
)
_AREA = re.compile(
    r"(?:\bin|^\W*\S+\s+of|\bof)\s+(?!Science in|Arts in)(?P<area>[A-Z][\w&]*(?:\s(?:and|of|&|[A-Z][\w&]*))*)"
)
_CERTIFICATE = re.compile(
    r"\b(?:PMP|CISSP|CISA|CISM|CPA|CFA|CCNA|CCNP|CCIE|MCSE|MCSA|MCP|OCP|OCA|RHCE|RHCSA|ITIL(?: v?\d)?|PRINCE2|CSM|PSM(?: I+)?"
    r"|Six Sigma (?:Green|Black|Yellow) Belt|AWS Certified [A-Z][\w \u2013-]{3,60}|Certified [A-Z]\w+(?: [A-Z]\w+){0,5}"
    r"|CDL(?: Class [AB])?|BLS|ACLS)\b"
)
_LANGUAGES = (
    "Arabic", "Bengali", "Bulgarian", "Cantonese", "Catalan", "Chinese", "Croatian", "Czech", "Danish", "Dutch", "English", "Finnish",
    "French", "German", "Greek", "Gujarati", "Hebrew", "Hindi", "Hungarian", "Indonesian", "Italian", "Japanese", "Korean", "Malay",
    "Mandarin", "Marathi", "Norwegian", "Persian", "Polish", "Portuguese", "Punjabi", "Romanian", "Russian", "Serbian", "Slovak",
    "Spanish", "Swedish", "Tagalog", "Tamil", "Telugu", "Thai", "Turkish", "Ukrainian", "Urdu", "Vietnamese",
)  # fmt: skip
_LANGUAGE = re.compile(rf"\b({'|'.join(_LANGUAGES)})\b", re.IGNORECASE)
_FLUENCY = ("fluent", "native", "bilingual", "proficient", "conversational")
_SPOKEN = re.compile(rf"\b(?:{'|'.join(_FLUENCY)})\b[^.;\n]{{0,40}}", re.IGNORECASE)


def studies_in(told: Told) -> tuple[Mapping[str, str], ...]:
    """Answer degrees with their field and school. No dates: a year of graduation tells an age."""
    found: list[Mapping[str, str]] = []
    for place, (section, line) in enumerate(told):
        may_tell = section == "education" or (section == "" and _school(line))
        level = _level(line) if may_tell else None
        if level is None:
            continue
        near = [line, *(text for name, text in told[place + 1 : place + 2] if name == section)]
        school = next((school for text in near if (school := _school(text)) is not None), None)
        area = _AREA.search(line)
        study = {"studyType": level, "area": area["area"] if area else "", "institution": (school or "")[:LINE_LIMIT]}
        found.append({name: value for name, value in study.items() if value})
    return tuple(found[:LIMIT])


def _level(line: str) -> str | None:
    # In lower case, as in `names_role`; and whether there is any degree at all first.
    lower = line.lower()
    return next((name for name, words in _DEGREE if words.search(lower)), None) if _ANY_DEGREE.search(lower) else None


def _school(line: str) -> str | None:
    lower = line.lower()
    match = _SCHOOL.search(line) if any(word in lower for word in _SCHOOLS) else None
    return match[0].strip(" -:.") if match else None


def certificates_in(told: Told) -> tuple[str, ...]:
    """Answer what stands under such a heading, and well-known certificates anywhere."""
    found: dict[str, None] = {}
    for section, line in told:
        if section == "certificates" and 2 < len(line.strip()) <= LINE_LIMIT:
            found[line.strip(" -*\u2022\u00b7\t")] = None
        elif section != "certificates":
            found |= dict.fromkeys(match[0].strip() for match in _CERTIFICATE.finditer(line))
    return tuple(found)[:LIMIT]


def languages_in(told: Told) -> tuple[str, ...]:
    """Answer spoken languages: under their heading, or where somebody is fluent in them."""
    said = [line for section, line in told if section == "languages"]
    text = "\n".join(line for _, line in told)
    lower = text.lower()
    said += [match[0] for match in _SPOKEN.finditer(text)] if any(word in lower for word in _FLUENCY) else []
    return tuple(dict.fromkeys(match[1].capitalize() for line in said for match in _LANGUAGE.finditer(line)))[:LIMIT]
