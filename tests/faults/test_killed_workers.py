"""Workers die, freeze and come back under load; not one event is lost, none counts twice."""

import asyncio
import random
import signal
import time

import pytest

from profiles.memory_store import MemoryStore
from schemas.topics import Topic
from streams.replay import replay
from tests.faults.processes import WorkerProcess
from tests.servers.proxy import Proxy
from tests.streaming import caught_up, differences, history, lines, poison, read_all, write

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

A_SECOND = 200


async def test_a_worker_killed_at_random_moments_loses_and_doubles_nothing(
    kafka, redis_url, names, store, tmp_path, seed, measured
):
    chance = random.Random(seed)
    messages = history(seed, 3000)
    log = lines(messages) + poison(seed, 20)
    chance.shuffle(log)
    with WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path) as worker:
        writing = asyncio.create_task(write(kafka.bootstrap, names, log, a_second=A_SECOND))
        await asyncio.to_thread(worker.wait_for, "batch")
        for _ in range(3):
            await asyncio.sleep(chance.uniform(0.05, 1.2))
            worker.kill()
            # Where all is written, the killed one may have left nothing to fold.
            awaited = "took_over" if writing.done() else "batch "
            began, said = time.monotonic(), worker.said.count(awaited)
            worker.start()
            await asyncio.to_thread(worker.wait_for, awaited, times=said + 1)
            measured("F1", "the first batch after a restart", time.monotonic() - began, "s", 5)
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
    kafka, redis_url, names, store, tmp_path, seed, measured
):
    messages = history(seed, 2000)
    with WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path) as worker:
        await asyncio.to_thread(worker.wait_for, "took_over")
        writing = asyncio.create_task(write(kafka.bootstrap, names, lines(messages), a_second=700))
        await asyncio.to_thread(worker.wait_for, "batch", times=5)
        told = time.monotonic()
        worker.signal(signal.SIGTERM)

        assert await asyncio.to_thread(worker.wait, 11) == 0
        measured("F2", "end after SIGTERM", time.monotonic() - told, "s", 10)
        await writing
        worker.start()
        await caught_up(store, kafka.bootstrap, names)
    assert await differences(store, messages) == []


async def test_a_worker_that_cannot_finish_its_batch_ends_all_the_same_and_loses_nothing(
    kafka, redis_server, redis_url, names, store, tmp_path, seed, measured
):
    messages = history(seed, 1000)
    with (
        Proxy(redis_server.port) as network,
        WorkerProcess(kafka.bootstrap, _through(network, redis_url), names, tmp_path) as worker,
    ):
        await asyncio.to_thread(worker.wait_for, "took_over")
        writing = asyncio.create_task(write(kafka.bootstrap, names, lines(messages), a_second=200))
        await asyncio.to_thread(worker.wait_for, "batch", times=5)
        network.hold()
        await asyncio.sleep(0.2)
        told = time.monotonic()
        worker.signal(signal.SIGTERM)
        await asyncio.to_thread(worker.wait, 30)
        measured("F2", "end after SIGTERM while Redis is a black hole", time.monotonic() - told, "s", 30)
        await writing
        network.open()
        worker.start()
        await caught_up(store, kafka.bootstrap, names)
    assert await differences(store, messages) == []


async def test_a_zombie_whose_commit_comes_late_is_refused_and_changes_nothing(
    kafka, redis_server, redis_url, names, store, tmp_path, seed, measured
):
    messages = history(seed, 3000)
    log = lines(messages)
    with Proxy(redis_server.port) as network:
        first = WorkerProcess(kafka.bootstrap, _through(network, redis_url), names, tmp_path, "w-a")
        second = WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path, "w-b")
        with first, second:
            await asyncio.to_thread(first.wait_for, "took_over")
            await asyncio.to_thread(second.wait_for, "took_over")
            writing = asyncio.create_task(write(kafka.bootstrap, names, log[:1500], a_second=500))
            await asyncio.to_thread(first.wait_for, "batch", times=10)
            network.hold()  # a commit of the first is under way, and will be for long
            await asyncio.sleep(0.5)
            first.signal(signal.SIGSTOP)
            frozen, taken_over = time.monotonic(), second.said.count("took_over")
            await writing
            await asyncio.to_thread(second.wait_for, "took_over", times=taken_over + 1)
            measured("F1", "another worker takes over", time.monotonic() - frozen, "s", 10)
            writing = asyncio.create_task(write(kafka.bootstrap, names, log[1500:], a_second=500))
            await asyncio.to_thread(second.wait_for, "batch", times=second.said.count("batch") + 5)
            network.open()
            first.signal(signal.SIGCONT)
            await writing
            await caught_up(store, kafka.bootstrap, names)
            await asyncio.to_thread(first.wait_for, "displaced")

    assert await differences(store, messages) == []


async def test_workers_that_join_leave_and_die_under_load_lose_and_double_nothing_and_a_replay_says_the_same(
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
    again = MemoryStore()
    await replay(kafka={"bootstrap_servers": kafka.bootstrap}, names=names, store=again, into="g1", batch=97)
    assert await again.digest() == await store.digest()


def _through(network: Proxy, url: str) -> str:
    """Answer the same database behind a network that can fail."""
    return f"redis://127.0.0.1:{network.port}/{url.rpartition('/')[2]}"
