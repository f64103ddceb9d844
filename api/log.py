"""The event log as the door sees it: records go in, positions come out; and Kafka behind it."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from api.after import Position
from api.errors import RETRY_AFTER, LogAway
from schemas.topics import Topic, TopicNames

_BATCH_BYTES = 131_072
_PROBE_PATIENCE = 1.0
_DURABLE = {"acks": "all", "enable_idempotence": True, "max_batch_size": _BATCH_BYTES}

_line = structlog.get_logger("api.log")


@dataclass(frozen=True, slots=True)
class Record:
    """What is to be appended. `at` is the record's timestamp in milliseconds, None for now."""

    topic: Topic
    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]] = field(default=())
    at: int | None = None


class EventLog(Protocol):
    """Appends records durably."""

    async def append(self, records: Sequence[Record]) -> list[Position | None]:
        """Answer each record's position once all replicas have it; None for one that was not acknowledged in time.

        Never raises because the log is away. What was not acknowledged may still arrive later.
        """
        ...

    async def partitions(self, topic: Topic) -> int:
        """Answer how many partitions a topic has; raises LogAway when nobody can tell."""
        ...

    async def problem(self) -> str | None:
        """Answer in a few words why nothing can be appended now, or None."""
        ...


class KafkaLog(AbstractAsyncContextManager["KafkaLog"]):
    """One idempotent producer; replaced when a record fails, for then its sequence is broken and all later fail."""

    def __init__(self, client_options: Mapping[str, Any], names: TopicNames, *, patience: float = 5.0) -> None:
        self._options = dict(client_options)
        self._names = names
        self._patience = patience
        self._producer: AIOKafkaProducer | None = None
        self._starting: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Begin to connect; a Kafka that is away is waited for in the background."""
        self._starting = asyncio.create_task(self._start())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._starting), self._patience)
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        if self._producer is not None:
            await _retire(self._producer, self._patience)
        await asyncio.gather(*self._retiring, return_exceptions=True)

    async def append(self, records: Sequence[Record]) -> list[Position | None]:
        futures: list[asyncio.Future[Any] | None] = [None] * len(records)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                # Handed over one after the other, so that one call's records keep their order within a partition; they
                # are in flight together all the same, for `send` waits only when a partition's buffer is full. All go
                # through one producer: through the next, a record could arrive whose forerunner was lost.
                producer = await self._connected()
                for index, record in enumerate(records):
                    if producer is self._producer:
                        futures[index] = await self._send(producer, record)
                sent = [future for future in futures if future is not None]
                if sent:
                    await asyncio.wait(sent)
        return [self._position(record, future) for record, future in zip(records, futures, strict=True)]

    async def partitions(self, topic: Topic) -> int:
        try:
            async with asyncio.timeout(self._patience):
                return len(await (await self._connected()).partitions_for(self._names.full(topic)))
        except (TimeoutError, KafkaError) as error:
            raise LogAway("Kafka does not answer", retry_after=RETRY_AFTER) from error

    async def problem(self) -> str | None:
        producer = self._producer
        if producer is None:
            return "not connected to Kafka"
        try:
            async with asyncio.timeout(_PROBE_PATIENCE):
                await producer.client.fetch_all_metadata()
        except (TimeoutError, KafkaError):
            return "Kafka does not answer"
        return None

    async def _send(self, producer: AIOKafkaProducer, record: Record) -> asyncio.Future[Any] | None:
        try:
            future: asyncio.Future[Any] = await producer.send(
                self._names.full(record.topic),
                record.value,
                record.key,
                timestamp_ms=record.at,
                headers=list(record.headers),
            )
        except KafkaError as error:
            self._broke(producer, error)
            return None
        future.add_done_callback(lambda done: self._noticed(producer, done))
        return future

    def _noticed(self, producer: AIOKafkaProducer, done: "asyncio.Future[Any]") -> None:
        error = None if done.cancelled() else done.exception()
        if isinstance(error, KafkaError):
            self._broke(producer, error)

    def _broke(self, producer: AIOKafkaProducer, error: KafkaError) -> None:
        _line.warning("not_acknowledged", error=type(error).__name__)
        if self._producer is not producer:
            return
        self._producer = None
        retiring = asyncio.create_task(_retire(producer, self._patience))
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)
        self._starting = asyncio.create_task(self._start())

    def _position(self, record: Record, future: "asyncio.Future[Any] | None") -> Position | None:
        if future is None or not future.done() or future.cancelled() or future.exception() is not None:
            return None
        metadata = future.result()
        return Position(record.topic, metadata.partition, metadata.offset)

    async def _connected(self) -> AIOKafkaProducer:
        while self._producer is None:
            if self._starting is None or self._starting.done():
                self._starting = asyncio.create_task(self._start())
            await asyncio.shield(self._starting)
        return self._producer

    async def _start(self) -> None:
        while self._producer is None:
            producer = AIOKafkaProducer(
                **self._options, acks="all", enable_idempotence=True, max_batch_size=_BATCH_BYTES
            )
            try:
                await producer.start()
            except (KafkaError, OSError) as error:
                _line.warning("kafka_away", error=type(error).__name__)
                await producer.stop()
                await asyncio.sleep(1.0)
            except asyncio.CancelledError:
                await producer.stop()
                raise
            else:
                self._producer = producer


async def _retire(producer: AIOKafkaProducer, patience: float) -> None:
    """Flush and close; a producer that cannot flush any more is cut off."""
    try:
        await asyncio.wait_for(producer.stop(), patience)
    except (TimeoutError, KafkaError):
        await producer.client.close()
