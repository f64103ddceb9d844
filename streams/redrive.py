"""Dead letters driven in again, each once: what was driven in is what the redrive's group has committed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, OffsetAndMetadata
from aiokafka import TopicPartition as KafkaPartition

from schemas.topics import Topic, TopicNames
from streams.dead_letters import REASON, redriven_record
from streams.sink import Sink

GROUP = "careerstream-redrive"

log = structlog.get_logger("streams.redrive")


@dataclass(frozen=True, slots=True)
class Redriven:
    """How many dead letters went back to their topics, and how many were passed over."""

    driven: int = 0
    passed_over: int = 0


async def redrive(
    *,
    kafka: Mapping[str, Any],
    names: TopicNames,
    sink: Sink,
    reasons: Collection[str] = (),
    group: str = GROUP,
) -> Redriven:
    """Write the dead letters that are there now to the topics they came from; those of some `reasons` only, if any are named.

    Run again, it goes on behind the last one. Each set of reasons has a place of its own, so that what one run passed over is still
    there for the next.
    """
    topic = names.full(Topic.DEAD_LETTERS)
    place = "-".join([group, *sorted(reasons)])
    consumer = AIOKafkaConsumer(**kafka, group_id=place, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([KafkaPartition(topic, number) for number in range(await sink.partitions(topic))])
        done = await _drive(consumer, sink, {reason.encode() for reason in reasons})
    finally:
        await consumer.stop()
    log.info("redriven", driven=done.driven, passed_over=done.passed_over)
    return done


async def _drive(consumer: AIOKafkaConsumer, sink: Sink, reasons: Collection[bytes]) -> Redriven:
    partitions = list(consumer.assignment())
    ends = await consumer.end_offsets(partitions)
    done = Redriven()
    while any([await consumer.position(each) < ends[each] for each in partitions]):
        for partition, records in (await consumer.getmany(timeout_ms=200)).items():
            within = [record for record in records if record.offset < ends[partition]]
            driven = await _send(within, sink, reasons)
            done = Redriven(done.driven + driven, done.passed_over + len(within) - driven)
            if within:
                await consumer.commit({partition: OffsetAndMetadata(within[-1].offset + 1, "")})
    return done


async def _send(records: Sequence[Any], sink: Sink, reasons: Collection[bytes]) -> int:
    wanted = [record for record in records if not reasons or dict(record.headers).get(REASON) in reasons]
    again = [redriven_record(each.headers, each.key, each.value, each.timestamp) for each in wanted]
    outgoing = [record for record in again if record is not None]
    await sink.send(outgoing)
    return len(outgoing)
