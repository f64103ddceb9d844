"""The skills a posting asks for, from the hand-written list: which words count, in which case, and where."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.sample.making.tables import hand_written

SKILLS_LIMIT = 15
"""Skills of one posting; the rarest are kept, for they tell the most."""
_ANYWHERE = ("business_title", "description", "preferred_skills", "minimum_requirements")
_ABOUT_THE_WORK = ("description", "preferred_skills")
_SENTENCE = re.compile(r"(?<=[.;!?:])\s+|\n|\N{BULLET}|\N{INVERTED QUESTION MARK}")
_ABOUT_THE_EMPLOYER = re.compile(
    r"^\W*(?:The|This|These|NYC|New York|Our|We|Its|It|In|As|With|Since|Established|Through|For|[A-Z]{2,6})\b(?! (?:selected|"
    r"candidate|successful|ideal|incumbent|position|[A-Z][a-z]+ will\b))|\bmission\b"
)


@dataclass(frozen=True, slots=True)
class Skill:
    """`is_plain` words (such as *procurement*) count only in sentences about the work, not in those about the employer."""

    name: str
    pattern: re.Pattern[str]
    is_plain: bool


def known_skills() -> list[Skill]:
    return [Skill(name, re.compile(pattern), where == "text") for name, where, pattern in hand_written("skills")]


def mentioned(row: Mapping[str, Any], skills: Iterable[Skill]) -> tuple[str, ...]:
    """Answer the skills that a row mentions, in the order of the list."""
    anywhere = "\n".join(str(row[field] or "") for field in _ANYWHERE)
    sentences = _SENTENCE.split("\n".join(str(row[field] or "") for field in _ABOUT_THE_WORK))
    about_the_work = "\n".join(text for text in sentences if text and not _ABOUT_THE_EMPLOYER.search(text))
    return tuple(skill.name for skill in skills if skill.pattern.search(about_the_work if skill.is_plain else anywhere))


def rarest_first(mentions: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """Answer each posting's skills with the rarest first, bounded; equals by name."""
    counts = Counter(name for names in mentions.values() for name in names)
    return {
        job: tuple(sorted(names, key=lambda name: (counts[name], name))[:SKILLS_LIMIT])
        for job, names in mentions.items()
    }
