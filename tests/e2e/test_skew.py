"""What training would compute is what serving saw: features out of the log alone equal those that were logged with each decision."""

import asyncio
import secrets
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pytest

from catalog.index import Catalog
from profiles.candidate import Stored, merge
from profiles.consent import may_count
from profiles.fold import fold
from profiles.sections import EMPTY
from profiles.store import SectionKey
from schemas.events import event_of
from schemas.job_json import job_from_json
from schemas.logged import LoggedDecision, decode_logged
from schemas.messages import decode_message
from schemas.topics import CANDIDATE_TOPICS, Topic, TopicNames
from scorers.crowd import Crowd
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.pipeline import Stages, decide
from scorers.policy import Policy
from scorers.query import Query
from scorers.sources.proposals import Proposals
from scorers.trained import rows_of
from scorers.trends import Trends
from tests.e2e import running
from tests.e2e.conftest import PUBLISHABLE, SECRET
from tests.e2e.running import until
from tests.streaming import read_all

OF_THE_CROWD = frozenset({"trending", "appeal", "applied_share", "dismissed_share", "viewed_together"})
"""What everybody did when it was last read: it is in the log beside the decision, and in nobody's sections."""


@pytest.fixture(scope="module")
def own_house(real_environment, tmp_path_factory):
    """A house whose catalogue nobody changes."""
    name = real_environment["CAREERSTREAM_KAFKA__PREFIX"] + "-s"
    environment = {
        **real_environment,
        "CAREERSTREAM_KAFKA__PREFIX": name,
        "CAREERSTREAM_REDIS__NAMESPACE": name,
        "CAREERSTREAM_WORKER__GROUP": name,
    }
    log = tmp_path_factory.mktemp("skew") / "log"
    keys = {"publishable": PUBLISHABLE, "secret": SECRET}
    up = running.start(log, "--catalog", "sample", environment=environment, **keys)
    yield up, TopicNames(name)
    up.stop()


@dataclass(frozen=True)
class Only:
    """Proposes these rows and no others."""

    rows: "array[int]"
    name: str = "only"

    def propose(self, crowd: Crowd, into: Proposals) -> None:  # noqa: ARG002  a source is told about the crowd
        into.offer(0, self.rows, 1.0)


def visit(house, visitor: str) -> None:
    """Do a bit of everything that features are made of, and look at the list after each step."""
    here = {"location": {"city": "Brooklyn", "country": "US", "latitude": 40.69, "longitude": -73.98}}
    anonymous = {"anonymousId": visitor, "context": here}
    steps = [
        ("Job Searched", {"query": "software engineer"}),
        ("Preference Set", {"key": "skills", "value": ["Python", "SQL"]}),
        ("Preference Set", {"key": "salary_min", "value": 60_000}),
    ]
    first = house.jobs(anonymousId=visitor)
    steps += [("Job Viewed", {"job_id": job["id"]}) for job in first[:4]]
    steps += [("Job Saved", {"job_id": first[1]["id"]}), ("Job Dismissed", {"job_id": first[2]["id"]})]
    steps += [("Application Started", {"job_id": first[0]["id"]})]
    for event, properties in steps:
        sent = house.send(event, properties, **anonymous)
        house.jobs(anonymousId=visitor, after=sent["after"])


def test_features_folded_out_of_the_log_equal_those_that_serving_saw(own_house, kafka):
    house, names = own_house
    visitors = [f"v-{secrets.token_hex(6)}" for _ in range(2)]
    for visitor in visitors:
        visit(house, visitor)
    people = {f"a:{visitor}" for visitor in visitors}

    logged = until(lambda: len(found := _logged(kafka, names, people)) >= 8 * len(people) and found)
    catalog, sections = _catalog(kafka, names), _Sections(kafka, names)
    spoken = np.zeros(len(FEATURE_NAMES), np.bool_)
    for each in logged:
        served, recomputed = _served(each), _recomputed(each, sections.at(each.decision.version), catalog)
        apart = (np.abs(served - recomputed) > 1e-9).any(axis=0)
        assert {name for name, differs in zip(FEATURE_NAMES, apart, strict=True) if differs} <= OF_THE_CROWD
        spoken |= (served != 0).any(axis=0)

    assert spoken.sum() >= 18, "the visits must make many features speak"


def _logged(kafka, names: TopicNames, people: Iterable[str]) -> list[LoggedDecision]:
    records = asyncio.run(read_all(kafka.bootstrap, names.full(Topic.DECISIONS)))
    found = [decode_logged(record.value) for record in records if record.key.decode() in people]
    return [each for each in found if each is not None and each.evidence is not None and each.evidence.considered]


def _catalog(kafka, names: TopicNames) -> Catalog:
    catalog = Catalog()
    for record in asyncio.run(read_all(kafka.bootstrap, names.full(Topic.JOBS))):
        catalog.apply_job(record.key.decode(), job_from_json(record.value) if record.value else None)
    catalog.settle()
    return catalog


class _Sections:
    """The candidate topics, to be folded as far as a decision had seen them."""

    def __init__(self, kafka, names: TopicNames) -> None:
        self._records = {topic: asyncio.run(read_all(kafka.bootstrap, names.full(topic))) for topic in CANDIDATE_TOPICS}

    def at(self, version: Mapping[str, int]) -> dict[SectionKey, Stored]:
        found: dict[SectionKey, Stored] = {}
        for name, offset in version.items():
            topic, _, candidate = name.partition("/")
            key = Topic(topic), candidate
            found[key] = Stored(EMPTY[key[0]], -1)
            mine = [record for record in self._records[key[0]] if record.key.decode() == candidate]
            for record in sorted(mine, key=lambda record: record.offset):
                message = decode_message(record.value)
                event = event_of(message)
                if record.offset <= offset and may_count(event, message.consent):
                    found[key] = Stored(fold(found[key].section, event), record.offset)
        return found


def _served(logged: LoggedDecision) -> np.ndarray:
    assert logged.evidence is not None
    return rows_of(logged.evidence.matrix, len(FEATURE_NAMES))


def _recomputed(logged: LoggedDecision, sections: Mapping[SectionKey, Stored], catalog: Catalog) -> np.ndarray:
    """Answer the features of what the decision considered, in its order, from the sections of then."""
    decision, evidence = logged.decision, logged.evidence
    assert evidence is not None
    rows = array("i", [catalog.known_rows[job] for job in evidence.considered])
    query = Query(merge(decision.candidate_id, sections), decision.id, decision.segments)
    ((_, recall),) = decide(
        [query],
        catalog=catalog,
        policy=Policy(),
        model=PriorModel(),
        trends=Trends(),
        now=decision.decided_at,
        stages=Stages(sources=(Only(rows),), rules=()),
    )
    again = recall()
    place = {job: number for number, job in enumerate(again.considered)}
    return rows_of(again.matrix, len(FEATURE_NAMES))[[place[job] for job in evidence.considered]]
