"""A file of postings and content onto the catalogue topics: what is sound is loaded, what is not is named."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer

from catalog.feeds import Accepted, Refused
from schemas.content_json import content_to_json
from schemas.job_json import job_to_json
from schemas.jobs import Job
from schemas.topics import Topic, TopicNames

CHUNK = 500
"""Records sent before we wait for their acknowledgement."""
STOP_SECONDS = 2.0
"""How long a producer may take to end: what it was given is acknowledged by then, unless somebody broke off."""


@dataclass(slots=True)
class Loaded:
    """How a load went."""

    jobs: int = 0
    content: int = 0
    refused: list[Refused] = field(default_factory=list)


async def load_items(
    items: Iterable[Accepted | Refused],
    *,
    client_options: Mapping[str, Any],
    names: TopicNames,
    on_refused: Callable[[Refused], None],
    on_progress: Callable[[int], None],
) -> Loaded:
    """Send every accepted item and wait until Kafka has all of them; KafkaError when it has not."""
    loaded, pending = Loaded(), []
    async with _producing(client_options, linger_ms=5, compression_type="gzip") as producer:
        for item in items:
            if isinstance(item, Refused):
                loaded.refused.append(item)
                on_refused(item)
            else:
                pending.append(await producer.send(*_record(item, names, loaded)))
            if len(pending) >= CHUNK:
                await asyncio.gather(*pending)
                pending.clear()
            on_progress(1)
        await asyncio.gather(*pending)
    return loaded


async def delete_items(
    ids: Iterable[str], *, topic: Topic, client_options: Mapping[str, Any], names: TopicNames
) -> None:
    """Send a null for each id: the item is gone from the catalogue."""
    async with _producing(client_options) as producer:
        for item in ids:
            await producer.send_and_wait(names.full(topic), value=None, key=item.encode())


@asynccontextmanager
async def _producing(client_options: Mapping[str, Any], **more: Any) -> AsyncIterator[AIOKafkaProducer]:
    """Hold a producer; whoever breaks off does not wait for a Kafka that is away."""
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **more, **client_options)
    await producer.start()
    try:
        yield producer
    finally:
        try:
            await asyncio.wait_for(producer.stop(), STOP_SECONDS)
        except TimeoutError:
            await producer.client.close()


def _record(accepted: Accepted, names: TopicNames, loaded: Loaded) -> tuple[str, bytes, bytes]:
    if isinstance(accepted.item, Job):
        loaded.jobs += 1
        return names.full(Topic.JOBS), job_to_json(accepted.item), accepted.item.id.encode()
    loaded.content += 1
    return names.full(Topic.CONTENT), content_to_json(accepted.item), accepted.item.id.encode()
