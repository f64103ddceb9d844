"""What `careerstream up` starts by itself is a Kafka and a Redis to their clients, within known limits."""

import asyncio
import statistics
import time

import pytest
import redis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.embedded.broker import FETCH_MAX_WAIT_MS, PARTITION_BYTES, EmbeddedBroker, TopicDiffers, ensure_topics
from deploy.embedded.process import listens
from deploy.embedded.redis import EmbeddedRedis

POSTINGS, POSTING_BYTES = 2626, 5000


@pytest.fixture(scope="module")
def broker():
    with EmbeddedBroker({"careers.clicks": 4, "careers.jobs": 16}) as broker:
        yield broker


def test_a_broker_has_the_topics_it_was_started_with_and_the_ones_asked_for_later(broker):
    ensure_topics(broker.bootstrap, {"careers.clicks": 4, "careers.jobs": 16, "careers.later": 3})


def test_asking_for_other_partitions_of_a_topic_that_exists_is_refused(broker):
    with pytest.raises(TopicDiffers, match="has 16 partitions"):
        ensure_topics(broker.bootstrap, {"careers.jobs": 8})


async def test_an_idempotent_producer_and_a_group_that_goes_on_where_it_stopped(broker):
    ensure_topics(broker.bootstrap, {"groups": 1})
    await send(broker, "groups", [b"one", b"two"])
    read = []
    for _ in range(2):
        async with a_consumer(broker, "groups", group_id="g", session_timeout_ms=1500) as consumer:
            read.append((await consumer.getone()).value)
            await consumer.commit({TopicPartition("groups", 0): len(read)})

    assert read == [b"one", b"two"]


async def test_headers_and_tombstones_come_through(broker):
    ensure_topics(broker.bootstrap, {"headers": 1})
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        await producer.send_and_wait("headers", None, key=b"job-1", headers=[("ce_id", b"m-1")])
    async with a_consumer(broker, "headers") as consumer:
        record = await consumer.getone()

    assert (record.key, record.value, record.headers) == (b"job-1", None, (("ce_id", b"m-1"),))


async def test_a_whole_catalogue_of_postings_stays_on_the_jobs_topic(broker):
    await send(broker, "careers.jobs", [b"x" * POSTING_BYTES] * POSTINGS)
    async with AIOKafkaConsumer(bootstrap_servers=broker.bootstrap) as consumer:
        partitions = [TopicPartition("careers.jobs", number) for number in range(16)]
        first, last = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)

    assert sum(last.values()) - sum(first.values()) == POSTINGS


async def test_one_partition_keeps_what_the_limit_says_and_drops_the_oldest(broker):
    ensure_topics(broker.bootstrap, {"limit": 1})
    await send(broker, "limit", [b"x" * 100_000] * 80)
    async with AIOKafkaConsumer(bootstrap_servers=broker.bootstrap) as consumer:
        partition = TopicPartition("limit", 0)
        first, last = await consumer.beginning_offsets([partition]), await consumer.end_offsets([partition])

    assert last[partition] == 80
    assert 0.8 * PARTITION_BYTES < (80 - first[partition]) * 100_000 < 1.1 * PARTITION_BYTES


async def test_a_record_is_read_within_milliseconds_by_who_waits_as_long_as_told(broker):
    ensure_topics(broker.bootstrap, {"quick": 4})
    waits = []
    async with (
        a_consumer(broker, "quick") as consumer,
        AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer,
    ):
        for _ in range(40):
            await producer.send("quick", b"%.6f" % time.time())
            record = await consumer.getone()
            waits.append(time.time() - float(record.value))

    assert statistics.median(waits) < 0.1  # 4 ms where nothing else runs; the mock's own way is a quarter of a second


def test_a_stopped_broker_is_gone_within_three_seconds():
    broker = EmbeddedBroker().start()
    port = int(broker.bootstrap.rpartition(":")[2])
    asked = time.monotonic()
    broker.stop()

    assert time.monotonic() - asked < 3
    assert not listens(port)


def test_redis_answers_forgets_nothing_on_its_own_and_keeps_nothing_on_disk():
    with EmbeddedRedis() as server, redis.Redis.from_url(server.url, decode_responses=True) as client:
        assert client.ping()
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "no"}
        assert client.config_get("save") == {"save": ""}


def test_a_stopped_redis_is_gone_within_three_seconds():
    server = EmbeddedRedis().start()
    asked = time.monotonic()
    server.stop()

    assert time.monotonic() - asked < 3
    assert not listens(int(server.url.rpartition(":")[2].partition("/")[0]))


def a_consumer(broker, topic, **settings) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        **settings,
    )


async def send(broker, topic, values) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", enable_idempotence=True) as producer:
        sent = [await producer.send(topic, value, key=b"%d" % number) for number, value in enumerate(values)]
        await asyncio.gather(*sent)
