"""A worker and the API are killed while they write the decision log: it stays whole, and explains whatever was served."""

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import orjson
import pytest

from deploy.embedded.process import Process
from schemas.logged import decode_logged
from schemas.partitions import partition_of
from schemas.topics import Topic
from tests.faults.asker import Asker
from tests.faults.house import START_S, House
from tests.faults.traffic import Traffic
from tests.streaming import PARTITIONS, history, read_all

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

A_SECOND = 100


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
