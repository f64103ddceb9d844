"""Finding a logged decision again: its id names partition and time, so the log itself is the index."""

import asyncio
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from api.decision_log import UNKNOWN_PARTITION
from api.errors import RETRY_AFTER, StoreAway
from api.memory_log import MemoryLog
from schemas.topics import Topic, TopicNames

PATIENCE = 5.0
_SCANNED = 20_000
"""Records that are read at most: a served decision lies within a few records of its time."""
_SLACK_MS = 60_000
_TOLD = 500
"""Records about one person that an export tells."""
_ID = re.compile(r"([0-9a-f]{3})-([0-9a-f]{12})-([0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a decision's record is to be looked for."""

    partition: int
    at: int


def address_of(decision_id: str) -> Address | None:
    """Answer what an id says, or None when it is none of ours."""
    match = _ID.fullmatch(decision_id)
    return None if match is None else Address(int(match[1], 16), int(match[2], 16))


class DecisionArchive(Protocol):
    """Reads logged decisions."""

    async def find(self, decision_id: str) -> bytes | None:
        """Answer the record of a decision or of one of its choices, None without one; may raise StoreAway."""
        ...

    async def of(self, keys: Collection[bytes]) -> list[bytes]:
        """Answer the newest records about some candidates, the oldest first; may raise StoreAway."""
        ...


def is_record_of(value: bytes, decision_id: str) -> bool:
    """Say whether a record is this decision's, and does not only refer to it."""
    if decision_id.encode() not in value:
        return False
    record = orjson.loads(value)
    if record.get("kind") == "decided":
        return bool(record["decision"]["id"] == decision_id)
    return record.get("id") == decision_id or any(choice["id"] == decision_id for choice in record.get("choices", ()))


class KafkaArchive:
    """Reads `careers.decisions` with a consumer of its own for each question: they are rare."""

    def __init__(self, client_options: Mapping[str, Any], names: TopicNames) -> None:
        self._options = dict(client_options)
        self._topic = names.full(Topic.DECISIONS)

    async def find(self, decision_id: str) -> bytes | None:
        address = address_of(decision_id)
        if address is None:
            return None
        # Without a group it is given every partition, and waits at the end of each; a broker answers one connection in
        # order, so while a fetch waits, questions about offsets wait with it: half a second each by default.
        consumer = AIOKafkaConsumer(self._topic, **self._options, auto_offset_reset="latest", fetch_max_wait_ms=5)
        try:
            async with asyncio.timeout(PATIENCE):
                await consumer.start()
                return await self._search(consumer, address, decision_id)
        except (KafkaError, TimeoutError, OSError) as error:
            raise StoreAway("the decision log does not answer", retry_after=RETRY_AFTER) from error
        finally:
            await consumer.stop()

    async def of(self, keys: Collection[bytes]) -> list[bytes]:
        consumer = AIOKafkaConsumer(self._topic, **self._options, auto_offset_reset="latest", fetch_max_wait_ms=5)
        try:
            async with asyncio.timeout(2 * PATIENCE):
                await consumer.start()
                return await self._about(consumer, keys)
        except (KafkaError, TimeoutError, OSError) as error:
            raise StoreAway("the decision log does not answer", retry_after=RETRY_AFTER) from error
        finally:
            await consumer.stop()

    async def _about(self, consumer: AIOKafkaConsumer, keys: Collection[bytes]) -> list[bytes]:
        partitions = consumer.assignment()
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, max(begins[partition], ends[partition] - _SCANNED))
        found: list[tuple[int, bytes]] = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [(record.timestamp, bytes(record.value)) for record in records if record.key in keys]
        return [value for _, value in sorted(found)[-_TOLD:]]

    async def _search(self, consumer: AIOKafkaConsumer, address: Address, decision_id: str) -> bytes | None:
        for partition in sorted(consumer.assignment()):
            if address.partition in (partition.partition, UNKNOWN_PARTITION):
                found = await self._search_partition(consumer, partition, address.at, decision_id)
                if found is not None:
                    return found
        return None

    async def _search_partition(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, at: int, decision_id: str
    ) -> bytes | None:
        end = (await consumer.end_offsets([partition]))[partition]
        start = await self._start(consumer, partition, at, end)
        if start >= end:
            return None
        consumer.seek(partition, start)
        read = start
        while read < min(end, start + _SCANNED):
            batches = await consumer.getmany(partition, timeout_ms=500)
            for record in batches.get(partition, ()):
                read = record.offset + 1
                if is_record_of(record.value, decision_id):
                    return bytes(record.value)
                if record.timestamp > at + _SLACK_MS:
                    return None
        return None

    async def _start(self, consumer: AIOKafkaConsumer, partition: TopicPartition, at: int, end: int) -> int:
        begin = (await consumer.beginning_offsets([partition]))[partition]
        try:
            found = (await consumer.offsets_for_times({partition: at}))[partition]
        except KafkaError:
            found = None
        # The embedded broker cannot look up by time and says that there is nothing: then the newest records are read.
        return int(max(begin, end - _SCANNED if found is None else found.offset))


class MemoryArchive:
    """Decisions of a log in memory, for dry runs and tests."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    async def find(self, decision_id: str) -> bytes | None:
        values = (record.value for record in self._log.of(Topic.DECISIONS))
        return next((value for value in values if is_record_of(value, decision_id)), None)

    async def of(self, keys: Collection[bytes]) -> list[bytes]:
        return [record.value for record in self._log.of(Topic.DECISIONS) if record.key in keys]
