"""A worker and the API are killed while they write the decision log, Kafka with them: it stays whole, and explains whatever was served."""

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import orjson
import pytest
import redis.asyncio

from deploy.embedded.process import Process
from profiles.erasures import NOTHING, encode_standing
from profiles.pseudonym import pseudonym
from schemas.logged import decode_logged
from schemas.partitions import partition_of
from schemas.topics import Topic
from streams.sink import KafkaSink, Outgoing
from tests.faults.asker import Asker
from tests.faults.house import START_S, House
from tests.faults.traffic import Traffic
from tests.streaming import PARTITIONS, history, read_all

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

A_SECOND = 100
AWAY_S = (8, 60)
"""How long the API answers without Kafka until it is killed, and in a long run: longer than it waits for an acknowledgement."""


async def test_killed_writers_leave_a_whole_log_that_explains_all_that_was_served(
    kafka, redis_url, tmp_path, prefix, seed, long, measured
):
    chance = random.Random(seed)
    messages = history(seed, 2500 if long else 1000)
    people = sorted({each.user_id for each in messages if each.user_id})
    with House(tmp_path, bootstrap=kafka.bootstrap, redis_url=redis_url, name=prefix.rstrip(".")) as house:
        async with house.store() as store:
            with Asker(house, people) as asker, Traffic(house, messages, a_second=A_SECOND) as traffic:
                for victim in (house.workers[0], house.api) * (3 if long else 1):
                    await asyncio.sleep(chance.uniform(1, 3))
                    await asyncio.to_thread(_kill_and_start, house, victim)
                await asyncio.to_thread(traffic.wait)
                await house.caught_up(store)
            async with asyncio.timeout(240):
                while await store.untold() or await store.undecided():
                    await asyncio.sleep(0.2)
        for process in (house.api, *house.workers):
            await asyncio.to_thread(process.stop, grace_s=60)
        verified, recomputed = _audited(house, "verify"), _audited(house, "recompute")
        records = [each.value or b"" for each in await read_all(kafka.bootstrap, house.names.full(Topic.DECISIONS))]

    assert verified.returncode == 0, verified.stdout
    assert "its process was killed" in verified.stdout
    assert recomputed.returncode == 0, recomputed.stdout
    assert " 0 cannot be scored again" in recomputed.stdout
    assert _differ_under_one_id(records) == []
    logged = Counter(choice["id"] for each in records for choice in orjson.loads(each).get("choices", ()))
    assert "given up" in verified.stdout or set(logged.values()) == {1}
    missing = [_missing(life, logged.keys()) for life in asker.lives]
    assert missing[-1] == 0  # it was stopped, not killed
    measured("log", "answers of an API's last moment before a SIGKILL that are not in the log", max(missing), "", 100)


async def test_an_api_that_is_killed_while_kafka_is_away_leaves_what_it_served_to_the_next_but_of_who_was_erased(
    own_kafka, redis_url, tmp_path, seed, long, measured
):
    kafka = await asyncio.to_thread(own_kafka)
    messages = history(seed, 300)
    erased, *_ = people = sorted({each.user_id for each in messages if each.user_id})
    with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis_url, name="left") as house:
        async with house.store() as store:
            with Traffic(house, messages, a_second=A_SECOND):
                pass
            await house.caught_up(store)
            with Asker(house, people) as asker:
                await asyncio.sleep(1)
                await asyncio.to_thread(kafka.kill)
                before = len(asker.lives[0])
                await asyncio.sleep(AWAY_S[long])
                await asyncio.to_thread(house.api.kill)
            await asyncio.to_thread(kafka.start)
            await _erase(house, erased)
            await asyncio.to_thread(house.api.start, ready=lambda: True, deadline_s=START_S)
            await asyncio.to_thread(house.await_ready)
            await asyncio.to_thread(house.await_said, '"inherited"', by=[house.api])
            async with asyncio.timeout(240):
                while await _kept(redis_url) or await store.untold() or await store.undecided():
                    await asyncio.sleep(0.2)
        for process in (house.api, *house.workers):
            await asyncio.to_thread(process.stop, grace_s=60)
        verified, recomputed = _audited(house, "verify"), _audited(house, "recompute")
        records = [each.value or b"" for each in await read_all(kafka.bootstrap, house.names.full(Topic.DECISIONS))]

    assert verified.returncode == 0, verified.stdout
    assert recomputed.returncode == 0, recomputed.stdout
    assert " 0 cannot be scored again" in recomputed.stdout
    assert _differ_under_one_id(records) == []
    logged = {choice["id"] for each in records for choice in orjson.loads(each).get("choices", ())}
    without_kafka = asker.lives[0][before:]
    theirs = {choice for person, choice in without_kafka if person == erased}
    assert theirs
    assert not theirs & logged
    missing = _missing([each for each in asker.lives[0] if each[0] != erased], logged)
    assert missing < len(without_kafka)
    measured("log", "answers of a last moment without Kafka before a SIGKILL that are not in the log", missing, "", 100)


async def _erase(house: House, person: str) -> None:
    """Put a person on the list of who was erased."""
    name, standing = pseudonym(f"u:{person}"), encode_standing(NOTHING.with_erasure())
    async with KafkaSink({"bootstrap_servers": house.bootstrap}) as sink:
        await sink.send([Outgoing(house.names.full(Topic.ERASURES), name.encode(), standing)])


async def _kept(redis_url: str) -> list[str]:
    """Answer the outboxes that still hold something."""
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        return [key for key in map(str, await client.keys("left:outbox:*")) if ":lease" not in key]


def _kill_and_start(house: House, process: Process) -> None:
    process.kill()
    process.start(ready=lambda: True, deadline_s=START_S)
    house.await_ready()


def _audited(house: House, verb: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "careerstream", "audit", verb]
    environment = os.environ | house.environment
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)


def _missing(life: Sequence[tuple[str, str]], logged: Collection[str]) -> int:
    """Answer how many answers of one process are not in the log; what is missing before one that is there fails the test."""
    kept, lost = Counter[int](), Counter[int]()
    for person, choice in life:
        partition = partition_of(f"u:{person}".encode(), PARTITIONS)
        if choice in logged:
            assert not lost[partition], f"{choice} is in the log, and an earlier answer is not"
            kept[partition] += 1
        else:
            lost[partition] += 1
    assert lost.total() <= kept.total()
    return lost.total()


def _differ_under_one_id(records: Iterable[bytes]) -> list[str]:
    """Answer the ids of decisions that were logged twice, and not alike: a killed worker's may stand in two chains."""
    found: dict[str, bytes] = {}
    return [
        logged.decision.id
        for each in records
        if (logged := decode_logged(each)) is not None and found.setdefault(logged.decision.id, each) != each
    ]
