"""What everybody was served, in columns, so that a million lists are read in half a minute."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learning.log import Log
from learning.metrics import DEPTH
from schemas.messages import CandidateId
from schemas.served import decode_served
from schemas.topics import Topic

PERSONAL = frozenset({"live", "last_good"})
"""The rungs on which a list was made for this very person."""


@dataclass(frozen=True, slots=True)
class ServedLists:
    """Every served list of jobs once, and the first DEPTH of its postings. `person` points into `people`, `job` into `jobs`.

    By list: `person`, `at` (milliseconds), `personal`, `length`. By posting, list by list and best first: `number` (of its list),
    `place` (0 is first), `job`, `score`.
    """

    people: tuple[CandidateId, ...]
    jobs: tuple[str, ...]
    models: Mapping[str, int]
    """How many lists each model made."""
    person: NDArray[np.int32]
    at: NDArray[np.int64]
    personal: NDArray[np.int8]
    length: NDArray[np.int32]
    number: NDArray[np.int32]
    place: NDArray[np.int32]
    job: NDArray[np.int32]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.at)


def read_lists(log: Log, users: Mapping[CandidateId, CandidateId]) -> ServedLists:
    """Read the decisions; `users` says whom an anonymous id belongs to."""
    people, jobs, models = dict[str, int](), dict[str, int](), dict[str, int]()
    known: set[str] = set()
    person, at, personal, length = array("i"), array("q"), array("b"), array("i")
    number, place, job, score = array("i"), array("i"), array("i"), array("d")
    for record in log.records(Topic.DECISIONS):
        served = decode_served(record.value) if record.value else None
        for choice in served.choices if served else ():
            # What Kafka did not acknowledge in time is logged again under the same id.
            if served is None or choice.kind != "RECS" or choice.id in known:
                continue
            known.add(choice.id)
            items = choice.items[:DEPTH]
            number.extend([len(at)] * len(items))
            place.extend(range(len(items)))
            job.extend([jobs.setdefault(item.id, len(jobs)) for item in items])
            score.extend([item.score for item in items])
            who = users.get(served.candidate_id, served.candidate_id)
            person.append(people.setdefault(who, len(people)))
            at.append(served.at)
            personal.append(served.rung in PERSONAL and bool(items))
            length.append(len(choice.items))
            models[served.model] = models.get(served.model, 0) + 1
    return ServedLists(
        people=tuple(people),
        jobs=tuple(jobs),
        models=models,
        person=np.array(person, np.int32),
        at=np.array(at, np.int64),
        personal=np.array(personal, np.int8),
        length=np.array(length, np.int32),
        number=np.array(number, np.int32),
        place=np.array(place, np.int32),
        job=np.array(job, np.int32),
        score=np.array(score, np.float64),
    )
