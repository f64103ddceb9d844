"""Half of all traffic on one person, a long backlog, a replay beside live traffic: slower perhaps, and never wrong."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
import redis as client

from api.background import in_background
from benchmarks.ground import rss
from careerstream.readiness import LAG_LIMIT
from profiles.redis_store import RedisStore
from schemas.messages import Message
from tests.e2e.running import command
from tests.faults.freshness import freshness
from tests.faults.house import House
from tests.faults.known import Dated, Known, now_ms
from tests.faults.lags import Lags
from tests.faults.prober import Prober
from tests.faults.traffic import CALL, Traffic
from tests.streaming import PLACES, ends_of, history, lines, write

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

PROFILE_LIMIT = 16 * 1024
SLOW_US = 5_000
LIVE_A_SECOND = 200
STOPPED_S = (3, 300)
"""How long no worker runs, and once in a long run: another history does not change what waiting does."""
LOOK_S = 0.02
LAG_FLOOR = CALL
"""Records that live traffic sends in one call: a look right behind one finds so many, whatever else goes on."""
ASKED = (200, 600)
"""How often, and in a long run: the 99th percentile of few is their slowest, which says more of the machine."""


async def test_half_of_all_traffic_on_one_person_leaves_the_profile_small_and_the_others_served(
    kafka, redis_server, prefix, tmp_path, seed, long, measured
):
    url = redis_server.emptied(2)
    messages = _half_on_one_person(history(seed, 4000 if long else 1200), seed)
    with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=url, name=prefix.rstrip(".")) as house:
        async with house.store() as store:
            alone = await asyncio.to_thread(freshness, house.port, ASKED[long])
            with client.Redis.from_url(url) as admin:
                admin.config_set("slowlog-log-slower-than", str(SLOW_US))
                admin.slowlog_reset()
                with Prober(house), Traffic(house, messages, a_second=LIVE_A_SECOND) as traffic:
                    beside = await asyncio.to_thread(freshness, house.port, ASKED[long])
                    await asyncio.to_thread(traffic.wait)
                slow = [entry for entry in admin.slowlog_get(128) if entry["command"].startswith(b"EVALSHA")]

            assert await house.faults_in_profiles(store, traffic.acknowledged) == []
            assert await store.bytes_of("u:user-1") <= PROFILE_LIMIT
    measured("F14", "another person's event is decided for, 99 of 100", _worst(beside), "ms", 2 * _worst(alone))
    measured("F14", f"scripts of more than {SLOW_US / 1000:g} ms", len(slow), "", 0)


@pytest.mark.timeout(1800)  # five minutes of a long run are the fault itself
async def test_a_backlog_is_drained_in_bounded_memory_and_readyz_and_the_age_of_answers_tell_of_it(
    kafka, redis_url, prefix, tmp_path, seed, long, measured
):
    count = 100_000 if long else 12_000
    with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis_url, name=prefix.rstrip(".")) as house:
        (worker,) = house.workers
        async with house.store() as store:
            before = rss(worker)
            with Prober(house):
                known = await asyncio.to_thread(Known, house)
                await asyncio.to_thread(worker.stop, grace_s=12)
                last = await asyncio.to_thread(known.ask)
                waits = await asyncio.to_thread(known.views, "good-2")
                messages = history(seed, count, people=count // 50)
                await write(kafka.bootstrap, house.names, lines(messages))
                told = await asyncio.to_thread(house.unready)
                assert "no worker folds" in told["missing"]["agents"]
                await asyncio.to_thread(_tells_its_age, known, last, waits, STOPPED_S[long and seed == 1])

                began, restarted_at = time.monotonic(), now_ms()
                worker.start(ready=lambda: True, deadline_s=60)
                async with in_background(_ready_only_when_near(house, store)):
                    await house.caught_up(store, patience=400)
                drained = time.monotonic() - began
                await asyncio.to_thread(house.await_ready)
                assert await asyncio.to_thread(_decided_since, known, restarted_at) > last.version
            measured("F15", "growth of the worker's memory", (rss(worker) - before) / 2**20, "MB", 100)
            measured("F15", "seconds for each second of a backlog at 200/s", drained / (len(messages) / 200), "", 0.2)

            assert await house.faults_in_profiles(store, set()) == []


async def test_a_replay_beside_live_traffic_ends_in_the_same_bytes_and_nobody_notices(
    kafka, redis_url, prefix, tmp_path, seed, long, measured
):
    # Two histories: a message that comes again must say the same time, and what is sent over HTTP is moved to now.
    # Thirty to fifty events of a person: a ring of 40 knows a copy that a busy edge lets through.
    earlier, live = (20_000, 8000) if long else (6000, 1200)
    before, meanwhile = history(seed, earlier, people=earlier // 50), history(seed + 1000, live, people=live // 30)
    name = prefix.rstrip(".")
    with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis_url, name=name) as house:
        async with house.store() as store:
            await write(kafka.bootstrap, house.names, lines(before))
            await house.caught_up(store)
            serving = await store.generation()
            with Prober(house) as prober, Traffic(house, meanwhile, a_second=LIVE_A_SECOND) as traffic:
                with Lags(house.bootstrap, redis_url, name) as lag_alone:
                    alone = await asyncio.to_thread(freshness, house.port, ASKED[long])
                replaying = asyncio.create_task(
                    asyncio.to_thread(command, "replay", environment=house.environment, timeout=300)
                )
                with Lags(house.bootstrap, redis_url, name) as lag_beside:
                    beside = await asyncio.to_thread(freshness, house.port, ASKED[long], lambda: not replaying.done())
                ended = await replaying
                await asyncio.to_thread(traffic.wait)
                await asyncio.to_thread(prober.await_undegraded)

            assert ended.returncode == 0, ended.stderr
            assert "it is live now" in ended.stderr
            assert await store.generation() != serving
            assert await house.faults_in_profiles(store, traffic.acknowledged) == []
    measured("F13", "an event is decided for beside a replay, 99 of 100", _worst(beside), "ms", 1.2 * _worst(alone))
    bound = max(1.2 * _worst(lag_alone.seen), LAG_FLOOR)
    measured("F13", "records behind beside a replay, 99 of 100 looks", _worst(lag_beside.seen), "", bound)


def _tells_its_age(known: Known, last: Dated, waits: str, seconds: float) -> None:
    """Ask while nothing is folded: each answer is as old as the last decision, and says so, also to who waits for what is not in it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for after in (None, waits):
            answer = known.ask(after)
            assert answer.decided_at >= answer.asked_at
            assert (answer.made_at, answer.version) == (last.made_at, last.version)
            assert answer.age_ms == answer.decided_at - answer.made_at
            assert (answer.degraded, "after_not_reached" in answer.warnings) == (after is not None, after is not None)


