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
_SIGNS = {
    **_LABELS,
    "age": (*_LABELS["age"], "years old"),
    "family": (*_LABELS["family"], "married", "divorced", "widowed"),
    "photo": (*_LABELS["photo"], ".jp", ".png"),
}
"""Without one of these words in small letters there is nothing of the kind."""
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
    kept = list(lines)
    # Looked for in the whole text first: most of these words are nowhere in it.
    whole = "\n".join(kept).lower()
    present = [(kind, sign) for kind, signs in _SIGNS.items() for sign in signs if sign in whole]
    dropped: Counter[str] = Counter()
    for place, line in enumerate(kept):
        lower = line.lower()
        for kind in dict.fromkeys([kind for kind, sign in present if sign in lower]):
            kept[place], count = _PRIVATE[kind].subn(" ", kept[place])
            if count:
                dropped[kind] += count
    return kept, dict(dropped)
