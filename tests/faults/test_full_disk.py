"""A full disk under Kafka's log and under Redis's append-only file: nothing is called done that is not, and room heals it."""

import asyncio
import time

import pytest
import redis as client

from tests.faults.house import House
from tests.faults.prober import Prober
from tests.faults.traffic import Traffic
from tests.servers.kafka_jars import KafkaFromJars
from tests.servers.redis import RedisServer
from tests.servers.small_disk import SmallDisk
from tests.streaming import history

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

A_SECOND = 200
KAFKA_MB, REDIS_MB = 48, 8


async def test_a_full_disk_under_redis_holds_the_stream_up_until_there_is_room(kafka, tmp_path, seed, long, measured):
    with SmallDisk(tmp_path / "disk", REDIS_MB) as disk, RedisServer(disk.folder / "redis") as redis:
        with client.Redis.from_url(redis.url) as admin:
            # As in production. With `always` Redis ends itself when it cannot write.
            admin.config_set("appendfsync", "everysec")
        name = f"full-redis-{seed}"
        with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis.url, name=name) as house:
            async with house.store() as store:
                with (
                    Prober(house) as prober,
                    Traffic(house, history(seed, 1600 if long else 800), a_second=A_SECOND) as traffic,
                ):
                    await asyncio.sleep(0.5)
                    disk.fill()
                    await asyncio.to_thread(house.await_said, "store_away")
                    await asyncio.sleep(5 if long else 1)
                    disk.free()
                    freed = time.monotonic()
                    await asyncio.to_thread(prober.await_undegraded)
                    await house.caught_up(store)
                    measured("F16", "everything as before, with room under Redis", time.monotonic() - freed, "s", 5)
                    await asyncio.to_thread(traffic.wait)

                assert await house.faults_in_profiles(store, traffic.acknowledged) == []
            assert house.count("worker_ends") == 0
            assert house.count("took_over") == 1


async def test_a_full_disk_under_kafka_acknowledges_nothing_that_is_not_kept(redis_url, tmp_path, seed, long, measured):
    with SmallDisk(tmp_path / "disk", KAFKA_MB) as disk:
        # Its own jars also where a container engine answers: the disk that is filled must be its own.
        kafka = KafkaFromJars(disk.folder / "kafka")
        await asyncio.to_thread(kafka.start)
        try:
            with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis_url, name="full-kafka") as house:
                async with house.store() as store:
                    with (
                        Prober(house),
                        Traffic(house, history(seed, 3000 if long else 1500), a_second=A_SECOND) as traffic,
                    ):
                        await asyncio.sleep(0.5)
                        disk.fill()
                        until = time.monotonic() + 120
                        while not traffic.answers[503]:
                            assert time.monotonic() < until, f"nobody noticed: {traffic.answers}"
                            await asyncio.sleep(0.1)
                        await asyncio.sleep(5 if long else 1)
                        disk.free()
                        # A broker whose only log folder failed ends; its supervisor starts it again.
                        await asyncio.to_thread(kafka.restart)
                        freed, acknowledged = time.monotonic(), len(traffic.acknowledged)
                        while len(traffic.acknowledged) == acknowledged:
                            await asyncio.sleep(0.02)
                        measured(
                            "F16", "events are acknowledged, with room under Kafka", time.monotonic() - freed, "s", 5
                        )
                        await asyncio.to_thread(traffic.wait)
                        # Kafka may say of a full disk that it does not know what is wrong: then a worker ends, and is started again.
                        await asyncio.to_thread(house.restart_ended_workers)

                    assert await house.faults_in_profiles(store, traffic.acknowledged) == []
                assert house.count("worker_ends") <= 1
        finally:
            await asyncio.to_thread(kafka.kill)
