"""The log before a measurement: happenings on the candidate topics, as the collector would have put them there."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from aiokafka import AIOKafkaProducer

from api.cloudevents import kafka_headers
from profiles.store import TopicPartition
from schemas.collecting import Accepted
from schemas.messages import encode_message
from schemas.topics import TopicNames

CHUNK = 2000
"""Records under way before we wait for their acknowledgement."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What lies on the log: the next offset of each partition, and how many records were sent."""

    ends: Mapping[TopicPartition, int]
    records: int


async def produce(messages: Iterable[Accepted], *, bootstrap: str, names: TopicNames) -> Backlog:
    """Send the messages, each to the partition that Kafka's default partitioner chooses by its candidate id."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5)
    await producer.start()
    ends: dict[TopicPartition, int] = {}
    records = 0
    try:
        remaining = iter(messages)
        while chunk := list(islice(remaining, CHUNK)):
            sent = [await _send(producer, accepted, names) for accepted in chunk]
            for at in await asyncio.gather(*sent):
                place = TopicPartition(names.short(at.topic), at.partition)
                ends[place] = max(ends.get(place, 0), at.offset + 1)
            records += len(sent)
    finally:
        await producer.stop()
    return Backlog(ends, records)


async def _send(producer: AIOKafkaProducer, accepted: Accepted, names: TopicNames) -> asyncio.Future:
    message = accepted.message
    acknowledged: asyncio.Future = await producer.send(
        names.full(accepted.topic),
        encode_message(message),
        key=message.candidate_id.encode(),
        headers=kafka_headers(message, None),
    )
    return acknowledged
