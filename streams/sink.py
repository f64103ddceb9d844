"""Where the streams write to Kafka: dead letters, decisions, segment events."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError

from streams.records import Headers

_LINGER_MS = 2
_TOGETHER = 256 * 1024
"""Bytes of a partition that one request takes along. aiokafka's 16 KiB hold one decision with its evidence, and a broker is asked for one
thing at a time: a hundred decisions took sixty milliseconds then."""
_LARGEST = 8 * 1024 * 1024
_AWAY_MS = 60_000
"""How long Kafka has for an answer, and a partition for a leader: half a minute, and until a busy machine has started it again."""
_ASK_S = 2.0

log = structlog.get_logger("streams.sink")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to write. `topic` is its full name; `timestamp` milliseconds since the epoch, None for now."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp: int | None = None


Link = Callable[[Sequence[Outgoing]], Sequence[Outgoing]]


def as_they_are(records: Sequence[Outgoing]) -> Sequence[Outgoing]:
    return records


class Sink(Protocol):
    """Writes records durably."""

    async def send(self, records: Sequence[Outgoing], link: Link = as_they_are) -> None:
        """Return when all of them are acknowledged; raises when one is not.

        `link` is asked what to write when it is this call's turn, and nothing of another call comes in between.
        """
        ...

    async def partitions(self, topic: str) -> int:
        """Answer how many partitions a topic has."""
        ...


class KafkaSink:
    """A producer that waits for all replicas, and for a Kafka that is away however long that takes.

    `kafka` are aiokafka's own client options; `away_ms` is how often it says that it waits. A partition without a leader for that long is
    an error, while other brokers answer.
    """

    def __init__(self, kafka: Mapping[str, Any], *, away_ms: int = _AWAY_MS) -> None:
        self._kafka = dict(kafka)
        self._away_ms = away_ms
        self._producer: AIOKafkaProducer | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        # The limit is above the broker's usual 1 MiB: a record that was let in there must find its way to the dead letters.
        self._producer = AIOKafkaProducer(
            **self._kafka,
            acks="all",
            enable_idempotence=True,
            linger_ms=_LINGER_MS,
            max_batch_size=_TOGETHER,
            max_request_size=_LARGEST,
            request_timeout_ms=self._away_ms,
            # Not compressed here: gzip took 0.8 ms a decision. Let the broker do it (`compression.type=zstd` on the topics).
        )
        await self._producer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._producer is not None:
            await self._producer.stop()

    async def send(self, records: Sequence[Outgoing], link: Link = as_they_are) -> None:
        # One after the other, so that records of one key keep the order of the calls; waited for together.
        async with self._turn:
            sent = [await self._buffered(record) for record in link(records)]
        for acknowledgement in sent:
            await acknowledgement

    async def _buffered(self, record: Outgoing) -> Awaitable[Any]:
        """Put a record into the producer's buffer; while that is full nothing of it is there, and asking again repeats nothing."""
        while True:
            try:
                acknowledgement: Awaitable[Any] = await self._started.send(
                    record.topic,
                    record.value,
                    record.key,
                    timestamp_ms=record.timestamp,
                    headers=list(record.headers),
                )
            except KafkaTimeoutError:
                log.warning("kafka_away", topic=record.topic)
            else:
                return acknowledgement

    async def partitions(self, topic: str) -> int:
        # Asked afresh: by a count that is out of date, records would be refused for lying in a wrong partition.
        await self._started.client.force_metadata_update()
        return len(await self._started.partitions_for(topic))

    async def answers(self) -> bool:
        """Say whether Kafka answers now."""
        try:
            async with asyncio.timeout(_ASK_S):
                await self._started.client.fetch_all_metadata()
        except (TimeoutError, KafkaError):
            return False
        return True

    @property
    def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError("enter the sink before sending")
        return self._producer


@dataclass(slots=True)
class MemorySink:
    """Keeps what is sent, for dry runs and tests."""

    sent: list[Outgoing] = field(default_factory=list)
    partition_count: int = 4

    async def send(self, records: Sequence[Outgoing], link: Link = as_they_are) -> None:
        self.sent.extend(link(records))

    async def partitions(self, topic: str) -> int:  # noqa: ARG002  # all topics are alike here
        return self.partition_count

    def to(self, topic: str) -> list[Outgoing]:
        return [record for record in self.sent if record.topic == topic]
