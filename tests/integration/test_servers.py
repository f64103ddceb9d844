"""The servers under the tests are real ones, and come back with what they had."""

import pytest
import redis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer


async def test_a_record_sent_to_kafka_is_read_by_a_group(kafka, prefix):
    kafka.create_topics({f"{prefix}clicks": 2})
    await _send(kafka.bootstrap, f"{prefix}clicks", b"seen")

    assert await _read(kafka.bootstrap, f"{prefix}clicks", group=f"{prefix}group") == b"seen"


async def test_kafka_comes_back_after_a_kill_with_its_address_and_its_records(own_kafka, prefix):
    kafka = own_kafka()
    kafka.create_topics({f"{prefix}clicks": 1})
    await _send(kafka.bootstrap, f"{prefix}clicks", b"kept")
    address = kafka.bootstrap
    kafka.kill()
    kafka.start()

    assert kafka.bootstrap == address
    assert await _read(kafka.bootstrap, f"{prefix}clicks", group=f"{prefix}group") == b"kept"


def test_redis_answers_empty(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("a", "1")


def test_redis_is_empty_again_for_the_next_test(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_redis_comes_back_after_a_kill_with_what_it_acknowledged(own_redis):
    server = own_redis()
    with redis.Redis.from_url(server.url) as client:
        client.set("checkpoint", "41")
    server.kill()
    server.start()

    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        assert client.get("checkpoint") == "41"


def test_a_paused_redis_keeps_the_client_waiting_and_a_resumed_one_answers(own_redis):
    server = own_redis()
    with (
        redis.Redis.from_url(server.url, socket_timeout=0.3, retry=None) as hasty,
        redis.Redis.from_url(server.url, socket_timeout=60, retry=None) as patient,
    ):
        assert patient.ping()
        server.pause()
        with pytest.raises(redis.TimeoutError):
            hasty.ping()
        server.resume()

        assert patient.ping()


def test_a_stopped_redis_refuses_connections_at_once(own_redis):
    server = own_redis()
    server.stop()
    with redis.Redis.from_url(server.url, retry=None) as client, pytest.raises(redis.ConnectionError):
        client.ping()


async def _send(bootstrap: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, value, key=b"c-1")


async def _read(bootstrap: str, topic: str, *, group: str) -> bytes | None:
    start = "earliest"
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset=start
    ) as consumer:
        record = await consumer.getone()
    value: bytes | None = record.value
    return value
