"""Which messages were acknowledged during the last 24 hours, so that a batch sent again does not enter the log again.

A message is marked only after Kafka acknowledged it, with its position as the mark's value:

- the process dies before the mark: the sender got no answer, sends again, and the message is appended twice; the ring
  of ids in its section drops the second. A mark set *before* would swallow what never reached the log, behind a 200.
- two calls with one message at the same time: both append, and the ring drops one.
- Redis is away: nothing is recalled or marked, and the ring does all the work. Nobody waits: after a failure Redis is
  left alone for a second.
- a repeated message is answered with its first position, so `after` still waits for it.
"""

import asyncio
import base64
import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Protocol, cast

import structlog
from redis.exceptions import RedisError

from profiles.redis_layout import command_bytes
from profiles.redis_line import Line

SECONDS_KEPT = 86_400
_PATIENCE = 0.1
_PAUSE = 1.0

_line = structlog.get_logger("api.seen")


class SeenMessages(Protocol):
    """Remembers acknowledged messages; forgetting is allowed, inventing is not. Never raises."""

    async def recall(self, marks: Sequence[bytes]) -> list[bytes | None]:
        """Answer what was remembered with each mark, None for what was never seen or cannot be told."""
        ...

    def remember(self, positions: Mapping[bytes, bytes]) -> None:
        """Keep each mark's value for 24 hours; nobody waits until it is kept."""
        ...


def mark_of(source: str, message_id: str) -> bytes:
    """Answer a short name for a message of a source: two sources may use the same ids."""
    return base64.b85encode(hashlib.blake2b(f"{source}\0{message_id}".encode(), digest_size=16).digest())


class RedisSeen:
    """Marks in Redis, outside the generations: they speak of the log, not of what was folded."""

    def __init__(self, line: Line, namespace: str = "careers") -> None:
        self._line = line
        self._prefix = f"{namespace}:seen:".encode()
        self._paused_until = 0.0
        self._writing: set[asyncio.Task[None]] = set()

    async def recall(self, marks: Sequence[bytes]) -> list[bytes | None]:
        if not marks or time.monotonic() < self._paused_until:
            return [None] * len(marks)
        try:
            async with asyncio.timeout(_PATIENCE):
                (values,) = await self._line.ask(command_bytes(b"MGET", *[self._prefix + mark for mark in marks]))
                return cast("list[bytes | None]", values)
        except (RedisError, OSError, TimeoutError) as error:
            self._pause(error)
            return [None] * len(marks)

    def remember(self, positions: Mapping[bytes, bytes]) -> None:
        if positions and time.monotonic() >= self._paused_until:
            # On the line before whatever is recalled next, so this process forgets nothing in between.
            writing = asyncio.create_task(self._write(positions))
            self._writing.add(writing)
            writing.add_done_callback(self._writing.discard)

    async def _write(self, positions: Mapping[bytes, bytes]) -> None:
        kept = b"%d" % SECONDS_KEPT
        commands = [
            command_bytes(b"SET", self._prefix + mark, position, b"EX", kept, b"NX")
            for mark, position in positions.items()
        ]
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._line.ask(*commands)
        except (RedisError, OSError, TimeoutError) as error:
            self._pause(error)

    def _pause(self, error: Exception) -> None:
        _line.warning("redis_away", error=type(error).__name__)
        self._paused_until = time.monotonic() + _PAUSE


class MemorySeen:
    """Marks of one process, the newest `limit`."""

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._positions: OrderedDict[bytes, bytes] = OrderedDict()

    async def recall(self, marks: Sequence[bytes]) -> list[bytes | None]:
        return [self._positions.get(mark) for mark in marks]

    def remember(self, positions: Mapping[bytes, bytes]) -> None:
        for mark, position in positions.items():
            self._positions.setdefault(mark, position)
        while len(self._positions) > self._limit:
            self._positions.popitem(last=False)
