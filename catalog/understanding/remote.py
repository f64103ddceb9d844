"""Whether a posting's words say that it is done from afar, and from where."""

import re

from catalog.understanding.gazetteer import Gazetteer
from schemas.jobs import Workplace

_REMOTE = re.compile(
    r"\b(?:fully|100\s?%|completely|permanently) remote\b|\bremote(?:\s+(?:position|role|job|work|opportunity|only|first))\b"
    r"|\bwork from (?:home|anywhere)\b|\bremote\b(?=\s*(?:[-(),:|\u2013]|within|in the|from|$))|^remote\b",
    re.IGNORECASE,
)
_HYBRID = re.compile(r"\bhybrid\b(?! (?:cloud|vehicle|car|electric|engine|system|app|power))", re.IGNORECASE)
_NOT_REMOTE = re.compile(
    r"\b(?:not|no|non|isn'?t)[- ](?:a )?(?:remote|fully remote|eligible for remote)", re.IGNORECASE
)
_WHERE = re.compile(
    r"\bremote\b\s*(?:[-(,:|\u2013]|within|in the|in|from(?: the)?|anywhere in(?: the)?)\s*(?:the )?"
    r"(?P<where>[A-Za-z.]+(?: [A-Za-z.]+){0,2})",
    re.IGNORECASE,
)
_REGIONS = {
    "eu": "EU",
    "europe": "EU",
    "emea": "EMEA",
    "apac": "APAC",
    "latam": "LATAM",
    "worldwide": "WORLD",
    "anywhere": "WORLD",
}


def workplace_in(title: str, description: str) -> Workplace | None:
    """Answer what the words say; None when they say nothing."""
    text = f"{title}\n{description[:20_000]}"
    # Most postings have none of these words, and looking for a word takes a hundredth of looking for a pattern.
    lower = text.lower()
    if "hybrid" in lower and _HYBRID.search(text):
        return "HYBRID"
    if ("remote" in lower or "work from" in lower) and _REMOTE.search(text) and not _NOT_REMOTE.search(text):
        return "REMOTE"
    return None


def regions_in(text: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """Answer from where one may work, as country letters or a group of countries; empty when the text does not say."""
    found: list[str] = []
    for match in _WHERE.finditer(text[:20_000]):
        words = match["where"].rstrip(".").split()
        for length in range(len(words), 0, -1):
            name = " ".join(words[:length])
            code = _REGIONS.get(name.lower()) or _country(name, gazetteer)
            if code:
                found.append(code)
                break
    return tuple(dict.fromkeys(found))


def _country(name: str, gazetteer: Gazetteer) -> str | None:
    """Two small letters are a word, not a country: `remote in it departments`."""
    return gazetteer.country(name) if len(name) > 3 or name.isupper() else None
