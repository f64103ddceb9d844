"""What events said about consent a moment ago: laid over the sections that are read, for no agent may have folded it yet.

The fold stays the truth: what is laid over a section is what the fold makes of it, so once it has, nothing changes any more.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from profiles.candidate import Stored
from profiles.fold import fold
from profiles.sections import Profile
from schemas.consent import NAMES
from schemas.events import ConsentChanged
from schemas.messages import CandidateId
from schemas.topics import Topic

Sections = Mapping[tuple[Topic, CandidateId], Stored]
UNWRITTEN = -1
"""The offset of a section that nobody has written yet."""


class Answer(NamedTuple):
    """A yes or no to a purpose or source: under which id, and when by event time (milliseconds)."""

    candidate: CandidateId
    name: str
    given: bool
    at: int


def answers_in(candidate: CandidateId, event: ConsentChanged) -> tuple[Answer, ...]:
    """Answer what an event of an id says about the names that a section keeps."""
    return tuple(Answer(candidate, name, event.purposes[name], event.at) for name in NAMES if name in event.purposes)


def encode_answers(answers: Iterable[Answer]) -> str:
    """Answer a line `<time> <1|0> <name> <id>` for each."""
    return "\n".join(f"{each.at} {each.given:d} {each.name} {each.candidate}" for each in answers)


def decode_answers(value: bytes | None) -> tuple[Answer, ...]:
    """Read what `encode_answers` wrote."""
    lines = [line.split(" ", 3) for line in (value or b"").decode().split("\n") if line]
    return tuple(Answer(candidate, name, given == "1", int(at)) for at, given, name, candidate in lines)


def latest(answers: Iterable[Answer], reader: CandidateId, others: int) -> list[Answer]:
    """Answer what is worth keeping for a reader: of each answer the latest, a yes beside a no alone, and the newest of `others` ids."""
    found = {each[:3]: each for each in sorted(answers, key=lambda each: each.at)}
    kept = [each for each in found.values() if (*each[:2], False) in found]
    foreign = sorted((each for each in kept if each.candidate != reader), key=lambda each: -each.at)
    return [*(each for each in kept if each.candidate == reader), *foreign[:others]]


def with_answers(sections: Sections, answers: Iterable[Answer], ids: Collection[CandidateId]) -> Sections:
    """Answer the sections of these ids as they are once all is folded; the same object when it already is.

    Where there is no section yet, a no makes one at the offset UNWRITTEN.
    """
    changed = dict[tuple[Topic, CandidateId], Stored]()
    for each in answers:
        key = (Topic.PROFILES, each.candidate)
        stored = changed.get(key) or sections.get(key) or Stored(Profile(), UNWRITTEN)
        section = fold(stored.section, ConsentChanged(at=each.at, id="", purposes={each.name: each.given}))
        if section is not stored.section and each.candidate in ids:
            changed[key] = Stored(section, stored.offset)
    kept = {key: stored for key, stored in changed.items() if stored.offset != UNWRITTEN or _refuses(stored)}
    return {**sections, **kept} if kept else sections


def _refuses(stored: Stored) -> bool:
    return isinstance(stored.section, Profile) and any(not given for _, _, given in stored.section.consents.entries)
