"""The topics that learning needs, written to Parquet files as far as they reach now."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer

from learning.log import LogRecord, write_records
from schemas.topics import CANDIDATE_TOPICS, Topic, TopicNames

TOPICS = (*CANDIDATE_TOPICS, Topic.DECISIONS, Topic.JOBS, Topic.ERASURES)
_WHOLE = frozenset({Topic.JOBS, Topic.ERASURES})
"""Needed whatever their age."""
FILE_BYTES = 64 * 1024 * 1024
_POLL_MS = 500

OnRecords = Callable[[int], None]
"""Told how many more records were written."""


async def count_records(kafka: Mapping[str, Any], names: TopicNames) -> int:
    """Answer how many records an export of everything would have at most."""
    total = 0
    for topic in TOPICS:
        async with _reading(kafka, names.full(topic)) as consumer:
            partitions = consumer.assignment()
            first, last = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
            total += sum(last[each] - first[each] for each in partitions)
    return total


async def export_topics(
    kafka: Mapping[str, Any], names: TopicNames, folder: Path, *, since: int | None = None, on_records: OnRecords
) -> int:
    """Write the topics into a folder, from the beginning or a time (milliseconds) on, and answer the number of records."""
    total = 0
    for topic in TOPICS:
        async with _reading(kafka, names.full(topic)) as consumer:
            if since is not None and topic not in _WHOLE:
                await _seek(consumer, since)
            total += await _write_all(consumer, folder / topic.value, on_records)
    return total


async def _write_all(consumer: AIOKafkaConsumer, file: Path, on_records: OnRecords) -> int:
    ends = await consumer.end_offsets(consumer.assignment())
    waiting: list[LogRecord] = []
    size = total = number = 0
    while True:
        done = all([await consumer.position(each) >= end for each, end in ends.items()])
        if waiting and (done or size > FILE_BYTES):
            write_records(waiting, file.with_name(f"{file.name}-{number:05d}.parquet"))
            number, size, waiting = number + 1, 0, []
        if done:
            return total
        for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
            waiting += [LogRecord(record.key, record.value, record.timestamp) for record in records]
            size += sum(len(record.value or b"") for record in records)
            total += len(records)
            on_records(len(records))


async def _seek(consumer: AIOKafkaConsumer, since: int) -> None:
    """Begin at a time; a partition with nothing as new begins at its end."""
    partitions = consumer.assignment()
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, since))
    ends = await consumer.end_offsets(partitions)
    for partition in partitions:
        at = found.get(partition)
        consumer.seek(partition, ends[partition] if at is None else at.offset)


@asynccontextmanager
async def _reading(kafka: Mapping[str, Any], topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    """Hold a consumer at the beginning of all partitions of a topic; one that is not there is a KafkaError."""
    consumer = AIOKafkaConsumer(topic, **kafka, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        await consumer.seek_to_beginning()
        yield consumer
    finally:
        await consumer.stop()
