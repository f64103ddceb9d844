"""Whom each webhook holds as members: who was told that somebody entered is to hear that they left, whatever became of them meanwhile."""

from typing import Any, Protocol, cast

from redis.asyncio import Redis

from profiles.pseudonym import pseudonym
from profiles.redis_talk import asking
from streams.notices import Change


class Told(Protocol):
    """Remembers members by pseudonym. Every method may raise StoreUnavailable, and may be called twice."""

    async def holds(self, webhook: str, change: Change) -> bool:
        """Say whether a webhook was told that somebody entered, and not yet that they left."""
        ...

    async def note(self, webhook: str, change: Change) -> None:
        """Take a change that a webhook is being told (who entered) or has taken (who left)."""
        ...


class RedisTold:
    """One set for each webhook, outside the generations: a replay tells nobody anything."""

    def __init__(self, client: Redis, namespace: str = "careers") -> None:
        self._client = client
        self._prefix = f"{namespace}:told:"

    async def holds(self, webhook: str, change: Change) -> bool:
        with asking():
            return bool(await cast("Any", self._client.sismember(self._prefix + webhook, _member(change))))

    async def note(self, webhook: str, change: Change) -> None:
        put = self._client.sadd if change.entered else self._client.srem
        with asking():
            await cast("Any", put(self._prefix + webhook, _member(change)))


class MemoryTold:
    """For tests."""

    def __init__(self) -> None:
        self._kept: set[tuple[str, str]] = set()

    async def holds(self, webhook: str, change: Change) -> bool:
        return (webhook, _member(change)) in self._kept

    async def note(self, webhook: str, change: Change) -> None:
        put = self._kept.add if change.entered else self._kept.discard
        put((webhook, _member(change)))


def _member(change: Change) -> str:
    return f"{pseudonym(change.candidate)}/{change.segment}"
