"""Topics that every process needs whole, followed from their beginning for as long as it runs."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Self

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

Fetched = Mapping[TopicPartition, Sequence[Any]]
"""aiokafka's records, by where they lie."""

_PAUSE = 1.0
_POLL_MS = 200

log = structlog.get_logger("streams.following")


class Follower(AbstractAsyncContextManager["Follower"], ABC):
    """Reads topics in the background while it is entered, without a consumer group; what becomes of the records is the subclasses' matter.

    A Kafka that is away is waited for, and whatever breaks is logged and tried again from where it was: old records do not come
    back. `kafka` are aiokafka's client options.
    """

    def __init__(self, kafka: Mapping[str, Any], topics: Sequence[str]) -> None:
        self._kafka = dict(kafka)
        self._topics = tuple(topics)
        self._following: dict[TopicPartition, int] = {}
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def apply(self, fetched: Fetched) -> None:
        """Take records, in the order of the log; after an error the same ones come again."""

    async def settle(self) -> None:  # most have nothing to settle
        """All that lay on the topics when following began is applied: called then, and after whatever is applied later."""

    @property
    def caught_up(self) -> bool:
        """Whether everything is settled that lay on the topics when following began."""
        return self._ready.is_set()

    async def wait_caught_up(self) -> None:
        await self._ready.wait()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self) -> None:
        while True:
            try:
                await self._read()
            except (KafkaError, OSError) as error:
                log.warning("following_interrupted", topics=self._topics, error=type(error).__name__)
            except Exception:  # the line says what; what is held stays in use
                log.exception("following_broken", topics=self._topics)
            await asyncio.sleep(_PAUSE)

    async def _read(self) -> None:
        async with reading(self._kafka, self._topics) as consumer:
            for partition, offset in self._following.items():
                consumer.seek(partition, offset)
            ends = await consumer.end_offsets(consumer.assignment())
            fetched: Fetched = {}
            while True:
                if fetched:
                    await self.apply(fetched)
                    self._following |= {each: records[-1].offset + 1 for each, records in fetched.items()}
                if (fetched or not self.caught_up) and await is_past(consumer, ends):
                    await self.settle()
                    self._ready.set()
                fetched = await consumer.getmany(timeout_ms=_POLL_MS)


@asynccontextmanager
async def reading(kafka: Mapping[str, Any], topics: Sequence[str]) -> AsyncIterator[AIOKafkaConsumer]:
    """Hold a consumer of all partitions, at their beginning; a topic that is not there is a KafkaError."""
    consumer = AIOKafkaConsumer(*topics, **kafka, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest")
    # Without a group all partitions of the topics are assigned.
    await consumer.start()
    try:
        await consumer.seek_to_beginning()
        yield consumer
    finally:
        await consumer.stop()


async def is_past(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    """Say whether everything before these offsets was fetched."""
    return all([await consumer.position(partition) >= end for partition, end in ends.items()])
