import asyncio
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from faust.types import TP

from profiles.memory_store import MemoryStore
from profiles.store import Advance, Commit
from schemas.erasing import encode_erasure
from schemas.topics import Topic
from streams.batch import Effect
from streams.records import Record
from streams.shift import LogCutShort, Shift
from streams.sink import MemorySink
from tests.unit.streams.records import CLICKS, NAMES, ARecord, a_record, a_view

TP_CLICKS = TP("careers.clicks", 0)


@dataclass
class ALog:
    """One partition of clicks, read as Faust's consumer reads it."""

    end: int = 0
    first: int = 0
    epoch: int = 0
    seeks: list[int] = field(default_factory=list)
    shift: Shift | None = None

    async def perform_seek(self) -> None:
        assert self.shift is not None
        self.seeks.append((await self.shift.take_over({TP_CLICKS}, self))[TP_CLICKS])
        self.epoch += 1

    async def earliest_offsets(self, *partitions):
        return dict.fromkeys(partitions, self.first)

    async def highwaters(self, *partitions):
        return dict.fromkeys(partitions, self.end)

    def highwater(self, _tp):
        return self.end


@dataclass
class AFetch:
    epoch: int
    runs: Mapping[TP, Sequence[Record]]


def _set(event: asyncio.Event) -> asyncio.Event:
    event.set()
    return event


@dataclass
class Notebook:
    """A decider that notes whom it was asked to decide for."""

    asked: list[set[str]] = field(default_factory=list)
    slow: asyncio.Event = field(default_factory=lambda: _set(asyncio.Event()))

    async def decide(self, effect: Effect, _own) -> None:
        self.asked.append(effect.touched)
        await self.slow.wait()

    async def close(self) -> None: ...

    async def sweep(self, _own) -> None: ...


async def a_shift(log: ALog, *, store=None, decider=None, told=None) -> Shift:
    sink = MemorySink(partition_count=1)
    tell = (lambda effect, _seconds: told.append(effect)) if told is not None else (lambda *_: None)
    shift = Shift(
        store=store or MemoryStore(), sink=sink, names=NAMES, decider=decider, on_folded=tell, on_decided=tell
    )
    log.shift = shift
    await log.perform_seek()
    return shift


def fetched(log: ALog, *offsets: int) -> AFetch:
    records = [a_record(offset, a_view(user=f"p{offset}")) for offset in offsets]
    return AFetch(log.epoch, {TP_CLICKS: records})


async def test_what_was_fetched_before_the_last_seek_is_left_out():
    log, store = ALog(end=3), MemoryStore()
    shift = await a_shift(log, store=store)
    stale = fetched(log, 0, 1)
    await log.perform_seek()
    await shift.fold([stale])
    before = await store.checkpoints([CLICKS])
    await shift.fold([fetched(log, 0, 1, 2)])

    assert before == {CLICKS: None}
    assert await store.checkpoints([CLICKS]) == {CLICKS: 3}


async def test_a_worker_that_was_overtaken_goes_to_where_the_store_is():
    log, store = ALog(end=9), MemoryStore()
    shift = await a_shift(log, store=store)
    await store.commit(Commit("g1", {CLICKS: Advance(None, 5)}))
    await shift.fold([fetched(log, 0, 1)])

    assert log.seeks == [0, 5]
    assert await store.checkpoints([CLICKS]) == {CLICKS: 5}


async def test_a_worker_follows_the_live_generation():
    log, store = ALog(end=9), MemoryStore()
    shift = await a_shift(log, store=store)
    other = await store.create_generation()
    await store.building(other).commit(Commit(other, {CLICKS: Advance(None, 2)}))
    await store.swap("g1", other)
    await shift.fold([fetched(log, 0, 1)])
    await shift.fold([fetched(log, 2, 3)])

    assert log.seeks == [0, 2]
    assert await store.checkpoints([CLICKS]) == {CLICKS: 4}
    assert await store.generation() == other


async def test_a_worker_to_whom_nothing_comes_goes_back_with_a_store_that_did():
    log, store = ALog(end=9), MemoryStore()
    shift = await a_shift(log, store=store)
    await shift.fold([fetched(log, 0, 1, 2)])
    await shift.look_back()
    assert log.seeks == [0]
    older = await store.create_generation()
    await store.building(older).commit(Commit(older, {CLICKS: Advance(None, 1)}))
    await store.swap("g1", older)

    await shift.look_back()

    assert log.seeks == [0, 1]


@asynccontextmanager
async def deciding(shift: Shift, more=lambda: False):
    """The shift's deciding, beside whatever the body folds."""
    task = asyncio.create_task(shift.decide_on(more))
    yield
    task.cancel()
    await asyncio.wait([task])


async def until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


async def test_people_are_decided_for_as_soon_as_nothing_more_waits_to_be_folded():
    log, notebook, more = ALog(end=2), Notebook(), [True]
    told: list[Effect] = []
    shift = await a_shift(log, decider=notebook, told=told)
    async with deciding(shift, lambda: bool(more)):
        await shift.fold([fetched(log, 0)])
        await asyncio.sleep(0.1)
        asked_while_more = list(notebook.asked)
        more.clear()
        await shift.fold([fetched(log, 1)])
        await until(lambda: notebook.asked)

    assert asked_while_more == []
    assert notebook.asked == [{"u:p0", "u:p1"}]
    assert [(done.records, done.touched) for done in told] == [(1, set()), (1, set()), (0, {"u:p0", "u:p1"})]


