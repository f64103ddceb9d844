"""Kafka dies and comes back: nothing that was answered 200 is lost, decisions go on, and no worker ends."""

import asyncio
import time

import pytest

from tests.faults.house import House
from tests.faults.prober import Prober
from tests.faults.traffic import Traffic
from tests.streaming import history

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

A_SECOND = 200
OUTAGES = {"for a while": (7, 30), "past every timeout": (70, 90)}
"""Seconds, and those of a long run: a record waits for 60 at most to be handed to Kafka, a request for 40, a session for 6."""


@pytest.mark.parametrize("outage", OUTAGES)
async def test_a_broker_that_is_killed_costs_neither_acknowledged_events_nor_decisions_nor_workers(
    own_kafka, redis_url, tmp_path, seed, long, measured, outage
):
    kafka = await asyncio.to_thread(own_kafka)
    messages = history(seed, 3000)
    with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis_url, name="absent") as house:
        async with house.store() as store:
            with Prober(house) as prober, Traffic(house, messages, a_second=A_SECOND) as traffic:
                await asyncio.sleep(1)
                await asyncio.to_thread(kafka.kill)
                await asyncio.sleep(OUTAGES[outage][long])
                await asyncio.to_thread(kafka.start)
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
    assert house.count("took_over") == 1
    assert prober.heard.rungs["live"] > 0
