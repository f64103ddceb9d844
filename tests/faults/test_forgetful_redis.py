"""Redis comes back older than it was; the log refills it."""

import asyncio
import shutil

import pytest

from profiles.redis_store import RedisStore
from tests.faults.processes import WorkerProcess
from tests.streaming import caught_up, differences, history, lines, write

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]


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
