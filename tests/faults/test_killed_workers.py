"""Workers die, freeze and come back under load; not one event is lost, none counts twice."""

import asyncio
import random
import signal

import pytest

from schemas.topics import Topic
from tests.faults.processes import WorkerProcess
from tests.streaming import caught_up, differences, history, lines, poison, read_all, write

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]


async def test_a_worker_killed_at_random_moments_loses_and_doubles_nothing(
    kafka, redis_url, names, store, tmp_path, seed
):
    chance = random.Random(seed)
    messages = history(seed, 3000)
    log = lines(messages) + poison(seed, 20)
    chance.shuffle(log)
    with WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path) as worker:
        writing = asyncio.create_task(write(kafka.bootstrap, names, log, a_second=400))
        for kills in range(1, 4):
            await asyncio.to_thread(worker.wait_for, "took_over", times=kills)
            await asyncio.sleep(chance.uniform(0.05, 1.2))
            worker.kill()
            worker.start()
        await writing
        await caught_up(store, kafka.bootstrap, names)

    assert await differences(store, messages) == []
    letters = await read_all(kafka.bootstrap, names.full(Topic.DEAD_LETTERS))
    places = {
        tuple(dict(each.headers)[f"__connect.errors.{n}"] for n in ("topic", "partition", "offset")) for each in letters
    }
    # A kill between the dead letter and the commit writes it again: the place it came from tells the two apart.
    assert len(places) == 20


async def test_a_worker_that_is_told_to_stop_ends_in_time_and_has_committed_what_it_took(
    kafka, redis_url, names, store, tmp_path, seed
):
    messages = history(seed, 2000)
    with WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path) as worker:
        writing = asyncio.create_task(write(kafka.bootstrap, names, lines(messages), a_second=1000))
        await asyncio.to_thread(worker.wait_for, "batch", times=5)
        worker.signal(signal.SIGTERM)

        assert await asyncio.to_thread(worker.wait, 11) == 0
        await writing
        worker.start()
        await caught_up(store, kafka.bootstrap, names)
    assert await differences(store, messages) == []


async def test_a_frozen_worker_that_wakes_up_as_a_zombie_changes_nothing(
    kafka, redis_url, names, store, tmp_path, seed
):
    messages = history(seed, 3000)
    log = lines(messages)
    first = WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path, "w-a")
    second = WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path, "w-b")
    with first, second:
        await asyncio.to_thread(first.wait_for, "took_over")
        await asyncio.to_thread(second.wait_for, "took_over")
        writing = asyncio.create_task(write(kafka.bootstrap, names, log[:1500], a_second=500))
        await asyncio.to_thread(first.wait_for, "batch", times=10)
        first.signal(signal.SIGSTOP)
        taken_over = second.said.count("took_over")
        await writing
        await asyncio.to_thread(second.wait_for, "took_over", times=taken_over + 1)
        writing = asyncio.create_task(write(kafka.bootstrap, names, log[1500:], a_second=300))
        await asyncio.to_thread(second.wait_for, "batch", times=second.said.count("batch") + 5)
        first.signal(signal.SIGCONT)
        await writing
        await caught_up(store, kafka.bootstrap, names)

    assert await differences(store, messages) == []


async def test_workers_that_join_leave_and_die_under_load_lose_and_double_nothing(
    kafka, redis_url, names, store, tmp_path, seed
):
    messages = history(seed, 3000)
    first = WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path, "w-a")
    second = WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path, "w-b")
    with first, second:
        writing = asyncio.create_task(write(kafka.bootstrap, names, lines(messages), a_second=250))
        await asyncio.to_thread(first.wait_for, "batch", times=5)
        await asyncio.to_thread(second.wait_for, "took_over")
        second.kill()
        await asyncio.sleep(1)
        second.start()
        first.signal(signal.SIGTERM)
        await writing
        await caught_up(store, kafka.bootstrap, names)

    assert await differences(store, messages) == []
