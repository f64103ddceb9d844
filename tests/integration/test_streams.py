"""The streams between a real Kafka and a real Redis: what lies in the log is in the profiles, once."""

import asyncio
import random

import pytest

from profiles.store import TopicPartition
from schemas.topics import Topic
from tests.streaming import (
    caught_up,
    differences,
    history,
    lines,
    poison,
    read_all,
    reference,
    worker,
    write,
)

pytestmark = pytest.mark.servers


async def test_profiles_are_what_the_fold_alone_makes_of_the_log(kafka, names, store):
    messages = history(1, 3000)
    async with worker(kafka.bootstrap, store, names):
        await write(kafka.bootstrap, names, lines(messages))
        await caught_up(store, kafka.bootstrap, names)

    assert await differences(store, messages) == []


@pytest.mark.parametrize("seed", [2, 3])
async def test_shuffled_and_repeated_delivery_ends_in_the_same_place(kafka, names, store, seed):
    messages = history(seed, 1500)
    shuffled = messages + messages[::7]
    random.Random(seed).shuffle(shuffled)
    async with worker(kafka.bootstrap, store, names):
        await write(kafka.bootstrap, names, lines(shuffled))
        await caught_up(store, kafka.bootstrap, names)

    assert await differences(store, messages) == []


async def test_poison_ends_in_the_dead_letters_and_touches_nobody(kafka, names, store):
    messages = history(4, 600)
    log = lines(messages) + poison(4, 37)
    random.Random(4).shuffle(log)
    async with worker(kafka.bootstrap, store, names):
        await write(kafka.bootstrap, names, log)
        await caught_up(store, kafka.bootstrap, names)
    letters = await read_all(kafka.bootstrap, names.full(Topic.DEAD_LETTERS))

    assert len(letters) == 37
    assert await differences(store, messages) == []
    poisoned = {str(number).encode(): line for number, line in enumerate(log) if line.poison}
    for letter in letters:
        headers = dict(letter.headers)
        line = poisoned.pop(headers["line"])
        assert (letter.key, letter.value) == (line.key, line.value)
        assert headers["__connect.errors.topic"] == names.full(line.topic).encode()
        assert {"partition", "offset", "connector.name", "task.id", "stage", "class.name", "exception.class.name"} <= {
            name.removeprefix("__connect.errors.") for name in headers
        }
        assert headers["careerstream.reason"] in {
            b"invalid_json", b"not_an_object", b"no_value", b"wrong_type", b"key_mismatch", b"wrong_partition", b"wrong_topic",
        }  # fmt: skip
    assert not poisoned


async def test_a_worker_starts_where_the_store_is_not_where_kafka_thinks(kafka, names, store):
    messages = history(5, 800)
    async with worker(kafka.bootstrap, store, names):
        await write(kafka.bootstrap, names, lines(messages))
        await caught_up(store, kafka.bootstrap, names)
    digest = await store.digest()
    # Redis forgets everything; Kafka has committed offsets at the end.
    await store._client.flushall()
    async with worker(kafka.bootstrap, store, names):
        await caught_up(store, kafka.bootstrap, names)

    assert await store.digest() == digest


async def test_a_store_that_forgets_while_the_worker_runs_is_refilled(kafka, names, store):
    messages = history(6, 1200)
    async with worker(kafka.bootstrap, store, names):
        await write(kafka.bootstrap, names, lines(messages[:600]))
        await caught_up(store, kafka.bootstrap, names)
        await store._client.flushall()
        await write(kafka.bootstrap, names, lines(messages[600:]))
        await caught_up(store, kafka.bootstrap, names)

    assert await differences(store, messages) == []


async def test_a_store_that_forgets_while_nothing_arrives_is_refilled(kafka, names, store):
    messages = history(9, 600)
    async with worker(kafka.bootstrap, store, names):
        await write(kafka.bootstrap, names, lines(messages))
        await caught_up(store, kafka.bootstrap, names)
        await store._client.flushall()
        await caught_up(store, kafka.bootstrap, names, patience=60)

    assert await differences(store, messages) == []


async def test_gaps_that_transactions_leave_in_the_offsets_stop_nobody(kafka, names, store):
    from aiokafka import AIOKafkaProducer

    messages = history(7, 40)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{names.prefix}-t")
    await producer.start()
    async with worker(kafka.bootstrap, store, names):
        for line in lines(messages):
            async with producer.transaction():
                await producer.send(names.full(line.topic), line.value, line.key)
        await producer.stop()
        expected = await (await reference(messages)).digest()
        async with asyncio.timeout(120):
            while await store.digest() != expected:  # the end of the log says nothing here
                await asyncio.sleep(0.1)


async def test_the_worker_tells_kafka_how_far_it_is(kafka, names, store):
    from aiokafka import AIOKafkaConsumer
    from aiokafka import TopicPartition as KafkaPartition

    messages = history(8, 300)
    async with worker(kafka.bootstrap, store, names):
        await write(kafka.bootstrap, names, lines(messages))
        await caught_up(store, kafka.bootstrap, names)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id=f"{names.prefix}-workers")
    await consumer.start()
    committed = {n: await consumer.committed(KafkaPartition(names.full(Topic.CLICKS), n)) for n in range(4)}
    await consumer.stop()

    stored = await store.checkpoints([TopicPartition(Topic.CLICKS, n) for n in range(4)])
    assert committed == {each.partition: following for each, following in stored.items()}
