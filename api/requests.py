"""Requests of people about their data: what was asked when, and how far it is; kept without saying who asked."""

from collections.abc import Mapping
from typing import Any, Protocol

import orjson
from redis.asyncio import Redis

from api.redis_asking import asking

_AWAY = "the store of requests does not answer"


class Requests(Protocol):
    """Remembers requests by their id. Every method may raise StoreAway."""

    async def keep(self, name: str, request: Mapping[str, Any]) -> None: ...

    async def find(self, name: str) -> dict[str, Any] | None: ...


class RedisRequests:
    """In Redis, outside the generations, for as long as the privacy file says."""

    def __init__(self, client: Redis, namespace: str = "careers", *, keep_ms: int) -> None:
        self._client = client
        self._prefix = f"{namespace}:request:"
        self._keep_ms = keep_ms

    async def keep(self, name: str, request: Mapping[str, Any]) -> None:
        with asking(_AWAY):
            await self._client.set(self._prefix + name, orjson.dumps(dict(request)), px=self._keep_ms)

    async def find(self, name: str) -> dict[str, Any] | None:
        with asking(_AWAY):
            value = await self._client.get(self._prefix + name)
        return None if value is None else dict(orjson.loads(value))


class MemoryRequests:
    """For dry runs, the demo and tests."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Any]] = {}

    async def keep(self, name: str, request: Mapping[str, Any]) -> None:
        self._kept[name] = dict(request)

    async def find(self, name: str) -> dict[str, Any] | None:
        return self._kept.get(name)
