"""A compacted topic, followed into a list in memory: who was erased, what was overridden."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import structlog

from schemas.topics import Topic, TopicNames
from streams.following import Fetched, Follower

log = structlog.get_logger("streams.list_follower")


class List(Protocol):
    """What the records go into."""

    def apply(self, key: str, value: bytes | None) -> None:
        """Take a record; ValueError or TypeError for one that is none."""
        ...


Book = TypeVar("Book", bound=List)

PATIENCE = 15.0
"""Seconds in which a list is read that is read once."""


class ListFollower(Follower):
    """Puts every record of a topic into a list. `kafka` are aiokafka's client options."""

    def __init__(self, kafka: Mapping[str, Any], names: TopicNames, topic: Topic, into: List) -> None:
        super().__init__(kafka, [names.full(topic)])
        self._into = into

    async def apply(self, fetched: Fetched) -> None:
        for partition, records in fetched.items():
            for record in records:
                try:
                    self._into.apply((record.key or b"").decode(), record.value)
                except (ValueError, TypeError):
                    log.warning("record_refused", topic=partition.topic)


async def read_list(kafka: Mapping[str, Any], names: TopicNames, topic: Topic, into: Book) -> Book:
    """Answer the list as it is now; TimeoutError when Kafka does not tell."""
    async with ListFollower(kafka, names, topic, into) as follower:
        await asyncio.wait_for(follower.wait_caught_up(), PATIENCE)
    return into
