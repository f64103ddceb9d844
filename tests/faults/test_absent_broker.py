"""Kafka dies or falls silent, and comes back: nothing that was answered 200 is lost, decisions go on, and no worker ends."""

import asyncio
import time

import pytest

from tests.faults.house import House
from tests.faults.prober import Prober
from tests.faults.traffic import Traffic
from tests.streaming import history

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

A_SECOND = 200
KILLED, SILENT = "for a while", "past every timeout"
OUTAGES = {KILLED: (7, 30), SILENT: (70, 90)}
"""Seconds, and those of a long run. Only where nothing answers, refusals included, do timeouts pass: 60 for what is written, 40 for other
requests, 6 for a session."""
PEOPLE = 1500
BACKLOG_S = 4.0
UNDECIDED = 100
"""Whom a worker is at least about to decide for when Kafka goes."""


@pytest.mark.parametrize("outage", OUTAGES)
async def test_a_broker_that_is_killed_or_silent_costs_neither_acknowledged_events_nor_decisions_nor_workers(
    own_kafka, redis_url, tmp_path, seed, long, measured, outage
):
    kafka = await asyncio.to_thread(own_kafka)
    messages = history(seed, 3000, PEOPLE)
    with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis_url, name="absent") as house:
        async with house.store() as store:
            with Prober(house) as prober, Traffic(house, messages, a_second=A_SECOND) as traffic:
                await asyncio.sleep(1)
                house.workers[0].pause()
                await asyncio.sleep(BACKLOG_S)
                house.workers[0].resume()
                while len(await store.undecided()) < UNDECIDED:
                    await asyncio.sleep(0.01)
                await asyncio.to_thread(kafka.kill if outage is KILLED else kafka.pause)
                await asyncio.sleep(OUTAGES[outage][long])
                await asyncio.to_thread(kafka.start if outage is KILLED else kafka.resume)
                back, acknowledged = time.monotonic(), len(traffic.acknowledged)
                while len(traffic.acknowledged) == acknowledged:
                    await asyncio.sleep(0.02)
                measured("F5", f"away {outage}: events are acknowledged again", time.monotonic() - back, "s", 5)
                await house.caught_up(store)
                measured("F5", f"away {outage}: events are folded again", time.monotonic() - back, "s", 5)
                await asyncio.to_thread(traffic.wait)

            assert await house.faults_in_profiles(store, traffic.acknowledged) == []
    assert set(traffic.answers) - {429} == {200, 503}  # a busy machine may shed some
    assert house.count("worker_ends") == 0
    # A broker that comes back with the same memory has given the session up meanwhile.
    assert house.count("took_over") == 1 or outage is SILENT
    assert prober.heard.rungs["live"] > 0
