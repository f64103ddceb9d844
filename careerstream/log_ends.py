"""Where the candidate topics end, and whether anything lies before that."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Self

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from profiles.store import TopicPartition
from schemas.topics import CANDIDATE_TOPICS, TopicNames

_LOOK_MS = 200
_BYTES = 1024


class LogEnds(AbstractAsyncContextManager["LogEnds"]):
    """Asks Kafka; enter it before the first question. Raises KafkaError, or waits, while Kafka is away."""

    def __init__(self, kafka: Mapping[str, Any], names: TopicNames) -> None:
        self._kafka = dict(kafka)
        self._names = names
        self._consumer: AIOKafkaConsumer | None = None
        self._asking = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._consumer is not None:
            await self._consumer.stop()

    async def now(self) -> dict[TopicPartition, int]:
        """Answer the offset that the next record of each partition will have."""
        async with self._asking:
            consumer = await self._connected()
            partitions = consumer.assignment()
            ends = await consumer.end_offsets(partitions)
        return {TopicPartition(self._names.short(each.topic), each.partition): ends[each] for each in partitions}

    async def are_empty(self, stretches: Mapping[TopicPartition, tuple[int, int]]) -> bool:
        """Say whether no record lies from one offset up to another: markers of transactions, say, or what was deleted."""
        first = {KafkaPartition(self._names.full(each.topic), each.partition): each for each in stretches}
        async with self._asking:
            consumer = await self._connected()
            for partition, each in first.items():
                consumer.seek(partition, stretches[each][0])
            consumer.resume(*first)
            try:
                found = await consumer.getmany(*first, timeout_ms=_LOOK_MS, max_records=1)
                # Nothing may have come because Kafka is slow.
                return not found and all(
                    [await consumer.position(partition) >= stretches[each][1] for partition, each in first.items()]
                )
            finally:
                consumer.pause(*first)

    async def _connected(self) -> AIOKafkaConsumer:
        """Answer a consumer that knows every partition of the candidate topics, and reads none of them unless asked."""
        if self._consumer is None:
            topics = [self._names.full(topic) for topic in CANDIDATE_TOPICS]
            consumer = AIOKafkaConsumer(
                *topics,
                **self._kafka,
                group_id=None,
                auto_offset_reset="latest",
                max_partition_fetch_bytes=_BYTES,
            )
            try:
                await consumer.start()
            except BaseException:
                await consumer.stop()
                raise
            consumer.pause(*consumer.assignment())
            self._consumer = consumer
        return self._consumer


def behind(
    stored: Mapping[TopicPartition, int | None], ends: Mapping[TopicPartition, int]
) -> dict[TopicPartition, tuple[int, int]]:
    """Answer from where to where each partition is not folded, of those that are not to their end."""
    return {each: (stored[each] or 0, end) for each, end in ends.items() if (stored[each] or 0) < end}
