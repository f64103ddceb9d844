"""How many partitions a topic has, and so in which of them a key lies."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Self

from api.errors import LogAway
from api.log import EventLog
from schemas.partitions import partition_of
from schemas.topics import CANDIDATE_TOPICS, Topic

_RETRY = 0.5
_RENEWAL = 60.0
_TOPICS = (Topic.DECISIONS, *CANDIDATE_TOPICS)


class Partitions(AbstractAsyncContextManager["Partitions"]):
    """Knows how many partitions each topic has, as of a minute ago; nobody waits for the answer."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._counts: dict[Topic, int] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._learn())
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def of(self, topic: Topic, key: str) -> int | None:
        """Answer the partition of a key in a topic, None while Kafka has not told."""
        count = self._counts.get(topic)
        return partition_of(key.encode(), count) if count else None

    async def _learn(self) -> None:
        while True:
            try:
                for topic in _TOPICS:
                    self._counts[topic] = await self._log.partitions(topic)
            except LogAway:
                await asyncio.sleep(_RETRY)
            else:
                await asyncio.sleep(_RENEWAL)
