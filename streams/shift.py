"""A worker's shift: takes partitions over where the store says, folds what arrives, decides for whom it touched."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from faust.types import TP

from profiles.candidate import Stored
from profiles.store import ProfileStore, SectionKey, StoreUnavailable, TopicPartition
from schemas.topics import CANDIDATE_TOPICS, Topic, TopicNames
from streams.batch import BATCH, Displaced, Effect, Folder, batches
from streams.cache import SectionCache
from streams.patience import Patience
from streams.positions import Positions
from streams.records import Record, Run, partition_of
from streams.sink import Sink

log = structlog.get_logger("streams.shift")

OnBatch = Callable[[Effect, float, float], None]
"""Told what was done, seconds of work until it was committed, and until it was decided: several batches when there was a backlog."""

WAITING_LIMIT = 20_000
"""Sections with people who wait for a decision while a backlog is folded, at most."""
WAITING_SECONDS = 2.0
"""How long they wait at most."""


class LogCutShort(Exception):
    """The log ends before the checkpoint: it is not the log that the profiles were folded from."""

    def __init__(self, partition: TopicPartition, checkpoint: int, end: int) -> None:
        super().__init__(
            f"{partition} ends at {end}, the profiles are at {checkpoint}: the topic was made anew or lost records; "
            "rebuild the profiles with `careerstream replay --from beginning`"
        )


class Decider(Protocol):
    """Decides for people whose sections moved."""

    async def decide(self, effect: Effect, own: "OwnSections") -> None: ...

    async def sweep(self, own: "OwnSections") -> None:
        """Decide what time has changed and what a worker that ended left undecided."""
        ...


class OwnSections(Protocol):
    """What this worker knows without asking."""

    def owns(self, key: SectionKey) -> bool: ...

    def missing(self, keys: Iterable[SectionKey]) -> list[SectionKey]: ...

    def get(self, key: SectionKey) -> Stored | None: ...

    def keep(self, asked: Iterable[SectionKey], found: Mapping[SectionKey, Stored]) -> None: ...


class KafkaPositions(Protocol):
    """What a shift needs of the consumer."""

    epoch: int

    async def perform_seek(self) -> None: ...
    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]: ...
    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]: ...


class Fetched(Protocol):
    """Records of one fetch, and the epoch in which they were fetched."""

    epoch: int
    runs: Mapping[TP, Sequence[Record]]


@dataclass(slots=True)
class _Waiting:
    """What was committed and not yet decided."""

    effects: list[Effect] = field(default_factory=list)
    seconds: float = 0.0
    since: float = field(default_factory=time.perf_counter)

    def add(self, effect: Effect, seconds: float) -> None:
        if not self.effects:
            self.since = time.perf_counter()
        self.effects.append(effect)
        self.seconds += seconds

    @property
    def long_enough(self) -> bool:
        sections = sum(len(effect.marks) for effect in self.effects)
        return sections >= WAITING_LIMIT or time.perf_counter() - self.since > WAITING_SECONDS

    @property
    def effect(self) -> Effect:
        return Effect(
            marks={key: offset for effect in self.effects for key, offset in effect.marks.items()},
            linked=frozenset(each for effect in self.effects for each in effect.linked),
            records=sum(effect.records for effect in self.effects),
            refused=sum(effect.refused for effect in self.effects),
        )


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
        on_batch: OnBatch = lambda _effect, _committed, _decided: None,
    ) -> None:
        self._store = store
        self._sink = sink
        self._names = names
        self._decider = decider
        self._on_batch = on_batch
        self._waiting = _Waiting()
        self._consumer: KafkaPositions | None = None
        self._partitions: dict[Topic, int] = {}
        self._turn = asyncio.Lock()
        self.patience = Patience()
        self.positions = Positions()
        self._folder = Folder(
            store=store,
            sink=sink,
            names=names,
            positions=self.positions,
            partitions=self._partitions.__getitem__,
            patience=self.patience,
            worker=worker,
            cache=SectionCache(cached_sections),
        )

    @property
    def working(self) -> bool:
        return self._turn.locked()

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

    async def work(self, fetches: Sequence[Fetched], more: Callable[[], bool] = lambda: False) -> None:
        """Fold, and decide when nothing `more` waits to be folded, or when people have waited long enough.

        So a backlog is folded first, and who did ten things in it is decided for once. What was fetched before the last seek is
        left out: it comes again.
        """
        await self._fold(fetches)
        if self._waiting.effects and (self._decider is None or not more() or self._waiting.long_enough):
            async with self._turn:
                await self._decide()

    async def _fold(self, fetches: Sequence[Fetched]) -> None:
        consumer = self._consumer
        if consumer is None:
            return
        epoch = consumer.epoch
        runs = [
            Run(TopicPartition(self._names.short(tp.topic), tp.partition), records)
            for fetch in fetches
            if fetch.epoch == epoch
            for tp, records in fetch.runs.items()
        ]
        for batch in batches(runs, self.batch):
            async with self._turn:
                displaced = consumer.epoch != epoch or await self._displaced(batch)
            if displaced:
                if consumer.epoch == epoch:
                    await consumer.perform_seek()
                return

    async def sweep(self) -> None:
        """Let the decider look after what no event touches; in turn with the batches.

        What goes wrong here is tried again with the next sweep: nothing is lost by it.
        """
        decider = self._decider
        if decider is None or not self.positions.following:
            return
        async with self._turn:
            try:
                await decider.sweep(self)
            except StoreUnavailable as away:
                log.warning("store_away", problem=str(away))
            except Exception:
                log.exception("sweep_failed")

    async def _displaced(self, batch: Sequence[Run]) -> bool:
        begun = time.perf_counter()
        try:
            effect = await self._folder.apply(batch)
        except Displaced as displaced:
            log.warning("displaced", outcome=displaced.outcome.value, generation=self.positions.generation)
            return True
        if effect.records:
            self._waiting.add(effect, time.perf_counter() - begun)
        return False

    async def _decide(self) -> None:
        effect, committed = self._waiting.effect, self._waiting.seconds
        begun = time.perf_counter()
        decider = self._decider
        if decider is not None and effect.marks:
            await self.patience.ask(lambda: decider.decide(effect, self))
        self._waiting = _Waiting()
        self._on_batch(effect, committed, committed + time.perf_counter() - begun)

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

    def keep(self, asked: Iterable[SectionKey], found: Mapping[SectionKey, Stored]) -> None:
        """Take sections that were read into the cache: those that this worker owns, nobody else will change."""
        owned = [key for key in asked if self.owns(key)]
        self._folder.cache.fill(owned, found)


def _start(partition: TopicPartition, stored: int | None, first: int, end: int) -> int:
    if stored is None:
        return first
    if stored > end:
        raise LogCutShort(partition, stored, end)
    if stored < first:
        log.error("records_gone", partition=str(partition), checkpoint=stored, log_begins=first, lost=first - stored)
    return max(stored, first)
