"""What /readyz asks: the catalogue, Redis, Kafka, and whether the agents have caught up."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Self

from aiokafka import AIOKafkaConsumer

from api.probes import Probe
from careerstream.presence import Presence
from profiles.store import ProfileStore, TopicPartition
from schemas.topics import CANDIDATE_TOPICS, TopicNames
from streams.catalogue_follower import CatalogueFollower
from streams.list_follower import ListFollower

LAG_LIMIT = 10_000
"""Records that the agents may be behind and still count as caught up: about two seconds of one worker's work."""


class Readiness(AbstractAsyncContextManager["Readiness"]):
    """The probes of one API process; enter it before the first question."""

    def __init__(
        self,
        *,
        kafka: Mapping[str, Any],
        names: TopicNames,
        store: ProfileStore,
        follower: CatalogueFollower,
        erasures: ListFollower,
        presence: Presence,
    ) -> None:
        self._kafka = dict(kafka)
        self._names = names
        self._store = store
        self._follower = follower
        self._erasures = erasures
        self._presence = presence
        self._consumer: AIOKafkaConsumer | None = None
        self._asking = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._consumer is not None:
            await self._consumer.stop()

    def probes(self) -> Mapping[str, Probe]:
        """Answer each part's probe by its name."""
        return {
            "catalogue": self._catalogue,
            "erasures": self._listed,
            "redis": self._redis,
            "agents": self._agents,
        }

    async def _catalogue(self) -> str | None:
        return None if self._follower.caught_up else "still reading the catalogue topics"

    async def _listed(self) -> str | None:
        return None if self._erasures.caught_up else "still reading who was erased"

    async def _redis(self) -> str | None:
        await self._store.ping()
        return None

    async def _agents(self) -> str | None:
        """Agents have caught up when somebody folds every partition and the checkpoints are near the log's end."""
        async with self._asking:
            ends = await self._ends()
        alone = {str(partition) for partition in ends} - await self._presence.covered()
        if alone:
            return f"no worker folds {len(alone)} of {len(ends)} partitions"
        stored = await self._store.checkpoints(ends)
        lag = sum(max(0, end - (stored[partition] or 0)) for partition, end in ends.items())
        return None if lag <= LAG_LIMIT else f"{lag} records behind"

    async def _ends(self) -> dict[TopicPartition, int]:
        if self._consumer is None:
            self._consumer = await self._asking_consumer()
        partitions = self._consumer.assignment()
        ends = await self._consumer.end_offsets(partitions)
        return {TopicPartition(self._names.short(each.topic), each.partition): ends[each] for each in partitions}

    async def _asking_consumer(self) -> AIOKafkaConsumer:
        """Answer a consumer that knows every partition of the candidate topics, and reads none of them."""
        topics = [self._names.full(topic) for topic in CANDIDATE_TOPICS]
        consumer = AIOKafkaConsumer(*topics, **self._kafka, group_id=None, auto_offset_reset="latest")
        await consumer.start()
        consumer.pause(*consumer.assignment())
        return consumer
