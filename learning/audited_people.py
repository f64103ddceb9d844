"""What a bias audit knows of people beside what they were served: who is who, the skills they declared, whom employers wanted.

Everybody counts who was neither erased nor objected. Nothing is guessed about anybody: labels come from their file alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from learning.log import Log
from learning.outcomes import SUBMITTED, WANTED_BY_EMPLOYER, read_erasures
from profiles.candidate import Stored, merge
from profiles.consent import may_count
from profiles.erasures import Erasures
from profiles.fold import fold
from profiles.identity import Link, link_of, newest_links
from profiles.sections import EMPTY
from profiles.store import SectionKey
from schemas.events import ApplicationMoved, Event, event_of
from schemas.messages import CandidateId, MalformedMessage, Message, decode_message
from schemas.topics import CANDIDATE_TOPICS, Topic

_WHOLE = frozenset({Topic.PROFILES, Topic.APPLICATIONS})
"""Of the other topics only what names two ids of one person is read."""


@dataclass(frozen=True, slots=True)
class AuditedPeople:
    """`wanted` are the applications after which an employer asked for an interview: person and posting, and when it was sent."""

    users: Mapping[CandidateId, CandidateId]
    skills: Mapping[CandidateId, tuple[str, ...]]
    wanted: Mapping[tuple[CandidateId, str], int]
    erasures: Erasures

    def is_left_out(self, person: CandidateId) -> bool:
        return self.erasures.of(person).is_unprofiled


def read_people(log: Log) -> AuditedPeople:
    """Read the candidate topics; what the agents would refuse is left out."""
    erasures = read_erasures(log)
    links: list[Link] = []
    sections: dict[SectionKey, Stored] = {}
    moves: list[tuple[CandidateId, ApplicationMoved]] = []
    for topic, message, event in _counting(log, erasures):
        link = link_of(message)
        if link is not None:
            links.append(link)
        if isinstance(event, ApplicationMoved):
            moves.append((message.candidate_id, event))
        elif topic is Topic.PROFILES:
            key = (topic, message.candidate_id)
            before = sections.get(key) or Stored(EMPTY[topic], -1)
            sections[key] = Stored(fold(before.section, event), before.offset + 1)
    users = {anonymous: link.user for anonymous, link in newest_links(links).items()}
    return AuditedPeople(users, _skills(sections, users), _wanted(moves, users), erasures)


def _counting(log: Log, erasures: Erasures) -> Iterator[tuple[Topic, Message, Event]]:
    for topic in CANDIDATE_TOPICS:
        for record in log.records(topic):
            value = record.value or b""
            if topic not in _WHOLE and not (b'"userId"' in value and b'"anonymousId"' in value):
                continue
            try:
                message = decode_message(value)
                event = event_of(message)
            except MalformedMessage:
                continue
            if may_count(event, message.consent) and not erasures.refuses(message, event):
                yield topic, message, event


def _skills(
    sections: Mapping[SectionKey, Stored], users: Mapping[CandidateId, CandidateId]
) -> Mapping[CandidateId, tuple[str, ...]]:
    """Answer the skills that people declared, as a decision would see them."""
    whose: dict[CandidateId, dict[SectionKey, Stored]] = {}
    for key, stored in sections.items():
        whose.setdefault(users.get(key[1], key[1]), {})[key] = stored
    found = {person: merge(person, own).preferences.skills for person, own in whose.items()}
    return {person: tuple(sorted({each.casefold() for each in skills})) for person, skills in found.items() if skills}


def _wanted(
    moves: Iterable[tuple[CandidateId, ApplicationMoved]], users: Mapping[CandidateId, CandidateId]
) -> Mapping[tuple[CandidateId, str], int]:
    """Answer when each application that an employer wanted was sent, or where that is not known, when it was wanted."""
    sent: dict[tuple[CandidateId, str], int] = {}
    wanted: dict[tuple[CandidateId, str], int] = {}
    for candidate, event in moves:
        key = users.get(candidate, candidate), event.job_id
        for times, kinds in ((sent, (SUBMITTED,)), (wanted, WANTED_BY_EMPLOYER)):
            if event.stage in kinds:
                times[key] = min(times.get(key, event.at), event.at)
    return {key: min(at, sent.get(key, at)) for key, at in wanted.items()}
