"""Replays rebuild bit for bit what is live, beside it and under load, and take its place without a loss."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest

from profiles.memory_store import MemoryStore
from profiles.store import DecisionPut
from schemas.decision import Decision
from schemas.topics import Topic
from streams.replay import NotSwapped, Progress, Start, replay
from streams.shift import Shift
from tests.streaming import NOW, PLACES, caught_up, differences, history, lines, poison, read_all, worker, write

pytestmark = pytest.mark.servers
SLICE = 250


@pytest.mark.parametrize(("batch", "workers"), [(1, 1), (7, 2), (512, 3)])
async def test_a_replay_into_memory_ends_where_the_live_profiles_are_whatever_the_batch_and_the_number_of_workers(
    kafka, names, store, batch, workers
):
    messages = history(31, 700)
    log = lines(messages) + poison(31, 11)
    async with AsyncExitStack() as stack:
        shifts = [
            await stack.enter_async_context(worker(kafka.bootstrap, store, names, member=f"w{number}"))
            for number in range(workers)
        ]
        async with asyncio.timeout(60):
            while not _is_shared(shifts):
                await asyncio.sleep(0.02)
        await write(kafka.bootstrap, names, log)
        await caught_up(store, kafka.bootstrap, names)
        assert _is_shared(shifts)
    memory = MemoryStore()
    done = await replay(kafka={"bootstrap_servers": kafka.bootstrap}, names=names, store=memory, into="g1", batch=batch)

    assert (done.records, done.refused, done.behind) == (len(log), 11, 0)
    assert await memory.digest() == await store.digest()
    # The live worker has refused the poison once; a replay does not say it again.
    assert len(await read_all(kafka.bootstrap, names.full(Topic.DEAD_LETTERS))) == 11


def _is_shared(shifts: Sequence[Shift]) -> bool:
    """Whether every partition is folded by one of them, and each folds some."""
    held = [set(shift.positions.following) for shift in shifts]
    return all(held) and sum(map(len, held)) == len(set().union(*held)) == len(PLACES)


async def test_a_replay_beside_live_traffic_goes_live_and_nothing_is_lost(kafka, names, store):
    messages = history(32, 40_000)
    log = lines(messages)
    async with worker(kafka.bootstrap, store, names) as shift:
        await write(kafka.bootstrap, names, log[:2000])
        await caught_up(store, kafka.bootstrap, names)
        ended = asyncio.Event()
        writing = asyncio.create_task(_write_until(ended, kafka.bootstrap, names, log[2000:]))
        seen: list[Progress] = []
        done = await replay(
            kafka={"bootstrap_servers": kafka.bootstrap}, names=names, store=store, swap=True, progress=seen.append
        )
        assert not writing.done()
        ended.set()
        written = 2000 + await writing
        await caught_up(store, kafka.bootstrap, names)

        assert await store.generation() == done.generation != "g1"
        assert shift.positions.generation == done.generation
    assert seen
    assert await differences(store, messages[:written]) == []
    assert await store.delete_generation("g1") > 0
    assert await differences(store, messages[:written]) == []


async def _write_until(ended, bootstrap, names, log):
    """Append lines, some 500 a second, until told to end; answer how many."""
    written = 0
    while not ended.is_set():
        await write(bootstrap, names, log[written : written + SLICE], a_second=500)
        written += SLICE
    return written


async def test_a_replay_that_was_interrupted_goes_on_where_it_was(kafka, names, store):
    messages = history(33, 3000)
    await write(kafka.bootstrap, names, lines(messages))
    options: dict[str, Any] = {"kafka": {"bootstrap_servers": kafka.bootstrap}, "names": names, "store": store}
    target = await store.create_generation()

    def interrupt(progress: Progress) -> None:
        if progress.records:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await replay(**options, into=target, progress=interrupt)
    done = await replay(**options, into=target, swap=True)

    assert 0 < done.records < len(messages)
    assert await differences(store, messages) == []


async def test_a_partial_replay_holds_what_came_since_and_may_not_go_live(kafka, names, store):
    messages = history(34, 300)
    await write(kafka.bootstrap, names, lines(messages))
    options = {"kafka": {"bootstrap_servers": kafka.bootstrap}, "names": names, "store": store}
    with pytest.raises(ValueError, match="half the truth"):
        await replay(**options, start=Start("offset", 5), swap=True)
    later = await replay(**options, start=Start("offset", 5))
    never = await replay(**options, start=Start("time", NOW * 10))

    assert 0 < later.records < len(messages)
    assert never.records == 0


async def test_of_two_replays_only_one_goes_live(kafka, names, store):
    await write(kafka.bootstrap, names, lines(history(35, 200)))
    kafka_options = {"bootstrap_servers": kafka.bootstrap}
    both = await asyncio.gather(
        *(replay(kafka=kafka_options, names=names, store=store, swap=True) for _ in range(2)), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in both) == ["NotSwapped", "Progress"]
    assert any(isinstance(each, NotSwapped) for each in both)


async def test_memberships_are_carried_over_and_decided_again_before_going_live(kafka, names, store):
    messages = history(36, 200)
    async with worker(kafka.bootstrap, store, names):
        await write(kafka.bootstrap, names, lines(messages))
        await caught_up(store, kafka.bootstrap, names)
    await store.put_decisions([DecisionPut(Decision("d", "u:user-1", 1, {}, ()), {"warm": 77}, {}, due=5)])
    decided = set()

    def decide_in(building):
        async def decide_for(candidates, _own):
            decided.update(candidates)
            assert await building.memberships(["u:user-1"]) == {"u:user-1": {"warm": 77}}

        return decide_for

    await replay(kafka={"bootstrap_servers": kafka.bootstrap}, names=names, store=store, swap=True, decide_in=decide_in)

    assert decided == {message.candidate_id for message in messages}
    assert await store.members("warm") == [("u:user-1", 77)]
    assert await store.due(5) == ["u:user-1"]
    assert await store.undecided() == {}
