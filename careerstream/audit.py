"""`careerstream audit`: the decision log read from Kafka, its chains and anchors compared."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.chain import Anchor, Name, decode_anchor
from schemas.chain_audit import Audit
from schemas.topics import Topic, TopicNames

_POLL_MS = 500


async def audit_log(kafka: Mapping[str, Any], names: TopicNames, since: int | None = None) -> Audit:
    """Audit everything that lies in the log now, or from a time (milliseconds) on; may raise KafkaError.

    The anchors are read first: what is written meanwhile goes beyond them, and is no break.
    """
    anchors = await _anchors(kafka, names)
    consumer = _consumer(kafka, names.full(Topic.DECISIONS))
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        ends = await consumer.end_offsets(partitions)
        starts = await _starts(consumer, partitions, since)
        audit = Audit(anchors, frozenset(each.partition for each in partitions if starts[each] > 0))
        for each in partitions:
            async for record in _records(consumer, each, range(starts[each], ends[each])):
                said = record.key or b"", record.value or b""
                audit.take(each.partition, record.offset, said, dict(record.headers), record.timestamp)
    finally:
        await consumer.stop()
    audit.finish()
    return audit


async def decisions(kafka: Mapping[str, Any], names: TopicNames, since: int | None = None) -> AsyncIterator[bytes]:
    """Answer every record of the log as it is now; may raise KafkaError."""
    consumer = _consumer(kafka, names.full(Topic.DECISIONS))
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        ends, starts = await consumer.end_offsets(partitions), await _starts(consumer, partitions, since)
        for each in partitions:
            async for record in _records(consumer, each, range(starts[each], ends[each])):
                yield record.value or b"{}"
    finally:
        await consumer.stop()


async def _records(consumer: AIOKafkaConsumer, partition: TopicPartition, wanted: range) -> AsyncIterator[Any]:
    consumer.pause(*consumer.assignment())
    consumer.resume(partition)
    consumer.seek(partition, wanted.start)
    while await consumer.position(partition) < wanted.stop:
        for record in (await consumer.getmany(partition, timeout_ms=_POLL_MS)).get(partition, ()):
            if record.offset < wanted.stop:
                yield record


async def _starts(
    consumer: AIOKafkaConsumer, partitions: list[TopicPartition], since: int | None
) -> Mapping[TopicPartition, int]:
    starts = dict(await consumer.beginning_offsets(partitions))
    if since is None:
        return starts
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, since))
    ends = await consumer.end_offsets(partitions)
    return {each: ends[each] if (at := found.get(each)) is None else at.offset for each in partitions}


async def _anchors(kafka: Mapping[str, Any], names: TopicNames) -> dict[Name, Anchor]:
    consumer = _consumer(kafka, names.full(Topic.ANCHORS))
    await consumer.start()
    found: dict[Name, Anchor] = {}
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        await consumer.seek_to_beginning()
        while any([await consumer.position(each) < end for each, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                found.update(decode_anchor(record.key, record.value) for record in records)
    finally:
        await consumer.stop()
    return found


def _consumer(kafka: Mapping[str, Any], topic: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(topic, **kafka, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest")
