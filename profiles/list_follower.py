"""A compacted topic, followed from its beginning into a list in memory: who was erased, what was overridden."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from schemas.topics import Topic, TopicNames

_PAUSE = 1.0
_POLL_MS = 200

log = structlog.get_logger("profiles.list_follower")


class List(Protocol):
    """What the records go into."""

    def apply(self, key: str, value: bytes | None) -> None:
        """Take a record; ValueError or TypeError for one that is none."""
        ...


class ListFollower:
    """Reads the whole topic without a consumer group: every process needs all of it. `kafka` are aiokafka's client options."""

    def __init__(self, kafka: Mapping[str, Any], names: TopicNames, topic: Topic, into: List) -> None:
        self._kafka = dict(kafka)
        self._topic = names.full(topic)
        self._into = into
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def caught_up(self) -> bool:
        """Whether everything is known that stood in the topic when following began."""
        return self._ready.is_set()

    async def start(self) -> None:
        """Begin to follow in the background; a Kafka that is away is waited for."""
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def wait_caught_up(self) -> None:
        await self._ready.wait()

    async def _follow(self) -> None:
        while True:
            try:
                await self._read()
            except (KafkaError, OSError) as error:
                log.warning("list_interrupted", topic=self._topic, error=type(error).__name__)
            await asyncio.sleep(_PAUSE)

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(
            self._topic, **self._kafka, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(consumer.assignment())
            while True:
                for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                    for record in records:
                        self._apply(record.key, record.value)
                if not self._ready.is_set() and all([await consumer.position(each) >= ends[each] for each in ends]):
                    self._ready.set()
        finally:
            await consumer.stop()

    def _apply(self, key: bytes | None, value: bytes | None) -> None:
        try:
            self._into.apply((key or b"").decode(), value)
        except (ValueError, TypeError):
            log.warning("record_refused", topic=self._topic)