async def test_people_do_not_wait_for_ever_while_there_is_always_more(monkeypatch):
    monkeypatch.setattr("streams.desk.WAITING_SECONDS", 0.0)
    log, notebook = ALog(end=900), Notebook()
    shift = await a_shift(log, decider=notebook)
    async with deciding(shift, lambda: True):
        await shift.fold([fetched(log, *range(400))])
        await until(lambda: notebook.asked)

    assert notebook.asked[0] == {f"u:p{n}" for n in range(64)}


async def test_what_arrives_while_somebody_is_decided_for_is_folded_at_once():
    log, store, notebook = ALog(end=3), MemoryStore(), Notebook(slow=asyncio.Event())
    shift = await a_shift(log, store=store, decider=notebook)
    async with deciding(shift):
        await shift.fold([fetched(log, 0)])
        await until(lambda: notebook.asked)
        await shift.fold([fetched(log, 1)])
        folded = await store.checkpoints([CLICKS])
        notebook.slow.set()
        await until(lambda: len(notebook.asked) == 2)

    assert folded == {CLICKS: 2}
    assert notebook.asked == [{"u:p0"}, {"u:p1"}]


async def test_who_does_something_while_being_decided_for_is_decided_for_again():
    log, notebook = ALog(end=3), Notebook(slow=asyncio.Event())
    shift = await a_shift(log, decider=notebook)
    async with deciding(shift):
        await shift.fold([fetched(log, 0)])
        await until(lambda: notebook.asked)
        await shift.fold([AFetch(log.epoch, {TP_CLICKS: [a_record(1, a_view(user="p0", job="j2"))]})])
        notebook.slow.set()
        await until(lambda: len(notebook.asked) == 2)

    assert notebook.asked == [{"u:p0"}, {"u:p0"}]


async def test_who_comes_one_after_the_other_is_decided_for_together(monkeypatch):
    monkeypatch.setattr("streams.desk.REST", 1.0)
    log, notebook = ALog(end=4), Notebook()
    shift = await a_shift(log, decider=notebook)
    async with deciding(shift):
        await shift.fold([fetched(log, 0)])
        await until(lambda: notebook.asked)
        for offset in (1, 2, 3):
            await shift.fold([fetched(log, offset)])
            await asyncio.sleep(0.02)
        await until(lambda: len(notebook.asked) == 2)

    assert notebook.asked == [{"u:p0"}, {"u:p1", "u:p2", "u:p3"}]


async def test_nobody_is_erased_while_somebody_is_decided_for():
    log, store, notebook = ALog(end=3), MemoryStore(), Notebook(slow=asyncio.Event())
    shift = await a_shift(log, store=store, decider=notebook)
    erasure = AFetch(log.epoch, {TP_CLICKS: [ARecord(1, encode_erasure(5_000), b"u:p0")]})
    async with deciding(shift):
        await shift.fold([fetched(log, 0)])
        await until(lambda: notebook.asked)
        erasing = asyncio.create_task(shift.fold([erasure]))
        await asyncio.wait({erasing}, timeout=0.05)
        held = await store.checkpoints([CLICKS])
        notebook.slow.set()
        await erasing

    assert held == {CLICKS: 1}
    assert await store.checkpoints([CLICKS]) == {CLICKS: 2}
    assert [each async for each in store.candidates()] == []


async def test_what_was_read_before_a_write_does_not_take_its_place():
    log = ALog(end=2)
    shift = await a_shift(log)
    key = (Topic.CLICKS, "u:p0")
    read_at = shift.moment()
    await shift.fold([fetched(log, 0)])
    folded = shift.get(key)
    shift.keep([key], {}, read_at)

    assert shift.get(key) == folded


async def test_who_stands_in_line_is_known_until_decided_for():
    log, notebook = ALog(end=2), Notebook(slow=asyncio.Event())
    shift = await a_shift(log, decider=notebook)
    async with deciding(shift):
        await shift.fold([fetched(log, 0)])
        in_line = [shift.awaits(f"u:p{n}") for n in (0, 1)]
        await until(lambda: notebook.asked)
        still = shift.awaits("u:p0")
        notebook.slow.set()
        await until(lambda: not shift.awaits("u:p0"))

    assert in_line == [True, False]
    assert still


async def test_a_log_that_ends_before_the_checkpoint_is_refused():
    store = MemoryStore()
    await store.commit(Commit("g1", {CLICKS: Advance(None, 50)}))

    with pytest.raises(LogCutShort, match="clicks:0 ends at 9, the profiles are at 50"):
        await a_shift(ALog(end=9), store=store)


async def test_records_that_left_the_log_before_they_were_folded_are_named_and_passed():
    log, store = ALog(end=60, first=55), MemoryStore()
    await store.commit(Commit("g1", {CLICKS: Advance(None, 50)}))
    shift = await a_shift(log, store=store)
    await shift.fold([fetched(log, 55)])

    assert log.seeks == [55]
    assert await store.checkpoints([CLICKS]) == {CLICKS: 56}


async def test_a_shift_owns_the_sections_of_its_partitions_alone():
    shift = await a_shift(ALog(end=1))

    assert shift.owns((Topic.CLICKS, "u:anybody"))
    assert not shift.owns((Topic.SESSIONS, "u:anybody"))
