"""The product inside one process: its own normalising, fold, decide and log, with time and chance handed in. No sockets.

Everything is as in the real processes: the message that the collector makes of a call, the offsets that Kafka would give (they seed
the draw of what is explored), trends, session neighbours and statistics of postings as of the last events but one, the overlay of the API.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import orjson

from benchmarks.simulation.people import Person
from benchmarks.simulation.rules import SHOWN
from benchmarks.simulation.site import Call, Shown, moment_text
from careerstream.statistics import StatisticsFollower
from careerstream.trails import TrailsFollower
from catalog.index import Catalog
from learning.log import LogRecord
from profiles.candidate import Candidate, Stored, merge
from profiles.counts import Tally
from profiles.erasures import Erasures
from profiles.fold import fold
from profiles.memory_store import MemoryStore
from profiles.sections import EMPTY
from profiles.store import TREND_HOURS, SectionKey
from profiles.trends import HOUR_MS, decayed, trend_of
from schemas.collecting import Accepted, normalise
from schemas.collecting import Call as Circumstances
from schemas.consent import PERSONALIZATION, RESEARCH
from schemas.decision import Choice, Decision
from schemas.job_json import job_to_json
from schemas.jobs import Job
from schemas.logged import encode_logged
from schemas.messages import encode_message
from schemas.partitions import partition_of
from schemas.topics import CANDIDATE_TOPICS, Topic
from schemas.trained import TrainedModel
from scorers.models import Model, PriorModel
from scorers.overlay import overlay
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.query import Query, RequestContext, SelectorRequest
from scorers.segment_trends import SegmentLooks
from scorers.sessions import Sessions
from scorers.trends import Trends
from streams.people import People
from streams.trailing import Trailing

STANDARD = Policy()
PARTITIONS = 4
SOURCE = "simulation"
MARKER = "marker"
GRANTED = (PERSONALIZATION, RESEARCH)
REQUEST = SelectorRequest("jobs", count=SHOWN)


@dataclass
class MemoryLog:
    """The log that learning reads, in memory."""

    topics: dict[Topic, list[LogRecord]] = field(default_factory=dict)

    def records(self, topic: Topic) -> Iterator[LogRecord]:
        yield from self.topics.get(topic, ())

    def append(self, topic: Topic, key: str, value: bytes, at: int) -> None:
        self.topics.setdefault(topic, []).append(LogRecord(key.encode(), value, at))


class House:
    """A site whose lists the engine makes. `model` may be swapped at any time; `record` is that of the last one promoted, None before."""

    def __init__(self, *, policy: Policy = STANDARD, logs: bool = True, marks: Iterable[int] = ()) -> None:
        """Make it. `marks` says how many events of the marker came before each call of `collect` where a real house is followed."""
        self.policy = policy
        self.model: Model = PriorModel(policy.fit_share)
        self.record: TrainedModel | None = None
        self.log = MemoryLog()
        self.catalog = Catalog()
        self._logs = logs
        self._sections: dict[str, dict[SectionKey, Stored]] = defaultdict(dict)
        self._offsets: dict[tuple[Topic, int], int] = defaultdict(int)
        self._hours: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self._trends = Trends()
        self._neighbours = Sessions()
        self._kept = MemoryStore()
        self._trailing = Trailing(lambda _: True)
        self._trails = TrailsFollower(self._kept, self._neighbours, SegmentLooks(), Erasures())
        self._statistics = StatisticsFollower(self._kept, self.catalog, lambda: self._decided_at)
        self._decided_at = 0
        self._lists = 0
        self._marks = iter(marks)

    def arrive(self, jobs: Sequence[Job], now: int) -> None:
        for job in jobs:
            self.catalog.apply_job(job.id, job)
            self.log.append(Topic.JOBS, job.id, job_to_json(job), now)
        self.catalog.settle()

    def collect(self, calls: Sequence[Call], now: int) -> None:
        self._trends = self._trending(now)
        self._decided_at = now
        asyncio.run(self._follow())
        tally, touched = Tally(), dict[str, None]()
        for call in [marker(now)] * next(self._marks, 0) + list(calls):
            accepted = normalised(call, now)
            candidate = accepted.message.candidate_id
            if self._folded(accepted):
                tally.add(accepted.event, accepted.event.at)
                if (heat := trend_of(accepted.event)) is not None:
                    self._hours[accepted.event.at // HOUR_MS][heat[0]] += heat[1]
            touched[candidate] = None
            if self._logs:
                self.log.append(accepted.topic, candidate, encode_message(accepted.message), accepted.event.at)
        self._kept.counts.add(tally.counts)
        moved = self._trailing.changed(People({each: self.candidate(each) for each in touched}, {}), {})
        asyncio.run(self._kept.trails.put(moved))

    def lists(self, people: Sequence[Person], now: int) -> Sequence[Shown]:
        queries = [
            Query(self.candidate(f"u:{person.id}"), f"000-{self._decided_at:012x}-{number:012x}")
            for number, person in enumerate(people)
        ]
        made = decide(
            queries,
            catalog=self.catalog,
            policy=self.policy,
            model=self.model,
            trends=self._trends,
            now=self._decided_at,
            sessions=self._neighbours,
            responses=self._statistics.responses,
            selectors={REQUEST.name},
        )
        shown = []
        for number, (decision, recall) in enumerate(made):
            choice = overlay(decision, REQUEST, RequestContext(), self.catalog, self.policy, now + number)
            assert choice is not None
            self._lists += 1
            name = f"001-{now + number:012x}-{self._lists:010x}00"
            shown.append(Shown(name, [item.id for item in choice.items]))
            if self._logs:
                candidate = decision.candidate_id
                self.log.append(Topic.DECISIONS, candidate, encode_logged(decision, recall()), self._decided_at)
                self.log.append(Topic.DECISIONS, candidate, _served(decision, name, choice, now + number), now + number)
        return shown

    def candidate(self, name: str) -> Candidate:
        return merge(name, self._sections.get(name, {}))

    async def _follow(self) -> None:
        """Read what happened up to the last events, as the processes do again and again."""
        await self._trails.read()
        await self._statistics.read()

    def _folded(self, accepted: Accepted) -> bool:
        """Fold an event; answer whether that changed anything, for what does not is counted nowhere."""
        key = (accepted.topic, accepted.message.candidate_id)
        place = (accepted.topic, partition_of(key[1].encode(), PARTITIONS))
        before = self._sections[key[1]].get(key) or Stored(EMPTY[key[0]], -1)
        after = fold(before.section, accepted.event)
        self._sections[key[1]][key] = Stored(after, self._offsets[place])
        self._offsets[place] += 1
        return after is not before.section

    def _trending(self, now: int) -> Trends:
        latest = now // HOUR_MS
        kept = {hour: jobs for hour, jobs in self._hours.items() if latest - TREND_HOURS < hour <= latest}
        self._hours = defaultdict(lambda: defaultdict(float), kept)
        return Trends(decayed(kept, now, half_life_hours=12.0))


def marker(now: int, number: int = 0) -> Call:
    """Answer an event of nobody, whose decision says how far a worker is."""
    moment = {"messageId": f"{MARKER}-{number}", "timestamp": moment_text(now)}
    return {"type": "page", "name": "Jobs", "userId": MARKER, **moment}


def normalised(call: Call, now: int) -> Accepted:
    """Answer what the collector makes of a call that a server sends with its secret key."""
    around = Circumstances(id=str(call["messageId"]), source=SOURCE, received_at=now, verified=True, default=GRANTED)
    accepted = normalise(call, around)
    if not isinstance(accepted, Accepted) or accepted.topic not in CANDIDATE_TOPICS:
        raise ValueError(f"the simulation wrote {call}, and the collector says {accepted}")
    return accepted


def _served(decision: Decision, name: str, choice: Choice, at: int) -> bytes:
    """Answer the record that the API writes of an answer."""
    listed = [
        {"id": item.id, "score": item.score, "propensity": item.propensity, "source": item.source}
        for item in choice.items
    ]
    body = {"id": name, "selector": choice.selector, "kind": choice.kind, "source": "model", "items": listed}
    return orjson.dumps(
        {
            "kind": "served",
            "id": name.removesuffix("00"),
            "base": decision.id,
            "candidate": decision.candidate_id,
            "at": at,
            "rung": "live",
            "model": decision.model,
            "segments": decision.segments,
            "choices": [body],
        }
    )
