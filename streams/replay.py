"""The profiles rebuilt from the log, beside the live ones and by the same code; then made the live ones in one step."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from profiles.candidate import Stored
from profiles.erasures import Erasures
from profiles.store import ProfileStore, SectionKey, TopicPartition
from schemas.messages import CandidateId
from schemas.topics import CANDIDATE_TOPICS, Topic, TopicNames
from streams.batch import BATCH, Folder, batches
from streams.decoding import NOBODY_ERASED
from streams.desk import OwnSections
from streams.patience import Patience
from streams.positions import Positions
from streams.records import Run
from streams.sink import MemorySink, Sink

POLL_MS = 200
DECIDED_AT_ONCE = 400
NEAR = 2_000
"""Records behind the live profiles at which the last step begins."""

log = structlog.get_logger("streams.replay")


@dataclass(frozen=True, slots=True)
class Start:
    """Where in the log to begin: at its beginning, at an offset of every partition, or at a time (milliseconds)."""

    at: Literal["beginning", "offset", "time"] = "beginning"
    value: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay is: records folded and refused, records still to go, seconds gone by."""

    generation: str
    records: int = 0
    refused: int = 0
    behind: int = 0
    seconds: float = 0.0


class NotSwapped(Exception):
    """Another generation went live meanwhile; the replayed one is complete and stays beside it."""


DecideFor = Callable[[Iterable[CandidateId], OwnSections], Awaitable[None]]
"""`Deciding.decide_for`."""


async def replay(
    *,
    kafka: Mapping[str, Any],
    names: TopicNames,
    store: ProfileStore,
    start: Start | None = None,
    into: str | None = None,
    swap: bool = False,
    decide_in: Callable[[ProfileStore], DecideFor] | None = None,
    sink: Sink | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    batch: int = BATCH,
    erasures: Erasures = NOBODY_ERASED,
) -> Progress:
    """Replay up to where the live profiles are, or to the log's end where there are none; answer how it went.

    Killed, it goes on where it was when it is started again with `into`. With `swap` the new generation becomes the live one; the
    workers find out with their next commit and go on from its checkpoints. `decide_in` answers what decides in the new generation
    before it goes live; without it the workers decide for everybody afterwards. `sink` gets the dead letters: nowhere unless given, because
    the live workers have refused these records already.
    """
    begin = start or Start()
    if swap and begin.at != "beginning":
        raise ValueError("a replay that does not begin at the beginning cannot go live: it has half the truth")
    live = await store.generation()
    target = into or await store.create_generation()
    building = store.building(target)
    async with _reading(kafka, names) as consumer:
        positions, counts = await _take_up(consumer, building, names, target, begin)
        if all(found is None for found in positions.stored.values()):
            await building.inherit(live)
        folder = Folder(
            store=building,
            sink=sink or MemorySink(),
            names=names,
            positions=positions,
            partitions=counts.__getitem__,
            patience=Patience(),
            worker="replay",
            erasures=erasures,
        )
        march = _March(consumer, names, store, positions=positions, folder=folder, progress=progress, batch=batch)
        await march.to_live()
        if decide_in is not None and swap:
            await _decide_all(building, decide_in(building))
            await march.to_live()
    if swap and not await store.swap(live, target):
        raise NotSwapped(f"{live} is no longer the live generation; the replayed one is {target}")
    log.info("replayed", generation=target, records=march.done.records, refused=march.done.refused, live=swap)
    return march.done


class Nothing:
    """Sections of one's own when one has none: everything is read from the store."""

    def owns(self, key: SectionKey) -> bool:  # noqa: ARG002  # that is the answer for all
        return False

    def missing(self, keys: Iterable[SectionKey]) -> list[SectionKey]:
        return list(keys)

    def get(self, key: SectionKey) -> Stored | None:  # noqa: ARG002  # that is the answer for all
        return None

    def moment(self) -> int:
        return 0

    def keep(self, asked: Iterable[SectionKey], found: Mapping[SectionKey, Stored], read_at: int) -> None:
        """Nothing is kept."""

    def awaits(self, candidate: CandidateId) -> bool:  # noqa: ARG002  # that is the answer for all
        return False


