"""What came of it: what people did with postings, and what employers did with applications, person by person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from learning.log import Log
from profiles.consent import may_count
from profiles.erasures import Erasures
from profiles.identity import Link, link_of, newest_links
from schemas.consent import ANALYTICS, RESEARCH, allows
from schemas.events import ApplicationMoved, Event, JobMarked, JobRead, JobsShown, JobViewed, event_of
from schemas.messages import CandidateId, MalformedMessage, decode_message
from schemas.topics import CANDIDATE_TOPICS, Topic

INTERESTED: Mapping[str, float] = {
    "viewed": 1.0, "read": 1.0, "saved": 2.0, "liked": 2.0, "shared": 2.0, "started": 2.0, "submitted": 3.0, "offer_accepted": 3.0,
}  # fmt: skip
"""What says that the candidate responds, and how much it weighs in training: an application says more than a look."""
NOT_INTERESTED = "dismissed"
SUBMITTED = "submitted"
WANTED_BY_EMPLOYER = frozenset(
    {
        "interview_scheduled", "interview_held", "interview_missed", "offer_made", "offer_accepted", "offer_declined", "hired",
        "retained_90_days",
    }
)  # fmt: skip
"""What says that the employer would interview: a missed interview was offered, too."""
NOT_WANTED_BY_EMPLOYER = "rejected"


class Outcome(NamedTuple):
    """What happened between a person and a posting; `choice_id` names the list it came from, where the page said so."""

    at: int
    candidate_id: CandidateId
    job_id: str
    kind: str
    choice_id: str | None = None


class Shown(NamedTuple):
    """A page said that these were on screen."""

    choice_id: str
    job_ids: tuple[str, ...]


@dataclass(slots=True)
class Happened:
    """Everything that the candidate topics say about outcomes."""

    outcomes: list[Outcome] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    users: Mapping[CandidateId, CandidateId] = field(default_factory=dict)
    """Whom each anonymous id belongs to, by its newest link."""
    granted: frozenset[CandidateId] = frozenset()
    """The people whose newest answer lets models learn from them."""
    last_at: int = 0
    refused: int = 0
    without_consent: int = 0

    def person(self, candidate: CandidateId) -> CandidateId:
        """Answer one id for all of a person's."""
        return self.users.get(candidate, candidate)

    def may_learn_from(self, candidate: CandidateId) -> bool:
        return self.person(candidate) in self.granted


def read_outcomes(log: Log) -> Happened:
    """Read the candidate topics; a record that the agents would refuse is counted and left out."""
    happened, links, grants = Happened(), list[Link](), list[tuple[int, CandidateId, bool]]()
    erasures = read_erasures(log)
    for topic in CANDIDATE_TOPICS:
        for record in log.records(topic):
            try:
                message = decode_message(record.value or b"")
                event = event_of(message)
            except MalformedMessage:
                happened.refused += 1
                continue
            if message.consent is not None:
                grants.append((event.at, message.candidate_id, _may_learn(message.consent)))
            if not may_count(event, message.consent) or erasures.refuses(message, event):
                happened.without_consent += 1
                continue
            link = link_of(message)
            if link is not None:
                links.append(link)
            happened.last_at = max(happened.last_at, event.at)
            _note(happened, event, message.candidate_id)
    happened.users = {anonymous: link.user for anonymous, link in newest_links(links).items()}
    # Of two answers at one time the no counts.
    answers = {happened.person(each): given for at, each, given in sorted(grants, key=lambda one: (one[0], not one[2]))}
    # Whoever was erased, suppressed or objected, to counting too, is learned from no more, whatever was said before.
    barred = {happened.person(each) for _, each, _ in grants if erasures.of(each).is_uncounted}
    happened.granted = frozenset(person for person, given in answers.items() if given and person not in barred)
    happened.outcomes = sorted(each for each in happened.outcomes if happened.may_learn_from(each.candidate_id))
    return happened


def _may_learn(consent: Mapping[str, bool]) -> bool:
    """Say whether an answer lets models learn: what may not be counted is no example either."""
    return allows(consent, RESEARCH) and allows(consent, ANALYTICS)


def read_erasures(log: Log) -> Erasures:
    """Answer who was erased, suppressed or objected, as the log knows it."""
    erasures = Erasures()
    for record in log.records(Topic.ERASURES):
        erasures.apply((record.key or b"").decode(), record.value)
    return erasures


def _note(happened: Happened, event: Event, candidate: CandidateId) -> None:
    if isinstance(event, JobsShown) and event.decision_id:
        happened.shown.append(Shown(event.decision_id, event.job_ids))
    happened.outcomes.extend(_outcomes_of(event, candidate))


def _outcomes_of(event: Event, candidate: CandidateId) -> Iterator[Outcome]:
    match event:
        case JobViewed():
            yield Outcome(event.at, candidate, event.job_id, "viewed", event.decision_id)
        case JobRead():
            yield Outcome(event.at, candidate, event.job_id, "read")
        case JobMarked():
            yield Outcome(event.at, candidate, event.job_id, event.mark)
        case ApplicationMoved():
            yield Outcome(event.at, candidate, event.job_id, event.stage)
        case _:
            return
