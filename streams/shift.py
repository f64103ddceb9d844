"""A worker's shift: takes partitions over where the store says, folds what arrives, and beside that decides for whom it touched."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Protocol

import structlog
from faust.types import TP

from profiles.candidate import Stored
from profiles.erasures import Erasures
from profiles.store import ProfileStore, SectionKey, StoreUnavailable, TopicPartition
from schemas.messages import CandidateId
from schemas.partitions import partition_of
from schemas.topics import CANDIDATE_TOPICS, Topic, TopicNames
from streams.batch import BATCH, Displaced, Effect, Folder, batches
from streams.cache import SectionCache
from streams.decoding import NOBODY_ERASED
from streams.desk import Decider, Desk, More, OnWork
from streams.patience import Patience
from streams.positions import Positions
from streams.precedence import Precedence
from streams.records import Record, Run
from streams.sink import Sink

LOOK_BACK_SECONDS = 1.0

log = structlog.get_logger("streams.shift")


class LogCutShort(Exception):
    """The log ends before the checkpoint: it is not the log that the profiles were folded from."""

    def __init__(self, partition: TopicPartition, checkpoint: int, end: int) -> None:
        super().__init__(
            f"{partition} ends at {end}, the profiles are at {checkpoint}: the topic was made anew or lost records; "
            "rebuild the profiles with `careerstream replay --from beginning`"
        )


class KafkaPositions(Protocol):
    """What a shift needs of the consumer."""

    epoch: int

    async def perform_seek(self) -> None: ...
    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]: ...
    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]: ...

    def highwater(self, tp: TP) -> int | None: ...


class Fetched(Protocol):
    """Records of one fetch, and the epoch in which they were fetched."""

    epoch: int
    runs: Mapping[TP, Sequence[Record]]


class Shift:
    """One worker process's work. `decider` may be None: then sections are folded and nothing is decided."""

    batch = BATCH

    def __init__(
        self,
        *,
        store: ProfileStore,
        sink: Sink,
        names: TopicNames,
        decider: Decider | None,
        worker: str = "0",
        cached_sections: int = 50_000,
        erasures: Erasures = NOBODY_ERASED,
        precedence: Precedence | None = None,
        on_folded: OnWork = lambda _effect, _seconds: None,
        on_decided: OnWork = lambda _effect, _seconds: None,
    ) -> None:
        self._store = store
        self._sink = sink
        self._names = names
        self._precedence = precedence or Precedence()
        self._on_folded = on_folded
        self._consumer: KafkaPositions | None = None
        self._partitions: dict[Topic, int] = {}
        self._turn = asyncio.Lock()
        self.patience = Patience()
        self.positions = Positions()
        self._desk = (
            None
            if decider is None
            else Desk(decider, self, lag=self._lag, patience=self.patience, on_decided=on_decided)
        )
        self._folder = Folder(
            store=store,
            sink=sink,
            names=names,
            positions=self.positions,
            partitions=self._partitions.__getitem__,
            patience=self.patience,
            worker=worker,
            cache=SectionCache(cached_sections),
            erasures=erasures,
            erasing=nullcontext if self._desk is None else self._desk.alone,
        )

    @property
    def working(self) -> bool:
        return self._turn.locked() or (self._desk is not None and self._desk.working)

    @property
    def progress(self) -> tuple[Mapping[TopicPartition, int], int]:
        """Answer what changes whenever something was folded or decided."""
        return dict(self.positions.following), 0 if self._desk is None else self._desk.slices

    async def take_over(self, assigned: set[TP], consumer: KafkaPositions) -> dict[TP, int]:
        """Answer where to read on in each partition: the store's checkpoint, or the log's beginning."""
        self._consumer = consumer
        names = {tp: TopicPartition(self._names.short(tp.topic), tp.partition) for tp in assigned}
        generation = await self.patience.ask(self._store.generation)
        stored = await self.patience.ask(lambda: self._store.checkpoints(names.values()))
        first, last = await consumer.earliest_offsets(*assigned), await consumer.highwaters(*assigned)
        for topic in CANDIDATE_TOPICS:
            self._partitions[topic] = await self._sink.partitions(self._names.full(topic))
        following = {tp: _start(each, stored[each], first[tp], last[tp]) for tp, each in names.items()}
        self._folder.cache.clear()
        self.positions.restart(generation, stored, {names[tp]: offset for tp, offset in following.items()})
        log.info("took_over", generation=generation, at={str(names[tp]): at for tp, at in sorted(following.items())})
        return following

    async def fold(self, fetches: Sequence[Fetched]) -> None:
        """Commit what arrived; whom that touched stands in line to be decided for.

        What was fetched before the last seek is left out: it comes again.
        """
        begun = time.perf_counter()
        with self._precedence.first():
            folded = await self._fold(fetches)
        if folded.records:
            self._on_folded(folded, time.perf_counter() - begun)

    def _lag(self) -> int:
        """Answer how many records are known to lie in the log and are not folded."""
        if self._consumer is None:
            return 0
        following, consumer = self.positions.following, self._consumer
        ends = ((each, consumer.highwater(TP(self._names.full(each.topic), each.partition))) for each in following)
        return sum(max(0, end - following[each]) for each, end in ends if end is not None)

    async def _fold(self, fetches: Sequence[Fetched]) -> Effect:
        """Commit everything that belongs to the current epoch; answer how many records that were."""
        consumer, done = self._consumer, Effect()
        if consumer is None:
            return Effect()
        epoch = consumer.epoch
        for batch in batches(self._runs(fetches, epoch), self.batch):
            async with self._turn:
                effect = await self._applied(batch) if consumer.epoch == epoch else None
            if effect is None:
                if consumer.epoch == epoch:
                    await consumer.perform_seek()
                break
            done = Effect(
                records=done.records + effect.records,
                refused=done.refused + effect.refused,
                withheld=done.withheld + effect.withheld,
            )
        return done

    def _runs(self, fetches: Sequence[Fetched], epoch: int) -> list[Run]:
        current = [fetch.runs for fetch in fetches if fetch.epoch == epoch]
        return [
            Run(TopicPartition(self._names.short(tp.topic), tp.partition), records)
            for runs in current
            for tp, records in runs.items()
        ]

    async def _applied(self, batch: Sequence[Run]) -> Effect | None:
        try:
            effect = await self._folder.apply(batch)
        except Displaced as displaced:
            log.warning("displaced", outcome=displaced.outcome.value, generation=self.positions.generation)
            return None
        if self._desk is not None:
            self._desk.line_up(effect)
        return effect

    async def decide_on(self, more: More) -> None:
        """Decide until cancelled for whoever is touched by what is folded."""
        if self._desk is not None:
            await self._desk.decide_on(more)

    async def sweep(self) -> None:
        """Decide what no event touches."""
        if self._desk is not None and self.positions.following:
            await self._desk.sweep()

    async def look_back_on(self) -> None:
        """Look back until cancelled."""
        while True:
            await asyncio.sleep(LOOK_BACK_SECONDS)
            await self.look_back()

    async def look_back(self) -> None:
        """Go back with a store that has come back older than it was: where nothing arrives, no commit is refused."""
        consumer, expected = self._consumer, dict(self.positions.stored)
        if consumer is None or not expected:
            return
        epoch = consumer.epoch
        try:
            stored = await self._store.checkpoints(expected)
        except StoreUnavailable:
            return  # who folds waits for it, and this is asked again
        behind = [str(each) for each, at in expected.items() if (stored[each] or 0) < (at or 0)]
        if behind and consumer.epoch == epoch:
            log.warning("displaced", outcome="older", generation=self.positions.generation, partitions=len(behind))
            await consumer.perform_seek()

    async def finish(self) -> None:
        """Let Kafka have what was decided, as the last thing."""
        if self._desk is not None:
            await self._desk.finish()

    def owns(self, key: SectionKey) -> bool:
        topic, candidate = key
        partitions = self._partitions.get(topic)
        return (
            partitions is not None and (topic, partition_of(candidate.encode(), partitions)) in self.positions.following
        )

    def missing(self, keys: Iterable[SectionKey]) -> list[SectionKey]:
        return self._folder.cache.missing(keys)

    def get(self, key: SectionKey) -> Stored | None:
        return self._folder.cache.get(key)

    def moment(self) -> int:
        return self._folder.cache.moment

    def keep(self, asked: Iterable[SectionKey], found: Mapping[SectionKey, Stored], read_at: int) -> None:
        """Take sections that were read into the cache: those that this worker owns, nobody else will change.

        None when something was written since they were asked for at `read_at`: then they may be old.
        """
        if read_at == self._folder.cache.moment:
            self._folder.cache.fill([key for key in asked if self.owns(key)], found)

    def awaits(self, candidate: CandidateId) -> bool:
        return self._desk is not None and self._desk.awaits(candidate)


def _start(partition: TopicPartition, stored: int | None, first: int, end: int) -> int:
    if stored is None:
        return first
    if stored > end:
        raise LogCutShort(partition, stored, end)
    if stored < first:
        log.error("records_gone", partition=str(partition), checkpoint=stored, log_begins=first, lost=first - stored)
    return max(stored, first)