class _March:
    """Reads from wherever it stands to where the live profiles are."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        names: TopicNames,
        live: ProfileStore,
        *,
        positions: Positions,
        folder: Folder,
        progress: Callable[[Progress], None],
        batch: int,
    ) -> None:
        self._consumer = consumer
        self._live = live
        self._positions = positions
        self._folder = folder
        self._progress = progress
        self._batch = batch
        self._since = time.monotonic()
        self._kafka = {each: _in_kafka(each, names) for each in positions.following}
        self._ours = {kafka: each for each, kafka in self._kafka.items()}
        self.done = Progress(positions.generation)

    async def to_live(self) -> None:
        """Read on until the live profiles are near: where this ends, the workers go on."""
        while True:
            targets = await self._targets()
            far = await self._behind(targets) > NEAR
            while behind := await self._behind(targets):
                await self._step()
                self.done = replace(self.done, behind=behind, seconds=round(time.monotonic() - self._since, 3))
                self._progress(self.done)
            if not far:
                self.done = replace(self.done, behind=0)
                return

    async def _targets(self) -> dict[TopicPartition, int]:
        live = await self._live.checkpoints(self._kafka)
        ends = await self._consumer.end_offsets(self._kafka.values())
        return {each: min(ends[kafka], live[each] or ends[kafka]) for each, kafka in self._kafka.items()}

    async def _behind(self, targets: Mapping[TopicPartition, int]) -> int:
        # Kafka's own position: it passes the markers of transactions, which no record ever shows.
        return sum([max(0, end - await self._consumer.position(self._kafka[each])) for each, end in targets.items()])

    async def _step(self) -> None:
        fetched = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=2 * BATCH)
        runs = [Run(self._ours[each], records) for each, records in fetched.items() if records]
        for batch in batches(runs, self._batch):
            effect = await self._folder.apply(batch)
            done = self.done
            self.done = replace(done, records=done.records + effect.records, refused=done.refused + effect.refused)


@asynccontextmanager
async def _reading(kafka: Mapping[str, Any], names: TopicNames) -> AsyncIterator[AIOKafkaConsumer]:
    # Without a group every partition of the topics is assigned; a topic that is not there is a KafkaError, not emptiness.
    topics = [names.full(topic) for topic in CANDIDATE_TOPICS]
    consumer = AIOKafkaConsumer(*topics, **kafka, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _take_up(
    consumer: AIOKafkaConsumer, building: ProfileStore, names: TopicNames, target: str, start: Start
) -> tuple[Positions, Counter[Topic]]:
    """Stand where an earlier replay into this generation ended, else where `start` says."""
    kafka = {TopicPartition(names.short(each.topic), each.partition): each for each in sorted(consumer.assignment())}
    partitions, counts = list(kafka), Counter(each.topic for each in kafka)
    stored = await building.checkpoints(partitions)
    first = await _starts(consumer, list(kafka.values()), start)
    following = {each: first[kafka[each]] if (found := stored[each]) is None else found for each in partitions}
    for each, offset in following.items():
        consumer.seek(kafka[each], offset)
    positions = Positions()
    positions.restart(target, stored, following)
    return positions, counts


async def _starts(
    consumer: AIOKafkaConsumer, partitions: list[KafkaPartition], start: Start
) -> dict[KafkaPartition, int]:
    first = await consumer.beginning_offsets(partitions)
    if start.at == "beginning":
        return dict(first)
    if start.at == "offset":
        return {each: max(first[each], start.value) for each in partitions}
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, start.value))
    ends = await consumer.end_offsets(partitions)
    return {each: ends[each] if found[each] is None else found[each].offset for each in partitions}


async def _decide_all(building: ProfileStore, decide_for: DecideFor) -> None:
    while marks := await building.undecided(DECIDED_AT_ONCE):
        await decide_for({candidate for _, candidate in marks}, Nothing())
        await building.settle(marks)


def _in_kafka(partition: TopicPartition, names: TopicNames) -> KafkaPartition:
    return KafkaPartition(names.full(partition.topic), partition.partition)
