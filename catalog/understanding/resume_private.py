"""What a résumé tells of the person that nobody may decide by: taken out before anything is read, and counted."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

_SAID = r"\s*[:\-\u2013]\s*(?:[^\s,;|]+ ?){1,5}"
"""What stands behind a label: up to five words with one space between them."""
_LABELS: Mapping[str, tuple[str, ...]] = {
    "age": ("date of birth", "birth date", "birthdate", "d.o.b.", "d.o.b", "dob", "born", "age", "geburtsdatum", "place of birth"),
    "gender": ("gender", "sex", "pronouns"),
    "nationality": ("nationality", "citizenship", "race", "ethnicity", "ethnic origin", "native place"),
    "family": (
        "marital status", "family status", "civil status", "children", "spouse", "father's name", "fathers name",
        "mother's name", "husband's name",
    ),
    "belief": ("religion", "denomination", "caste", "political views", "political affiliation"),
    "health": ("disability", "disabilities", "health", "health status", "blood group", "height", "weight"),
    "photo": ("photo", "photograph", "picture"),
}  # fmt: skip
_SENTENCES: Mapping[str, str] = {
    "age": r"\b\d{2} years old\b|\bborn (?:on |in )?(?:\w+ )?(?:\d{1,2},? )?(?:19|20)\d\d\b",
    "family": r"\b(?:married|divorced|widowed)\b(?: (?:with|and) [^,;|.]{0,30})?",
    "photo": r"\S+\.(?:jpe?g|png)\b|\bphoto(?:graph)? (?:attached|enclosed)",
}
_SIGNS = (
    *(label for labels in _LABELS.values() for label in labels),
    "years old",
    "married",
    "divorced",
    "widowed",
    ".jp",
    ".png",
)
_PRIVATE = {
    kind: re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, labels))}){_SAID}"
        + (f"|{_SENTENCES[kind]}" if kind in _SENTENCES else ""),
        re.IGNORECASE,
    )
    for kind, labels in _LABELS.items()
}


def without_private(lines: Iterable[str]) -> tuple[list[str], dict[str, int]]:
    """Answer the lines without what is private, and how often each kind was taken out."""
    dropped: Counter[str] = Counter()
    kept = []
    for line in lines:
        left, lower = line, line.lower()
        if not any(sign in lower for sign in _SIGNS):
            kept.append(line)
            continue
        for kind, words in _PRIVATE.items():
            left, count = words.subn(" ", left)
            if count:
                dropped[kind] += count
        kept.append(left)
    return kept, dict(dropped)
