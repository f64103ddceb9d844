"""Redis comes back older, empty or not at all for a while; the log refills it."""

import asyncio
import shutil

import pytest

from profiles.redis_store import RedisStore
from tests.faults.processes import WorkerProcess
from tests.streaming import caught_up, differences, history, lines, write

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]


async def test_a_redis_restored_from_an_older_copy_is_refilled_from_the_log(kafka, own_redis, names, tmp_path, seed):
    redis = own_redis()
    store = RedisStore.open(redis.url)
    messages = history(seed, 3000)
    log = lines(messages)
    with WorkerProcess(kafka.bootstrap, redis.url, names, tmp_path) as worker:
        await write(kafka.bootstrap, names, log[:1000])
        await caught_up(store, kafka.bootstrap, names)
        redis.stop()
        shutil.copytree(redis.folder, tmp_path / "older")
        redis.start()
        writing = asyncio.create_task(write(kafka.bootstrap, names, log[1000:], a_second=600))
        await asyncio.to_thread(worker.wait_for, "batch", times=worker.said.count("batch") + 20)
        redis.kill()
        shutil.rmtree(redis.folder)
        shutil.copytree(tmp_path / "older", redis.folder)
        redis.start()
        await writing
        await caught_up(store, kafka.bootstrap, names)

        assert worker.running
        assert worker.said.count("displaced") >= 1
    assert await differences(store, messages) == []
    await store.close()


async def test_a_redis_that_is_killed_under_load_loses_nothing_and_no_worker_ends(
    kafka, own_redis, names, tmp_path, seed
):
    redis = own_redis()
    store = RedisStore.open(redis.url)
    messages = history(seed, 2500)
    with WorkerProcess(kafka.bootstrap, redis.url, names, tmp_path) as worker:
        await asyncio.to_thread(worker.wait_for, "took_over")
        writing = asyncio.create_task(write(kafka.bootstrap, names, lines(messages), a_second=500))
        for _ in range(2):
            await asyncio.to_thread(worker.wait_for, "batch", times=worker.said.count("batch") + 10)
            redis.kill()
            await asyncio.sleep(1)
            redis.start()
        await writing
        await caught_up(store, kafka.bootstrap, names)

        assert worker.running
        assert worker.said.count("took_over") == 1
    assert await differences(store, messages) == []
    await store.close()


async def test_a_frozen_redis_holds_the_stream_up_and_nothing_else(kafka, own_redis, names, tmp_path, seed):
    redis = own_redis()
    store = RedisStore.open(redis.url)
    messages = history(seed, 1500)
    with WorkerProcess(kafka.bootstrap, redis.url, names, tmp_path) as worker:
        await asyncio.to_thread(worker.wait_for, "took_over")
        writing = asyncio.create_task(write(kafka.bootstrap, names, lines(messages), a_second=300))
        await asyncio.to_thread(worker.wait_for, "batch", times=10)
        redis.pause()
        await asyncio.sleep(4)
        redis.resume()
        await writing
        await caught_up(store, kafka.bootstrap, names)

        assert worker.running
    assert await differences(store, messages) == []
    await store.close()


async def test_a_redis_without_memory_takes_batches_whole_or_not_at_all(kafka, own_redis, names, tmp_path, seed):
    redis = own_redis()
    store = RedisStore.open(redis.url)
    messages = history(seed, 1500)
    with WorkerProcess(kafka.bootstrap, redis.url, names, tmp_path) as worker:
        await asyncio.to_thread(worker.wait_for, "took_over")
        writing = asyncio.create_task(write(kafka.bootstrap, names, lines(messages), a_second=300))
        await asyncio.to_thread(worker.wait_for, "batch", times=10)
        await store._client.config_set("maxmemory", 1)
        await asyncio.to_thread(worker.wait_for, "store_away")
        await store._client.config_set("maxmemory", 0)
        await writing
        await caught_up(store, kafka.bootstrap, names)

        assert worker.running
    assert await differences(store, messages) == []
    await store.close()
