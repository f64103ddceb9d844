"""Answers given of late, so that a request sent twice under one `requestId` gets one decision."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

SECONDS_KEPT = 600
_KEPT_HERE = 5_000
_PATIENCE = 0.005


def reply_key(*parts: str) -> str:
    """Answer the name of a reply: key, person and request id together, so that nobody is handed somebody else's."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


class Replies:
    """Remembers in this process for certain, in Redis as well as it can: no request waits for that."""

    def __init__(self, redis: Redis | None = None, namespace: str = "careers") -> None:
        self._redis = redis
        self._prefix = f"{namespace}:reply:"
        self._here: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._writing: set[asyncio.Task[None]] = set()

    async def recall(self, key: str) -> bytes | None:
        kept = self._here.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        if self._redis is None:
            return None
        try:
            async with asyncio.timeout(_PATIENCE):
                value: Any = await self._redis.get(self._prefix + key)
        except (RedisError, OSError, TimeoutError):
            return None
        return bytes(value) if value is not None else None

    def remember(self, key: str, reply: bytes) -> None:
        self._here[key] = (time.monotonic() + SECONDS_KEPT, reply)
        while len(self._here) > _KEPT_HERE:
            self._here.popitem(last=False)
        if self._redis is not None:
            writing = asyncio.create_task(self._write(self._redis, key, reply))
            self._writing.add(writing)
            writing.add_done_callback(self._writing.discard)

    async def _write(self, redis: Redis, key: str, reply: bytes) -> None:
        try:
            await redis.set(self._prefix + key, reply, ex=SECONDS_KEPT, nx=True)
        except (RedisError, OSError):
            return  # this process still knows
