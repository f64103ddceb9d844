"""Dead letters driven in again, each once: what was driven in is what the redrive's group has committed."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, OffsetAndMetadata
from aiokafka import TopicPartition as KafkaPartition

from schemas.topics import Topic, TopicNames
from streams.dead_letters import REASON, redriven_record
from streams.sink import Outgoing, Sink

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
    done = Redriven()
    async with reading(kafka, names, sink, _place(group, reasons)) as consumer:
        async for partition, letters in letters_of(consumer):
            again = _again(letters, reasons)
            await sink.send(again)
            done = Redriven(done.driven + len(again), done.passed_over + len(letters) - len(again))
            await consumer.commit({partition: OffsetAndMetadata(letters[-1].offset + 1, "")})
    log.info("redriven", driven=done.driven, passed_over=done.passed_over)
    return done


async def waiting(
    *,
    kafka: Mapping[str, Any],
    names: TopicNames,
    sink: Sink,
    reasons: Collection[str] = (),
    group: str = GROUP,
) -> dict[str, int]:
    """Answer how many letters `redrive` would drive in again now, by reason; writes and commits nothing."""
    found = Counter[str]()
    async with reading(kafka, names, sink, _place(group, reasons)) as consumer:
        async for _, letters in letters_of(consumer):
            found.update(_reason(letter) for letter in letters if _record(letter, reasons) is not None)
    return dict(found)


def _place(group: str, reasons: Collection[str]) -> str:
    return "-".join([group, *sorted(reasons)])


@asynccontextmanager
async def reading(
    kafka: Mapping[str, Any], names: TopicNames, sink: Sink, place: str
) -> AsyncIterator[AIOKafkaConsumer]:
    """Hold a reader of the dead letters that has its own place, committed by whoever uses it."""
    topic = names.full(Topic.DEAD_LETTERS)
    consumer = AIOKafkaConsumer(**kafka, group_id=place, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([KafkaPartition(topic, number) for number in range(await sink.partitions(topic))])
        yield consumer
    finally:
        await consumer.stop()


async def letters_of(consumer: AIOKafkaConsumer) -> AsyncIterator[tuple[KafkaPartition, list[Any]]]:
    """Answer what lies between the committed places and the topic's present end, some of one partition at a time."""
    partitions = list(consumer.assignment())
    ends = await consumer.end_offsets(partitions)
    while any([await consumer.position(each) < ends[each] for each in partitions]):
        for partition, records in (await consumer.getmany(timeout_ms=200)).items():
            within = [record for record in records if record.offset < ends[partition]]
            if within:
                yield partition, within


def _again(letters: Sequence[Any], reasons: Collection[str]) -> list[Outgoing]:
    return [record for letter in letters if (record := _record(letter, reasons)) is not None]


def _record(letter: Any, reasons: Collection[str]) -> Outgoing | None:
    if reasons and _reason(letter) not in reasons:
        return None
    return redriven_record(letter.headers, letter.key, letter.value, letter.timestamp)


def _reason(letter: Any) -> str:
    return (dict(letter.headers).get(REASON) or b"unknown").decode(errors="replace")
