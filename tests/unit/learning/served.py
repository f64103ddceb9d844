"""A log of served lists, told person by person, as the API writes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from schemas.consent import PERSONALIZATION
from schemas.job_json import job_to_json
from schemas.jobs import Job, Salary
from schemas.messages import Message, encode_message
from schemas.topics import Topic
from tests.learning.site import MINUTE, START, MemoryLog


@dataclass
class ServedLog:
    """Writes what was served, and what else an audit reads."""

    log: MemoryLog = field(default_factory=MemoryLog)
    _count: int = 0

    def posting(self, name: str, *, pay: float, skills: Sequence[str] = ()) -> None:
        job = Job(id=name, title="Nurse", employer="E", skills=tuple(skills), salary=Salary(pay, pay, "EUR", "YEAR"))
        self.log.append(Topic.JOBS, name, job_to_json(job), START)

    def serve(self, person: str, items: Iterable[tuple[str, float]], *, rung: str = "live", at: int = START) -> str:
        """Serve one list of postings with their scores; answer the id of the list."""
        self._count += 1
        name = f"c-{self._count}"
        listed = [{"id": job, "score": score, "propensity": 1.0} for job, score in items]
        body = {
            "id": f"d-{self._count}",
            "kind": "served",
            "base": f"b-{self._count}",
            "candidate": person,
            "at": at,
            "rung": rung,
            "model": "prior-2",
            "segments": [],
            "choices": [{"id": name, "selector": "jobs", "kind": "RECS", "items": listed}],
        }
        self.log.append(Topic.DECISIONS, person, orjson.dumps(body), at)
        return name

    def declares(self, person: str, *skills: str) -> None:
        self.happen(person, Topic.PROFILES, "Preference Set", {"key": "skills", "value": list(skills)}, START)

    def applies(self, person: str, job: str, stage: str | None = "interview_scheduled", at: int = START) -> None:
        """Let somebody apply, and the employer answer a minute later."""
        self.happen(person, Topic.APPLICATIONS, "Application Submitted", {"job_id": job}, at)
        if stage is not None:
            told = {"job_id": job, "stage": stage}
            self.happen(person, Topic.APPLICATIONS, "Application Status Changed", told, at + MINUTE)

    def happen(
        self,
        person: str,
        topic: Topic,
        event: str,
        properties: Mapping[str, object],
        at: int,
        browser: str | None = None,
    ) -> None:
        self._count += 1
        message = Message(
            message_id=f"m-{self._count}",
            type="track",
            event=event,
            event_time=at,
            received_at=at,
            user_id=person.removeprefix("u:"),
            anonymous_id=browser,
            verified=True,
            properties=properties,
            consent={PERSONALIZATION: True},
        )
        self.log.append(topic, person, encode_message(message), at)
