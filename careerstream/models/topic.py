"""The models topic: read once for a command, followed for as long as a process serves."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aiokafka import AIOKafkaProducer

from careerstream.models.registry import InUse, Registry, Serving
from schemas.topics import Topic, TopicNames
from streams.following import Fetched, Follower, is_past, reading

LARGEST = 4 * 1024 * 1024
"""Bytes of a record that we try to send; a broker takes 1 MiB unless told otherwise, and a model is some 100 KB."""
MODEL_SECONDS = 5.0
"""How long a starting process waits to learn which model decides, before the prior does."""
_POLL_MS = 200


async def read_registry(kafka: Mapping[str, Any], names: TopicNames) -> Registry:
    """Answer what lies on the topic now; KafkaError when it cannot be read."""
    registry = Registry()
    async with reading(kafka, [names.full(Topic.MODELS)]) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        while not await is_past(consumer, ends):
            _apply(registry, await consumer.getmany(timeout_ms=_POLL_MS))
    return registry


async def write_registry(
    kafka: Mapping[str, Any], names: TopicNames, records: Iterable[tuple[str, bytes | None]]
) -> None:
    """Write records in order and wait until Kafka has them; None deletes a model."""
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, max_request_size=LARGEST, **kafka)
    await producer.start()
    try:
        for key, value in records:
            await producer.send_and_wait(names.full(Topic.MODELS), value, key.encode())
    finally:
        await producer.stop()


class RegistryFollower(Follower):
    """Keeps a process on the model that the standing names; while Kafka is away the last one decides.

    The topic has one partition: a standing never overtakes its model. `kafka` are aiokafka's client options.
    """

    def __init__(
        self,
        kafka: Mapping[str, Any],
        names: TopicNames,
        serving: Serving,
        on_change: Callable[[InUse], None] = lambda _: None,
    ) -> None:
        super().__init__(kafka, [names.full(Topic.MODELS)])
        self._serving = serving
        self._on_change = on_change
        self._registry = Registry()

    async def wait_serving(self, seconds: float) -> None:
        """Wait until the standing model decides, at most so long: a house without the topic decides by the prior."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wait_caught_up(), seconds)

    async def apply(self, fetched: Fetched) -> None:
        _apply(self._registry, fetched)

    async def settle(self) -> None:
        """Choose beside the event loop, for reading trees takes a while, and swap on it."""
        registry = replace(self._registry, records=dict(self._registry.records))
        chosen = await asyncio.to_thread(self._serving.chosen, registry)
        self._serving.use(chosen)
        self._on_change(chosen)


def _apply(registry: Registry, fetched: Fetched) -> None:
    for records in fetched.values():
        for record in records:
            registry.apply(record.key, record.value)