def _decided_since(known: Known, moment: int, patience: float = 240) -> int:
    """Wait until an answer is no older than a moment; answer which version of the profile is in it."""
    until = time.monotonic() + patience
    while (answer := known.ask()).made_at < moment:
        assert time.monotonic() < until, f"made at {answer.made_at}, before {moment}"
        time.sleep(0.05)
    return answer.version


async def _ready_only_when_near(house: House, store: RedisStore) -> None:
    """Ask all the time, for as long as the log only gets shorter, whether the house is ready: it may say so only once it is near."""
    ends = await ends_of(house.bootstrap, house.names)
    while True:
        ready = await asyncio.to_thread(house.is_ready)
        folded = await store.checkpoints(PLACES)
        behind = sum(end - (folded[each] or 0) for each, end in ends.items())
        assert not ready or behind <= LAG_LIMIT, f"ready, and {behind} records behind"
        await asyncio.sleep(LOOK_S)


def _half_on_one_person(messages: list[Message], seed: int) -> list[Message]:
    chance = random.Random(seed)
    # Without repetitions: behind a ring of newer events a copy that the edge let through counts again, and here that is soon.
    once = {each.message_id: each for each in messages}.values()
    return [
        replace(each, user_id="user-1", anonymous_id=None, verified=True) if chance.random() < 0.5 else each
        for each in once
    ]


def _worst(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]
