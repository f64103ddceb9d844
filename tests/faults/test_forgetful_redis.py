"""Redis comes back older than it was; the log refills it."""

import asyncio
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import orjson
import pytest
import redis as client

from deploy.embedded.process import Process
from profiles.pseudonym import pseudonym
from profiles.redis_store import RedisStore
from tests.faults.house import SECRET, House
from tests.faults.prober import AGREED, People, Prober, headers
from tests.faults.processes import WorkerProcess
from tests.faults.traffic import Traffic
from tests.servers.redis import RedisServer
from tests.streaming import caught_up, differences, history, lines, write

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

A_SECOND = 100
UNNOTICED_S = 3.0
"""How long workers know nothing of an exchanged Redis: less than their session lasts, so that nobody takes over."""


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


async def test_what_was_said_after_the_copy_is_heeded_before_it_is_folded_again(
    kafka, own_redis, tmp_path, seed, long, measured
):
    redis = own_redis()
    house = House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis.url, name=f"forgetful-{tmp_path.name}")
    lost_s, people = 60.0 if long else 3.0, People()
    count = round((lost_s + 8) * A_SECOND)
    # Without late copies: what the edge remembers of messages is lost, too, and after a minute a ring holds newer ones.
    messages = history(seed, count)[:count]
    with house, Traffic(house, messages, a_second=A_SECOND) as traffic, closing(house.connection()) as connection:
        async with house.store() as store:
            await asyncio.to_thread(people.arrive, connection)
            redis.stop()
            shutil.copytree(redis.folder, tmp_path / "older")
            redis.start()
            copied = time.monotonic()
            await asyncio.to_thread(house.await_ready)
            await asyncio.to_thread(people.speak, connection)
            await asyncio.sleep(copied + lost_s - time.monotonic())
            with Prober(house, people) as prober:
                await asyncio.to_thread(restore, redis, tmp_path / "older", house.workers)
                healed = time.monotonic()
                await asyncio.to_thread(prober.await_undegraded)
                await house.caught_up(store)
                measured("F9", f"{lost_s:.0f} s lost: everything as before", time.monotonic() - healed, "s", 5)
                await asyncio.to_thread(traffic.wait)

            assert await house.faults_in_profiles(store, traffic.acknowledged) == []
        assert house.count("displaced") >= 1
        assert house.restart_ended_workers() == 0


def test_who_was_erased_after_the_copy_is_gone_from_it_again(kafka, own_redis, tmp_path):
    redis, who, mark = own_redis(), f"erased-{time.time_ns()}", f"canary{time.time_ns()}"
    house = House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis.url, name=f"erased-{tmp_path.name}")
    path = f"/v1/profiles/user_id:{who}"
    with house, closing(house.connection()) as connection, client.Redis.from_url(redis.url) as admin:
        asked(connection, "POST", "/v1/identify", {"userId": who, "traits": {"lastName": mark}, "context": AGREED})
        until(lambda: mark in asked(connection, "GET", path))
        redis.stop()
        shutil.copytree(redis.folder, tmp_path / "older")
        redis.start()
        house.await_ready()
        until(lambda: '"completed"' in asked(connection, "DELETE", path))

        restore(redis, tmp_path / "older", house.workers)
        names = (who, pseudonym(f"u:{who}"))
        assert all(keys_with(admin, name) for name in names)
        while any(keys_with(admin, name) for name in names):
            assert mark not in asked(connection, "GET", path)
            time.sleep(0.05)


def asked(connection: HTTPConnection, method: str, path: str, body: object = None) -> str:
    connection.request(method, path, orjson.dumps(body), headers(SECRET))
    return connection.getresponse().read().decode()


def keys_with(admin: client.Redis, text: str) -> list[bytes]:
    return list(admin.scan_iter(match=f"*{text}*", count=1000))


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


def restore(redis: RedisServer, older: Path, workers: Sequence[Process]) -> None:
    """Exchange a Redis for its older copy, and let the workers notice nothing of it for a while."""
    for worker in workers:
        worker.pause()
    redis.kill()
    shutil.rmtree(redis.folder)
    shutil.copytree(older, redis.folder)
    redis.start()
    time.sleep(UNNOTICED_S)
    for worker in workers:
        worker.resume()
