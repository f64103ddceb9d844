"""O*NET-SOC codes: a title is matched against O*NET's own, reviewed by hand where that errs, and left alone when in doubt."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.sample.making.tables import hand_written, of_onet

DOUBTFUL = "-"
"""In the reviewed table: this title is too general, or O*NET means another by it."""
OVERLAP = 0.66
"""Least share of common words between a title and O*NET's."""
_NOISE = frozenset({"a", "an", "and", "for", "in", "of", "the"})
_RANKS = frozenset(
    {
        "assistant",
        "assoc",
        "assoc.",
        "associate",
        "asst",
        "asst.",
        "junior",
        "jr",
        "jr.",
        "lead",
        "principal",
        "senior",
        "sr",
        "sr.",
        "supervising",
    }
)
"""They change the rank, not the work."""
_COMMANDS = frozenset(
    {"chief", "commissioner", "deputy", "director", "executive", "head", "manager", "supervisor", "supervisory"}
)
"""They change the work: a stock workers' supervisor is no stock worker."""
_HIGH = frozenset({"chief", "commissioner", "director", "executive", "head", "president"})
_MANAGERIAL = _COMMANDS | frozenset({"administrative", "attorney", "counsel", "superintendent"})
_LEVEL = re.compile(r"(?:i{1,3}|iv|v|\d+[ab]?|level|lv|l[1-3]|k-1)")
_QUALIFIER = re.compile(r",| - |- | [\u2013\u2014] |: | / |\(")
_NUMBER = re.compile(r"\s*[-(\u2013]?\s*\d{5,}\)?")


@dataclass(frozen=True, slots=True)
class Occupations:
    """`titles` has O*NET's normalised titles with their codes, `reviewed` the titles decided by hand."""

    titles: Mapping[str, frozenset[str]]
    reviewed: Mapping[str, str]

    def code_of(self, title: str, civil_title: str, civil_code: str | None) -> str | None:
        """Answer the code of a title, else of the civil-service title, or None when in doubt.

        Where O*NET has the title for several occupations, the civil-service title's must be one of them.
        """
        forms = list(_forms(title))
        for form in forms:
            if self.reviewed.get(form) == DOUBTFUL:
                break
            codes = frozenset({self.reviewed[form]}) if form in self.reviewed else self.titles.get(form)
            if codes is not None:
                return _only(codes) or (civil_code if civil_code in codes else None)
        else:
            overlapping = next((code for form in forms if (code := self._overlapping(form))), None)
            if overlapping is not None:
                return overlapping
        return civil_code if _has_such_a_rank(title, civil_title) else None

    def _overlapping(self, form: str) -> str | None:
        """Answer the code of the O*NET title that has most of this one's words and its last, when no other differs."""
        words = form.split()
        best: dict[float, set[str]] = defaultdict(set)
        for start in range(1, len(words) - 1):
            shorter = " ".join(words[start:])
            if set(words[:start]) & _COMMANDS or (len(words) - start) / len(words) < OVERLAP:
                continue
            code = (
                _certain(self.reviewed[shorter])
                if shorter in self.reviewed
                else _only(self.titles.get(shorter, frozenset()))
            )
            best[(len(words) - start) / len(words)].add(code or "")
        return _only(frozenset(best[max(best)])) or None if best else None


def known_occupations(onet: Path) -> Occupations:
    """Answer the titles of O*NET's occupations, alternate and reported; ValueError when a reviewed code is none of its."""
    titles: dict[str, set[str]] = defaultdict(set)
    for table in ("occupations", "alternate_titles", "reported_titles"):
        for code, title, *_ in of_onet(onet, table):
            titles[_normal(title)].add(code)
    codes = frozenset(code for found in titles.values() for code in found)
    reviewed = dict(hand_written("occupation_titles"))
    unknown = set(reviewed.values()) - codes - {DOUBTFUL}
    if unknown:
        raise ValueError(f"the reviewed titles have codes that O*NET lacks: {', '.join(sorted(unknown))}")
    return Occupations({title: frozenset(found) for title, found in titles.items()}, reviewed)


def _has_such_a_rank(title: str, civil_title: str) -> bool:
    """Say whether the civil-service title can be that of the job: a technician's is not that of a director of technology."""
    is_command = bool(_HIGH & set(_normal(title).split()))
    return not is_command or bool(_MANAGERIAL & set(_normal(civil_title).split()))


def _forms(title: str) -> Iterator[str]:
    """Answer a title's normal forms: whole and before its first qualifier, with and without rank."""
    text = _NUMBER.sub("", " ".join(title.split())).strip(" ,")
    for part in dict.fromkeys((text, _QUALIFIER.split(text)[0])):
        words = [word for word in _normal(part).split() if not _LEVEL.fullmatch(word)]
        while words:
            yield " ".join(words)
            if words[0] not in _RANKS:
                break
            words = words[1:]


def _normal(title: str) -> str:
    text = re.sub(r"\(.*?\)", " ", title.lower().replace("&", " and "))
    words = [word for word in re.sub(r"[^a-z0-9+#./ ]", " ", text).split() if word not in _NOISE]
    return " ".join(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in words
    )


def _certain(code: str) -> str | None:
    return None if code == DOUBTFUL else code


def _only(codes: frozenset[str]) -> str | None:
    return next(iter(codes)) if len(codes) == 1 else None
