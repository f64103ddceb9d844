"""The overrides topic as the command line has it: read whole, and written a record at a time."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from careerstream.errors import Stopped
from careerstream.named import named_kafka
from careerstream.parts import topic_names
from careerstream.settings import Settings
from schemas.override import Override, Pause, encode_override
from schemas.topics import Topic, TopicNames
from scorers.override_book import OverrideBook
from streams.list_follower import read_list

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class OverridesTopic:
    """`kafka` are aiokafka's client options. Everything raises Stopped when Kafka does not answer."""

    kafka: Mapping[str, Any]
    names: TopicNames

    @classmethod
    def named(cls, settings: Settings) -> Self:
        return cls(settings.kafka.client_options(named_kafka(settings)), topic_names(settings))

    def read(self) -> OverrideBook:
        return _asked(read_overrides(self.kafka, self.names))

    def write(self, key: str, said: Override | Pause) -> None:
        _asked(self._write(key, said))

    async def _write(self, key: str, said: Override | Pause) -> None:
        producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **self.kafka)
        await producer.start()
        try:
            await producer.send_and_wait(self.names.full(Topic.OVERRIDES), encode_override(said), key.encode())
        finally:
            await producer.stop()


async def read_overrides(kafka: Mapping[str, Any], names: TopicNames) -> OverrideBook:
    """Answer everything that colleagues ever said; TimeoutError when Kafka does not tell."""
    return await read_list(kafka, names, Topic.OVERRIDES, OverrideBook())


def _asked(asking: Coroutine[Any, Any, Answer]) -> Answer:
    try:
        return asyncio.run(asking)
    except (KafkaError, OSError, TimeoutError) as problem:
        raise Stopped(
            f"Kafka did not answer: {problem!r}; are all topics there? `careerstream doctor` looks"
        ) from problem
