"""Following the segments topic for one webhook: what is told is committed after it was taken, and never before."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka import TopicPartition as KafkaPartition

from profiles.candidate import merge
from profiles.segments import SegmentRule
from profiles.store import ProfileStore, TopicPartition
from schemas.consent import ADVERTISING
from schemas.topics import Topic, TopicNames
from streams.dead_letters import DeadLetter, dead_letter_record
from streams.sink import Sink
from streams.webhooks import GIVE_UP_SECONDS, Change, Delivery, change_of

log = structlog.get_logger("streams.pushing")

Allowed = Callable[[Change], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Leaving:
    """Says whether a change may leave the house: exportable, of somebody who agreed to advertising, among enough people."""

    store: ProfileStore
    rules: Mapping[str, SegmentRule]
    least_members: int

    async def allows(self, change: Change) -> bool:
        """May raise StoreUnavailable: then nothing is told, and nothing is passed over."""
        rule = self.rules.get(change.segment)
        if rule is None or not rule.exportable:
            return False
        key = (Topic.PROFILES, change.candidate)
        if merge(change.candidate, await self.store.sections([key])).consents.get(ADVERTISING) is not True:
            return False
        return await self.store.member_count(change.segment) >= self.least_members


async def push(
    delivery: Delivery, *, kafka: Mapping[str, Any], names: TopicNames, group: str, sink: Sink, allowed: Allowed
) -> None:
    """Tell one webhook what changes, until cancelled; a webhook that is new begins with what happens from now on."""
    webhook = delivery.webhook
    consumer = AIOKafkaConsumer(
        **kafka,
        group_id=f"{group}-webhook-{webhook.name}",
        enable_auto_commit=False,
        auto_offset_reset="latest",
        # A webhook that takes nothing for days keeps its place.
        max_poll_interval_ms=int(GIVE_UP_SECONDS * 2_000),
    )
    consumer.subscribe([names.full(Topic.SEGMENTS)], listener=_Places(consumer))
    async with AsyncExitStack() as stack:
        await consumer.start()
        stack.push_async_callback(consumer.stop)
        log.info("webhook_follows", webhook=webhook.name)
        async for record in consumer:
            change = change_of(record.value)
            if change is not None and change.segment in webhook.segments and await allowed(change):
                problem = await delivery.deliver(change)
                if problem is not None:
                    log.warning("webhook_gave_up", webhook=webhook.name, problem=problem)
                    at = TopicPartition(Topic.SEGMENTS, record.partition)
                    letter = DeadLetter(at, record, f"webhook_{problem}", "SINK", "Undelivered")
                    await sink.send([dead_letter_record(letter, names, f"webhook-{webhook.name}")])
            await consumer.commit({KafkaPartition(record.topic, record.partition): record.offset + 1})


class _Places(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Notes where a webhook begins before it has told anything: else what happens until then would be lost on a restart."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def on_partitions_assigned(self, assigned: Collection[KafkaPartition]) -> None:
        new = [partition for partition in assigned if await self._consumer.committed(partition) is None]
        if new:
            ends = await self._consumer.end_offsets(new)
            for partition, end in ends.items():
                self._consumer.seek(partition, end)
            await self._consumer.commit(ends)

    async def on_partitions_revoked(self, revoked: Collection[KafkaPartition]) -> None:
        """Do nothing: what was taken is committed, and what was not is told by the next owner."""
