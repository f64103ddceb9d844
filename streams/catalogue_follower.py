"""The catalogue topics, followed into the catalogue in memory."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from catalog.index import Catalog
from schemas.content_json import content_from_json
from schemas.job_json import job_from_json
from schemas.members import MalformedMember
from schemas.topics import CATALOGUE_TOPICS, Topic, TopicNames
from streams.following import Fetched, Follower

SLICE = 8
"""Records applied before others on the event loop get their turn: some 1 ms."""

log = structlog.get_logger("streams.catalogue_follower")


class CatalogueFollower(Follower):
    """Puts postings and content into a catalogue. A record that is not an item is counted in `refused` and left out.

    `kafka` are aiokafka's client options. While records are applied, `turn` is held.
    """

    def __init__(
        self,
        kafka: Mapping[str, Any],
        names: TopicNames,
        catalog: Catalog,
        on_change: Callable[[], None] = lambda: None,
        *,
        turn: asyncio.Lock | None = None,
    ) -> None:
        super().__init__(kafka, [names.full(topic) for topic in CATALOGUE_TOPICS])
        self._names = names
        self._catalog = catalog
        self._on_change = on_change
        self._turn = turn or asyncio.Lock()
        self.refused = 0

    @property
    def catalog(self) -> Catalog:
        return self._catalog

    async def settle(self) -> None:
        if not self.caught_up:
            async with self._turn:
                self._catalog.settle()

    async def apply(self, fetched: Fetched) -> None:
        """Apply records; say so once when any of them changed something."""
        changed = False
        arrived = [(partition, record) for partition, records in fetched.items() for record in records]
        for start in range(0, len(arrived), SLICE):
            async with self._turn:
                for partition, record in arrived[start : start + SLICE]:
                    topic = self._names.short(partition.topic)
                    changed = self._applied(topic, record.key, record.value) or changed
            await asyncio.sleep(0)
        if changed:
            self._on_change()

    def _applied(self, topic: Topic, key: bytes | None, value: bytes | None) -> bool:
        try:
            name = _named(key)
            if topic is Topic.JOBS:
                return self._catalog.apply_job(name, None if value is None else job_from_json(value))
            return self._catalog.apply_content(name, None if value is None else content_from_json(value))
        except (MalformedMember, UnicodeDecodeError) as problem:
            self.refused += 1
            log.warning("catalogue_record_refused", topic=topic.value, problem=type(problem).__name__)
            return False


def _named(key: bytes | None) -> str:
    if not key:
        raise MalformedMember("", "has no key")
    return key.decode()
