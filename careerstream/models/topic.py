"""The models topic: read once for a command, followed for as long as a process serves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from careerstream.models.registry import InUse, Registry, Serving
from schemas.topics import Topic, TopicNames

LARGEST = 4 * 1024 * 1024
"""Bytes of a record that we try to send; a broker takes 1 MiB unless told otherwise, and a model is some 100 KB."""
_POLL_MS = 200
_PAUSE = 1.0

log = structlog.get_logger("careerstream.models")


async def read_registry(kafka: Mapping[str, Any], names: TopicNames) -> Registry:
    """Answer what lies on the topic now; KafkaError when it cannot be read."""
    registry = Registry()
    async with _reading(kafka, names) as (consumer, partition):
        end = (await consumer.end_offsets([partition]))[partition]
        while await consumer.position(partition) < end:
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


class RegistryFollower:
    """Keeps a process on the model that the standing names; while Kafka is away the last one decides."""

    def __init__(
        self,
        kafka: Mapping[str, Any],
        names: TopicNames,
        serving: Serving,
        on_change: Callable[[InUse], None] = lambda _: None,
    ) -> None:
        self._kafka = dict(kafka)
        self._names = names
        self._serving = serving
        self._on_change = on_change
        self._registry = Registry()
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def wait_caught_up(self, seconds: float) -> None:
        """Wait until the standing model decides, at most so long: a house without the topic decides by the prior."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), seconds)

    async def _follow(self) -> None:
        while True:
            try:
                await self._read()
            except (KafkaError, OSError) as error:
                log.warning("models_interrupted", error=type(error).__name__)
            except Exception:  # the line says what; the model in use goes on deciding
                log.exception("models_broken")
            await asyncio.sleep(_PAUSE)

    async def _read(self) -> None:
        async with _reading(self._kafka, self._names) as (consumer, partition):
            end = (await consumer.end_offsets([partition]))[partition]
            fetched: Mapping[Any, Any] = {}
            while True:
                _apply(self._registry, fetched)
                past = await consumer.position(partition) >= end
                if past and (fetched or not self._ready.is_set()):
                    await self._settle()
                fetched = await consumer.getmany(timeout_ms=_POLL_MS)

    async def _settle(self) -> None:
        """Choose beside the event loop, for reading trees takes a while, and swap on it."""
        registry = self._registry
        chosen = await asyncio.to_thread(self._serving.chosen, registry.standing, dict(registry.records))
        self._serving.use(chosen)
        self._on_change(chosen)
        self._ready.set()


@asynccontextmanager
async def _reading(
    kafka: Mapping[str, Any], names: TopicNames
) -> AsyncIterator[tuple[AIOKafkaConsumer, TopicPartition]]:
    """Hold a consumer at the topic's beginning. It has one partition: a standing never overtakes its model."""
    partition = TopicPartition(names.full(Topic.MODELS), 0)
    consumer = AIOKafkaConsumer(**kafka, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        yield consumer, partition
    finally:
        await consumer.stop()


def _apply(registry: Registry, fetched: Mapping[Any, Any]) -> None:
    for records in fetched.values():
        for record in records:
            registry.apply(record.key, record.value)
