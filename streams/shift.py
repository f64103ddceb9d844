"""A worker's shift: takes partitions over where the store says, folds what arrives, decides for whom it touched."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import structlog
from faust.types import TP

from profiles.candidate import Stored
from profiles.erasures import Erasures
from profiles.store import ProfileStore, SectionKey, StoreUnavailable, TopicPartition
from schemas.messages import CandidateId
from schemas.topics import CANDIDATE_TOPICS, Topic, TopicNames
from streams.batch import BATCH, Displaced, Effect, Folder, batches
from streams.cache import SectionCache
from streams.decoding import NOBODY_ERASED
from streams.patience import Patience
from streams.positions import Positions
from streams.records import Record, Run, partition_of
from streams.sink import Sink
from streams.waiting import Waiting

log = structlog.get_logger("streams.shift")

OnBatch = Callable[[Effect, float, float], None]
"""Told what was folded and who was decided for (not always the same people), seconds until the commit, and until the decisions."""

DECIDED_AT_ONCE = 64
"""Candidates of a slice: between two of them what has arrived is folded. A slice takes some 45 ms; 128 took 90."""
WAITING_SECONDS = 2.0
"""How long decisions stand back while there is always more to fold; from then on they get their share of the time."""
BACKLOG_SHARE = 0.25
"""Of the time, what decisions get under a backlog: some 300 people a second, the first in line first."""
LAG = 256
"""Records that may lie in the log unfolded without decisions standing back."""


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

    async def told(self) -> None:
        """Wait until Kafka has what was decided so far."""
        ...

    async def sweep(self, own: "OwnSections") -> None:
        """Decide what time has changed and what a worker that ended left undecided."""
        ...


class OwnSections(Protocol):
    """What this worker knows without asking."""

    def owns(self, key: SectionKey) -> bool: ...

    def missing(self, keys: Iterable[SectionKey]) -> list[SectionKey]: ...

    def get(self, key: SectionKey) -> Stored | None: ...

    def keep(self, asked: Iterable[SectionKey], found: Mapping[SectionKey, Stored]) -> None: ...

    def awaits(self, candidate: CandidateId) -> bool:
        """Say whether somebody stands in line to be decided for anyway."""
        ...


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
        on_batch: OnBatch = lambda _effect, _committed, _decided: None,
    ) -> None:
        self._store = store
        self._sink = sink
        self._names = names
        self._decider = decider
        self._on_batch = on_batch
        self._waiting = Waiting()
        self._rested = 0.0
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
            erasures=erasures,
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
        """Fold, then decide for whom that touched, a slice at a time, until `more` has arrived that wants to be folded.

        So sections keep up with the log before decisions do, and who did ten things in a backlog is decided for once. What was
        fetched before the last seek is left out: it comes again.
        """
        begun = time.perf_counter()
        folded = await self._fold(fetches)
        committed = time.perf_counter()
        marks: dict[SectionKey, int] = {}
        while self._waiting and self._may_decide(more):
            marks.update(await self._decide())
        if folded.records or marks:
            done = replace(folded, marks=marks)
            self._on_batch(done, committed - begun, time.perf_counter() - begun)

    def _may_decide(self, more: Callable[[], bool]) -> bool:
        if not more() and self._lag() <= LAG:
            return True
        return self._waiting.longest() > WAITING_SECONDS and time.monotonic() >= self._rested

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
        if self._decider is not None:
            self._waiting.add(effect)
        return effect

    async def _decide(self) -> Mapping[SectionKey, int]:
        decider, effect, begun = self._decider, self._waiting.first(DECIDED_AT_ONCE), time.monotonic()
        if decider is not None:
            async with self._turn:
                await self.patience.ask(lambda: decider.decide(effect, self))
        self._waiting.done(effect)
        ended = time.monotonic()
        self._rested = ended + (ended - begun) * (1 / BACKLOG_SHARE - 1)
        return effect.marks

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

    async def finish(self) -> None:
        """Let Kafka have what was decided, as the last thing; what does not get there, the next worker's sweep tells."""
        if self._decider is not None:
            try:
                await self._decider.told()
            except Exception:
                log.exception("not_told")

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

    def awaits(self, candidate: CandidateId) -> bool:
        return candidate in self._waiting


def _start(partition: TopicPartition, stored: int | None, first: int, end: int) -> int:
    if stored is None:
        return first
    if stored > end:
        raise LogCutShort(partition, stored, end)
    if stored < first:
        log.error("records_gone", partition=str(partition), checkpoint=stored, log_begins=first, lost=first - stored)
    return max(stored, first)
