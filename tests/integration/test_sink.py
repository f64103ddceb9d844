"""What the streams write waits for a Kafka that is away, and arrives once and in order."""

import asyncio

import pytest
from structlog.testing import capture_logs

from streams.sink import KafkaSink, Outgoing
from tests.streaming import read_all

pytestmark = pytest.mark.servers

LARGE = bytes(100_000)
"""Three of them are more than a producer keeps of a partition until Kafka takes it."""


async def test_what_finds_the_buffers_full_waits_past_every_timeout_and_arrives_once_and_in_order(own_kafka):
    server = await asyncio.to_thread(own_kafka)
    server.create_topics({"t": 1})
    keys = [b"%d" % number for number in range(10)]
    async with KafkaSink({"bootstrap_servers": server.bootstrap}, away_ms=3_000) as sink:
        await sink.send([Outgoing("t", b"before", LARGE)])
        await asyncio.to_thread(server.pause)
        with capture_logs() as said:
            sending = asyncio.create_task(sink.send([Outgoing("t", key, LARGE) for key in keys]))
            while [line["event"] for line in said].count("kafka_away") < 2 and not sending.done():
                await asyncio.sleep(0.05)
        await asyncio.to_thread(server.resume)
        await sending

    assert [record.key for record in await read_all(server.bootstrap, "t")] == [b"before", *keys]
