"""Following the log for one webhook: what is told is committed after it was taken, and never before."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka import TopicPartition as KafkaPartition

from profiles.candidate import merge
from profiles.segments import SegmentRule
from profiles.store import ProfileStore, TopicPartition
from schemas.consent import ADVERTISING, allows
from schemas.topics import Topic, TopicNames
from streams.dead_letters import DeadLetter, dead_letter_record
from streams.notices import Change, Notice, notice_of
from streams.sink import Sink
from streams.told import Told
from streams.webhooks import GIVE_UP_SECONDS, Delivery, Webhook

log = structlog.get_logger("streams.pushing")

Tell = Callable[[Notice], Awaitable[str | None]]
"""Tells a webhook; answers why it was not taken, None when it was."""


class Leaves(Protocol):
    """Passes on what may leave the house."""

    async def pass_on(self, notice: Notice, webhook: str, tell: Tell) -> str | None:
        """Answer why a notice was not taken; None when it was, or may not leave."""
        ...


@dataclass(frozen=True, slots=True)
class Leaving:
    """Passes on what may leave the house.

    A change of a segment: when it is exportable, of somebody who agreed to advertising, among enough people; and that somebody left whom
    the webhook holds as a member, whatever they took back since and though they were erased. What somebody agreed to and that they were
    erased is told as it is: the recipients have to act on it.
    """

    store: ProfileStore
    rules: Mapping[str, SegmentRule]
    least_members: int
    told: Told

    async def pass_on(self, notice: Notice, webhook: str, tell: Tell) -> str | None:
        """May raise StoreUnavailable: then nothing is told, and nothing is passed over."""
        if not isinstance(notice, Change):
            return await tell(notice)
        if not await self._allows(notice) and (notice.entered or not await self.told.holds(webhook, notice)):
            return None
        if notice.entered:
            # Before it is told: whoever took it and whose answer got lost holds the member, too.
            await self.told.note(webhook, notice)
        problem = await tell(notice)
        if problem is None and not notice.entered:
            await self.told.note(webhook, notice)
        return problem

    async def _allows(self, change: Change) -> bool:
        rule = self.rules.get(change.segment)
        if rule is None or not rule.exportable:
            return False
        key = (Topic.PROFILES, change.candidate)
        if not allows(merge(change.candidate, await self.store.sections_as_told([key])).consents, ADVERTISING):
            return False
        return await self.store.member_count(change.segment) >= self.least_members


async def push(
    delivery: Delivery,
    *,
    kafka: Mapping[str, Any],
    names: TopicNames,
    group: str,
    sink: Sink,
    leaving: Leaves,
    on_given_up: Callable[[Notice], None] = lambda _: None,
) -> None:
    """Tell one webhook what changes, until cancelled; a webhook that is new begins with what happens from now on.

    What it does not take is a dead letter that names the webhook (`streams/untold.py`).
    """
    webhook = delivery.webhook
    consumer = AIOKafkaConsumer(
        **kafka,
        group_id=f"{group}-webhook-{webhook.name}",
        enable_auto_commit=False,
        auto_offset_reset="latest",
        # A webhook that takes nothing for days keeps its place.
        max_poll_interval_ms=int(GIVE_UP_SECONDS * 2_000),
    )
    followed = {names.full(topic): topic for topic in _followed(webhook)}
    consumer.subscribe(list(followed), listener=_Places(consumer))
    async with AsyncExitStack() as stack:
        await consumer.start()
        stack.push_async_callback(consumer.stop)
        log.info("webhook_follows", webhook=webhook.name)
        async for record in consumer:
            topic = followed[record.topic]
            notice = notice_of(topic, record.key, record.value)
            if notice is not None and webhook.wants(notice):
                problem = await leaving.pass_on(notice, webhook.name, delivery.deliver)
                if problem is not None:
                    place = f"{record.topic}:{record.partition}:{record.offset}"
                    log.warning("webhook_gave_up", webhook=webhook.name, problem=problem, record=place)
                    at = TopicPartition(topic, record.partition)
                    letter = DeadLetter(at, record, f"webhook_{problem}", "SINK", "Undelivered", webhook.name)
                    await sink.send([dead_letter_record(letter, names, f"webhook-{webhook.name}")])
                    on_given_up(notice)
            await consumer.commit({KafkaPartition(record.topic, record.partition): record.offset + 1})


def _followed(webhook: Webhook) -> list[Topic]:
    return [*([Topic.SEGMENTS] if webhook.segments else []), *([Topic.PROFILES] if webhook.events else [])]


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
