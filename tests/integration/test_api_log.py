"""What the API writes to a real Kafka, and what it answers when there is none."""

import asyncio
import time

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from api.archive import KafkaArchive
from api.decision_log import DecisionLog
from api.keeping import Keeping
from api.log import KafkaLog, Record
from api.metrics import Metrics
from api.outbox import MemoryOutbox
from api.partition import Partitions
from careerstream.clock import wall_clock
from profiles.erasures import Erasures
from schemas.partitions import partition_of
from schemas.topics import Topic, TopicNames

pytestmark = pytest.mark.servers


def a_record(number=0, topic=Topic.CLICKS, **members):
    key = f"a:{number}".encode()
    return Record(**{"topic": topic, "key": key, "value": b"%d" % number, "headers": (("ce_id", b"m"),), **members})


@pytest.fixture
def names(kafka, prefix):
    names = TopicNames(prefix.rstrip("."))
    kafka.create_topics({names.full(topic): 4 for topic in Topic})
    return names


async def everything(bootstrap, topic):
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(4)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += records
        return found
    finally:
        await consumer.stop()


async def test_every_acknowledged_record_lies_where_the_answer_says(kafka, names):
    async with KafkaLog({"bootstrap_servers": kafka.bootstrap}, names) as log:
        positions = await log.append([a_record(number) for number in range(200)])

    found = {
        (record.partition, record.offset): record
        for record in await everything(kafka.bootstrap, names.full(Topic.CLICKS))
    }
    assert len(found) == 200
    for number, at in enumerate(positions):
        assert at is not None
        record = found[at.partition, at.offset]
        assert record.value == b"%d" % number
        assert record.headers == (("ce_id", b"m"),)
        assert at.partition == partition_of(record.key, 4)


async def test_without_kafka_nothing_is_acknowledged_and_nobody_waits_longer_than_said(unused_port):
    # Less than the client library waits by itself.
    async with (
        asyncio.timeout(30),
        KafkaLog({"bootstrap_servers": f"127.0.0.1:{unused_port}"}, TopicNames(), patience=0.5) as log,
    ):
        assert await log.append([a_record()]) == [None]
        assert await log.problem() is not None


async def test_a_log_that_was_killed_and_comes_back_takes_records_again(own_kafka):
    server = own_kafka()
    names = TopicNames("back")
    server.create_topics({names.full(Topic.CLICKS): 4})
    async with KafkaLog({"bootstrap_servers": server.bootstrap}, names, patience=1.0) as log:
        before = await log.append([a_record(1)])
        server.kill()
        away = await log.append([a_record(2)])
        problem = await log.problem()
        await asyncio.to_thread(server.start)
        after = await until(lambda: log.append([a_record(3)]))

        assert before != [None]
        assert away == [None]
        assert problem is not None
        assert after != [None]
        assert await log.problem() is None
    values = [record.value for record in await everything(server.bootstrap, names.full(Topic.CLICKS))]
    assert {b"1", b"3"} <= set(values)
    assert values.count(b"1") == 1


async def test_a_served_decision_is_found_by_its_id_and_by_its_choices(kafka, names):
    options = {"bootstrap_servers": kafka.bootstrap}
    log = KafkaLog(options, names)
    partitions = Partitions(log)
    keeping = Keeping(MemoryOutbox(), Erasures(), lambda: True, Metrics())
    decisions = DecisionLog(log, partitions, Metrics(), wall_clock, keeping=keeping)
    async with log, partitions:
        await until(lambda: known(partitions))
        async with decisions:
            ids = []
            for number in range(300):
                at = time.time_ns() // 1_000_000
                ids.append(decisions.new_id(f"a:{number}", at))
                choice = {"id": f"{ids[-1][:-2]}01", "items": []}
                decisions.put(f"a:{number}", at, {"kind": "served", "id": ids[-1], "choices": [choice], "base": ids[0]})

    archive = KafkaArchive(options, names)
    for decision in (ids[0], ids[150], f"{ids[299][:-2]}01"):
        value = await archive.find(decision)
        assert value is not None
        assert decision.encode()[:-2] in value
    first = await archive.find(ids[0])
    assert first is not None
    assert ids[0].encode() in first.split(b'"choices"')[0]
    assert await archive.find("000-0192f0000000-000000000000") is None
    assert await archive.find("nonsense") is None


async def known(partitions):
    return partitions.of(Topic.DECISIONS, "a:1")


async def until(ask):
    """Ask until there is an answer that says something."""
    while True:
        answer = await ask()
        if answer is not None and answer != [None]:
            return answer
        await asyncio.sleep(0.05)


@pytest.fixture
def unused_port():
    from deploy.embedded.process import free_port

    return free_port()
