"""The catalogue topics, followed from their beginning into the catalogue in memory."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from catalog.index import Catalog
from schemas.content_json import content_from_json
from schemas.job_json import job_from_json
from schemas.members import MalformedMember
from schemas.topics import CATALOGUE_TOPICS, Topic, TopicNames

SLICE = 8
"""Records applied before others on the event loop get their turn: some 4 ms where texts are searched, else 1 ms."""
_PAUSE = 1.0
_POLL_MS = 200

log = structlog.get_logger("catalog.follower")


class CatalogueFollower:
    """Reads postings and content without a consumer group, for every process needs all of them.

    A record that is not an item is counted in `refused` and left out. `kafka` are aiokafka's client options. While records are
    applied, `turn` is held.
    """

    def __init__(
        self,
        kafka: Mapping[str, Any],
        names: TopicNames,
        catalog: Catalog,
        on_change: Callable[[], None] = lambda: None,
        *,
        turn: asyncio.Lock | None = None,
    ) -> None:
        self._kafka = dict(kafka)
        self._names = names
        self._catalog = catalog
        self._on_change = on_change
        self._turn = turn or asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._following: dict[TopicPartition, int] = {}
        self.refused = 0

    @property
    def catalog(self) -> Catalog:
        return self._catalog

    @property
    def caught_up(self) -> bool:
        """Whether everything is applied that lay on the topics when following began."""
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
                log.warning("catalogue_interrupted", error=type(error).__name__)
            except Exception:  # the line says what; read anew, the catalogue ends where the log does
                log.exception("catalogue_broken")
            await asyncio.sleep(_PAUSE)

    async def _read(self) -> None:
        """Read from the beginning, after an interruption from where it was: old versions of a posting do not come back."""
        names = [self._names.full(topic) for topic in CATALOGUE_TOPICS]
        consumer = AIOKafkaConsumer(
            *names, **self._kafka, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        # Without a group all partitions of the topics are assigned; a topic that is not there yet is a KafkaError.
        await consumer.start()
        try:
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(consumer.assignment())
            while True:
                await self.apply(await consumer.getmany(timeout_ms=_POLL_MS))
                if not self._ready.is_set() and await _is_past(consumer, ends):
                    self._catalog.settle()
                    self._ready.set()
        finally:
            await consumer.stop()

    async def apply(self, fetched: Mapping[TopicPartition, list[Any]]) -> None:
        """Apply records; say so once when any of them changed something."""
        changed = False
        arrived = [(partition, record) for partition, records in fetched.items() for record in records]
        for start in range(0, len(arrived), SLICE):
            async with self._turn:
                for partition, record in arrived[start : start + SLICE]:
                    topic = self._names.short(partition.topic)
                    changed = self._applied(topic, record.key, record.value) or changed
                    self._following[partition] = record.offset + 1
            await asyncio.sleep(0)
        if changed:
            self._on_change()

    def _applied(self, topic: Topic, key: bytes | None, value: bytes | None) -> bool:
        try:
            name = _named(key)
            if topic is Topic.JOBS:
                return self._catalog.apply_job(name, None if value is None else job_from_json(value))
            return self._catalog.apply_content(name, None if value is None else content_from_json(value))
        except (MalformedMember, UnicodeDecodeError) as problem:
            self.refused += 1
            log.warning("catalogue_record_refused", topic=topic.value, problem=type(problem).__name__)
            return False


def _named(key: bytes | None) -> str:
    if not key:
        raise MalformedMember("", "has no key")
    return key.decode()


async def _is_past(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    return all([await consumer.position(partition) >= end for partition, end in ends.items()])
