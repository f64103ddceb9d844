"""Topics that every process needs whole are followed whatever happens."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from schemas.topics import Topic, TopicNames
from streams.list_follower import ListFollower

pytestmark = pytest.mark.servers


class Numbers:
    """Takes the numbers that come, but for one that breaks it, the first time that it comes."""

    def __init__(self, breaks: bytes):
        self.taken: list[bytes | None] = []
        self._breaks: bytes | None = breaks

    def apply(self, key: str, value: bytes | None) -> None:
        assert key == "key"
        if value == self._breaks:
            self._breaks = None
            raise RuntimeError
        if value == b"none":
            raise ValueError
        self.taken.append(value)

    async def have(self, number: bytes) -> None:
        async with asyncio.timeout(60):
            while number not in self.taken:
                await asyncio.sleep(0.02)


async def test_what_breaks_a_list_comes_again_and_what_came_before_does_not(kafka, prefix):
    names, options = TopicNames(prefix.rstrip(".")), {"bootstrap_servers": kafka.bootstrap}
    topic = names.full(Topic.ERASURES)
    kafka.create_topics({topic: 1})
    numbers = Numbers(breaks=b"2")
    async with (
        AIOKafkaProducer(**options) as producer,
        ListFollower(options, names, Topic.ERASURES, numbers) as follower,
    ):
        await producer.send_and_wait(topic, b"1", b"key")
        await numbers.have(b"1")
        await producer.send_and_wait(topic, b"none", b"key")
        await producer.send_and_wait(topic, b"2", b"key")
        await producer.send_and_wait(topic, b"3", b"key")
        await numbers.have(b"3")

        assert follower.caught_up
    assert numbers.taken == [b"1", b"2", b"3"]
