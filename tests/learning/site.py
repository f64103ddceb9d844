"""A small careers site whose visitors have hidden wishes: it writes the log that is learned from, by the product's own fold and decide.

Each visitor lives in a town and does one kind of work. Whether they open a posting depends on both and on its place in the list; employers
interview who states the skills. What the prior believes is partly wrong here on purpose, so that there is something to learn.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import orjson

from catalog.index import Catalog
from learning.examples import Windows
from learning.log import LogRecord
from profiles.candidate import Stored, merge
from profiles.fold import fold
from profiles.sections import EMPTY
from profiles.store import SectionKey
from schemas.consent import PERSONALIZATION, RESEARCH
from schemas.decision import Decision, Evidence
from schemas.events import event_of, topic_of
from schemas.job_json import job_to_json
from schemas.jobs import Job, Place, Salary
from schemas.logged import encode_logged
from schemas.messages import Message, encode_message
from schemas.topics import Topic
from scorers.models import Model, PriorModel
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.query import Query
from scorers.shadow import shadowed
from scorers.trends import Trends

START = 1_763_900_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
TOWNS = ("Bonn", "Essen", "Kiel", "Ulm", "Mainz", "Halle")
WORK = {
    "Nurse": ("triage", "wound care"),
    "Cook": ("menus", "hygiene"),
    "Bus Driver": ("routes", "licence D"),
    "Data Engineer": ("sql", "python"),
}
SHOWN = 10
WINDOWS = Windows(response=timedelta(hours=1), interview=timedelta(hours=2))


@dataclass
class MemoryLog:
    """A log in memory, as exports hold it."""

    topics: dict[Topic, list[LogRecord]] = field(default_factory=dict)

    def records(self, topic: Topic) -> Iterator[LogRecord]:
        yield from self.topics.get(topic, [])

    def append(self, topic: Topic, key: str, value: bytes, at: int) -> None:
        self.topics.setdefault(topic, []).append(LogRecord(key.encode(), value, at))


@dataclass(frozen=True)
class Person:
    id: str
    town: str
    work: str
    skilled: bool


def postings(count: int = 160, seed: int = 1) -> list[Job]:
    chance = Random(seed)
    jobs = []
    for number in range(count):
        work, town = chance.choice(list(WORK)), chance.choice(TOWNS)
        jobs.append(
            Job(
                id=f"j-{number}",
                title=f"{chance.choice(('Senior', 'Junior', 'Night', 'Lead'))} {work}",
                employer=f"employer-{chance.randrange(30)}",
                places=(Place(locality=town, region="R", country="DE"),),
                occupation=work,
                skills=WORK[work],
                employment_types=("FULL_TIME",),
                salary=Salary(30_000, 40_000 + 10_000 * chance.randrange(5), "EUR", "YEAR"),
                posted_at=START - chance.randrange(20) * DAY,
            )
        )
    return jobs


class Site:
    """Serves lists, lets people react, and writes the log."""

    def __init__(
        self,
        *,
        people: int = 150,
        seed: int = 1,
        model: Model | None = None,
        challenger: Model | None = None,
        reports_shown: bool = False,
        responds: bool = True,
    ) -> None:
        self.chance = Random(seed)
        self.log = MemoryLog()
        self.jobs = {job.id: job for job in postings()}
        self.catalog = Catalog()
        for job in self.jobs.values():
            self.catalog.apply_job(job.id, job)
            self.log.append(Topic.JOBS, job.id, job_to_json(job), START)
        self.catalog.settle()
        self.model = model or PriorModel()
        self.challenger = challenger
        self.now = START
        self.clicks = self.interviews = self.lists = 0
        self._reports_shown = reports_shown
        self._responds = responds
        self._seed = seed
        self._sections: dict[SectionKey, Stored] = {}
        self._messages = 0
        self.people = [self._person(number) for number in range(people)]

    def run(self, rounds: int) -> "Site":
        """Let everybody come once a round, two hours apart."""
        for _ in range(rounds):
            self.now += 2 * HOUR
            self._round()
        return self

    def _person(self, number: int) -> Person:
        person = Person(
            f"u:{self._seed}-{number}",
            self.chance.choice(TOWNS),
            self.chance.choice(list(WORK)),
            self.chance.random() < 0.5,
        )
        if person.skilled:
            self._happen(person, "Preference Set", {"key": "skills", "value": list(WORK[person.work])}, self.now)
        home = [job for job in self.jobs.values() if job.places[0].locality == person.town]
        self._happen(person, "Job Viewed", {"job_id": self.chance.choice(home).id}, self.now + 1)
        return person

    def _round(self) -> None:
        queries = [
            Query(self._candidate(person), f"000-{self.now:012x}-{self._seed:04x}{number:08x}")
            for number, person in enumerate(self.people)
        ]
        made = decide(queries, catalog=self.catalog, policy=Policy(), model=self.model, trends=Trends(), now=self.now)
        for person, (decision, recall) in zip(self.people, made, strict=True):
            self._serve(person, decision, recall())

    def _candidate(self, person: Person):
        return merge(person.id, {key: stored for key, stored in self._sections.items() if key[1] == person.id})

    def _serve(self, person: Person, decision: Decision, evidence: Evidence) -> None:
        choice = decision.choice("jobs")
        assert choice is not None
        items = choice.items[:SHOWN]
        self.lists += 1
        choice_id = f"001-{self.now:012x}-{self._seed:02x}{self.lists:08x}00"
        self.log.append(
            Topic.DECISIONS, person.id, encode_logged(decision, shadowed(evidence, self.challenger)), self.now
        )
        self.log.append(Topic.DECISIONS, person.id, _served(decision, choice_id, items, self.now), self.now)
        if self._reports_shown:
            listed = {"job_ids": [item.id for item in items], "decision_id": choice_id}
            self._happen(person, "Job Shown", listed, self.now + 1)
        for position, item in enumerate(items):
            self._react(person, self.jobs[item.id], position, choice_id)

    def _react(self, person: Person, job: Job, position: int, choice_id: str) -> None:
        wanted = 1.2 * (job.occupation == person.work) + 0.8 * (job.places[0].locality == person.town)
        new = 2.6 * (self.now - (job.posted_at or 0) < 6 * DAY)
        if not self._responds or self.chance.random() > 1 / (1 + math.exp(-(wanted + new - 4.0 - 0.25 * position))):
            return
        self.clicks += 1
        at = self.now + MINUTE * (position + 1)
        self._happen(person, "Job Viewed", {"job_id": job.id, "position": position, "decision_id": choice_id}, at)
        if self.chance.random() < 0.5:
            self._happen(person, "Application Submitted", {"job_id": job.id}, at + MINUTE)
            invited = self.chance.random() < (0.8 if person.skilled and job.occupation == person.work else 0.15)
            self.interviews += invited
            stage = "interview_scheduled" if invited else "rejected"
            self._happen(person, "Application Status Changed", {"job_id": job.id, "stage": stage}, at + HOUR // 2)

    def _happen(self, person: Person, event: str, properties: Mapping[str, object], at: int) -> None:
        self._messages += 1
        message = Message(
            message_id=f"m-{self._messages}",
            type="track",
            event=event,
            event_time=at,
            received_at=at,
            user_id=person.id.removeprefix("u:"),
            verified=True,
            properties=properties,
            consent={PERSONALIZATION: True, RESEARCH: True},
        )
        meaning = event_of(message)
        key = (topic_of(meaning), person.id)
        before = self._sections.get(key) or Stored(EMPTY[key[0]], -1)
        self._sections[key] = Stored(fold(before.section, meaning), before.offset + 1)
        self.log.append(key[0], person.id, encode_message(message), at)


def _served(decision: Decision, choice_id: str, items, now: int) -> bytes:
    """Answer the record that the API writes of an answer (tests/unit/api/test_decide.py holds both to one form)."""
    listed = [
        {
            "id": item.id,
            "score": item.score,
            "propensity": item.propensity,
            "source": item.source,
            "reasons": list(map(list, item.reasons)),
        }
        for item in items
    ]
    choice = {"id": choice_id, "selector": "jobs", "kind": "RECS", "source": "model", "items": listed}
    return orjson.dumps(
        {
            "kind": "served",
            "id": choice_id,
            "base": decision.id,
            "candidate": decision.candidate_id,
            "at": now,
            "rung": "live",
            "model": decision.model,
            "segments": decision.segments,
            "choices": [choice],
        }
    )
