"""A batch of records becomes a commit: folded, or refused to the dead letters with a reason, or the process ends."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

import structlog

from profiles.candidate import Stored
from profiles.erasures import Erasures
from profiles.store import Advance, Commit, Outcome, ProfileStore, SectionKey, TopicPartition
from schemas.messages import CandidateId, MalformedMessage
from schemas.topics import Topic, TopicNames
from streams.cache import SectionCache
from streams.dead_letters import DeadLetter, dead_letter_record
from streams.decoding import NOBODY_ERASED, Reading, read
from streams.folding import Folding, culprit, fold_all
from streams.patience import Patience
from streams.positions import Positions
from streams.records import Record, Run
from streams.sink import Sink

BATCH = 512
"""Records of one commit: the script holds Redis for some 4 ms then."""
TRIES = 3
"""How often a record whose fold fails ends the process before it is refused."""

log = structlog.get_logger("streams.batch")


class Displaced(Exception):
    """The store's checkpoints are not where this worker stands: drop what is cached, read them, seek."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(f"the store answered {outcome.value}")
        self.outcome = outcome


class FoldFailed(Exception):
    """A record's fold raised. It is counted; the process has to end and come back, until the record is refused."""

    def __init__(self, partition: TopicPartition, offset: int, tries: int) -> None:
        super().__init__(f"the fold of {partition} at {offset} failed, try {tries} of {TRIES}")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a commit did: the sections it moved with their offsets, who was linked, and how many records it took and refused.

    `withheld` are those that may not count: nobody consented to it.
    """

    marks: dict[SectionKey, int] = field(default_factory=dict)
    linked: frozenset[CandidateId] = frozenset()
    records: int = 0
    refused: int = 0
    withheld: int = 0

    @property
    def touched(self) -> set[CandidateId]:
        return {candidate for _, candidate in self.marks} | self.linked


class Folder:
    """Applies runs of records to the store, batch by batch. One at a time: batches must not overlap.

    `erasing` is held while people are erased: nobody may write meanwhile what was made of them.
    """

    def __init__(
        self,
        *,
        store: ProfileStore,
        sink: Sink,
        names: TopicNames,
        positions: Positions,
        partitions: Callable[[Topic], int],
        patience: Patience,
        worker: str = "0",
        cache: SectionCache | None = None,
        erasures: Erasures = NOBODY_ERASED,
        erasing: Callable[[], AbstractAsyncContextManager[object]] = nullcontext,
    ) -> None:
        self._store = store
        self._sink = sink
        self._names = names
        self._positions = positions
        self._partitions = partitions
        self._patience = patience
        self._worker = worker
        self._erasures = erasures
        self._erasing = erasing
        self.cache = cache or SectionCache()

    async def apply(self, runs: Sequence[Run]) -> Effect:
        """Commit at most BATCH records; raises Displaced or FoldFailed when nothing was committed.

        Waits for the store as long as that takes.
        """
        fresh = self._fresh(runs)
        if not fresh:
            return Effect()
        readings, letters, withheld = self._read(fresh)
        await self._load(readings)
        folding = await self._fold(readings, letters)
        if letters:
            await self._sink.send([dead_letter_record(letter, self._names, self._worker) for letter in letters])
        moves = {run.partition: self._positions.advance(run.partition, run.records[-1].offset + 1) for run in fresh}
        await self._commit(moves, folding)
        _tell(letters)
        return Effect(
            marks={key: offset for key, (offset, _) in folding.encoded.items()},
            linked=frozenset(each for link in folding.links for each in (link.anonymous, link.user)),
            records=sum(len(run.records) for run in fresh),
            refused=len(letters),
            withheld=withheld,
        )

    def _fresh(self, runs: Sequence[Run]) -> list[Run]:
        """Leave out what is folded already; one run a partition."""
        following, fresh = self._positions.following, dict[TopicPartition, list[Record]]()
        for run in runs:
            start = following.get(run.partition)
            if start is None:
                continue
            records = run.records if run.records[0].offset >= start else [r for r in run.records if r.offset >= start]
            if records:
                fresh.setdefault(run.partition, []).extend(records)
        return [Run(partition, records) for partition, records in fresh.items()]

    def _read(self, runs: Sequence[Run]) -> tuple[list[Reading], list[DeadLetter], int]:
        readings: list[Reading] = []
        letters: list[DeadLetter] = []
        withheld = 0
        for run in runs:
            partitions = self._partitions(run.partition.topic)
            for record in run.records:
                try:
                    reading = read(run.partition, record, partitions, self._erasures)
                except MalformedMessage as refusal:
                    letters.append(_letter(run.partition, record, refusal.reason, "VALUE_CONVERTER", refusal))
                except Exception as surprise:  # noqa: BLE001  # decoding is pure: what it raises, this record always raises
                    letters.append(_letter(run.partition, record, "undecodable", "VALUE_CONVERTER", surprise))
                else:
                    if reading is None:
                        withheld += 1
                    else:
                        readings.append(reading)
        return readings, letters, withheld

    async def _load(self, readings: Sequence[Reading]) -> None:
        missing = self.cache.missing({reading.key for reading in readings})
        if missing:
            self.cache.fill(missing, await self._patience.ask(lambda: self._store.sections(missing)))

    async def _fold(self, readings: list[Reading], letters: list[DeadLetter]) -> Folding:
        """Fold the batch without the records that are refused; a failing record ends the process until it was tried enough."""
        sections = {reading.key: self._cached(reading.key) for reading in readings}
        while True:
            try:
                folding = fold_all(readings, sections.__getitem__)
            except Exception as failure:  # noqa: BLE001  # whatever a fold may raise, this record raises it every time
                found = readings.pop(culprit(readings, sections))
                await self._count(found, failure)
                letters.append(_letter(found.partition, found.record, "fold_failed", "TASK_PUT", failure))
            else:
                letters.extend(
                    _letter(each.partition, each.record, refusal.reason, "TASK_PUT", refusal)
                    for each, refusal in folding.refused
                )
                return folding

    async def _count(self, failing: Reading, failure: Exception) -> None:
        partition, offset = failing.partition, failing.record.offset
        tries = await self._patience.ask(lambda: self._store.attempt(partition, offset))
        if tries < TRIES:
            raise FoldFailed(partition, offset, tries) from failure

    def _cached(self, key: SectionKey) -> Stored:
        found = self.cache.get(key)
        if found is None:
            raise RuntimeError(f"the section of a {key[0].value} record was not loaded")
        return found

    async def _commit(self, moves: dict[TopicPartition, Advance], folding: Folding) -> None:
        commit = Commit(
            generation=self._positions.generation,
            checkpoints=moves,
            sections=folding.encoded,
            links=folding.links,
            deleted=sorted(folding.deleted),
            trends=folding.trends,
            counts=folding.tally.counts,
        )
        if not folding.forgotten:
            await self._write(commit, folding)
            return
        async with self._erasing():
            # Before the commit: what ends in between is done again, for the checkpoint has not moved.
            await self._patience.ask(lambda: self._store.forget(folding.forgotten))
            await self._write(commit, folding)

    async def _write(self, commit: Commit, folding: Folding) -> None:
        outcome = await self._patience.ask(lambda: self._store.commit(commit))
        if outcome not in (Outcome.APPLIED, Outcome.DONE):
            raise Displaced(outcome)
        self._positions.advanced(commit.checkpoints)
        if outcome is Outcome.APPLIED:
            self.cache.put(folding.sections)
        else:
            # Most likely our own commit, whose answer got lost. If it was another worker's, ours was folded on top of it.
            self.cache.drop(folding.sections)


def batches(runs: Sequence[Run], limit: int = BATCH) -> Iterator[list[Run]]:
    """Cut runs into lists of at most `limit` records, in order."""
    batch: list[Run] = []
    room = limit
    for run in runs:
        start = 0
        while start < len(run.records):
            taken = run.records[start : start + room]
            batch.append(Run(run.partition, taken))
            start += len(taken)
            room -= len(taken)
            if room == 0:
                yield batch
                batch, room = [], limit
    if batch:
        yield batch


def _letter(partition: TopicPartition, record: Record, reason: str, stage: str, error: Exception) -> DeadLetter:
    return DeadLetter(partition, record, reason, stage, f"{type(error).__module__}.{type(error).__qualname__}")


def _tell(letters: Sequence[DeadLetter]) -> None:
    for letter in letters:
        log.warning(
            "dead_letter",
            topic=letter.partition.topic.value,
            partition=letter.partition.partition,
            offset=letter.record.offset,
            reason=letter.reason,
        )
