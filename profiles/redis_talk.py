"""Talking with Redis about one generation: what is read says which generation it was read from, what fails says whether to ask again."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha1
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import (
    ClusterDownError,
    MasterDownError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from profiles.redis_layout import Call, Layout, command_bytes, packed
from profiles.redis_line import Line
from profiles.store import StoreUnavailable

SCAN = 1000
"""Keys of one step of a walk."""
# What a server says when it will work again later. The client makes classes of some words and takes them out of the message;
# the others stand at its beginning, inside a script's error in the middle.
_PASSING_ERRORS = (ClusterDownError, MasterDownError, OutOfMemoryError, ReadOnlyError, TryAgainError)
_PASSING = ("LOADING", "READONLY", "OOM", "NOREPLICAS", "MISCONF", "MASTERDOWN", "BUSY", "CLUSTERDOWN", "TRYAGAIN")

_FIRST_GENERATION = b"""
local live = redis.call('GET', KEYS[1])
if not live then
  live = 'g' .. redis.call('INCR', KEYS[2])
  redis.call('SADD', KEYS[3], live)
  redis.call('SET', KEYS[1], live)
end
return live
"""


class Talk:
    """Asks about the live generation, or about the one that is being `building`."""

    def __init__(self, client: Redis, layout: Layout, building: str | None) -> None:
        self._client = client
        self._layout = layout
        self._building = building
        self._line = Line(client.connection_pool)
        self._live: str | None = None

    async def generation(self) -> str:
        """Ask for the generation's name; the first one is made if there is none."""
        if self._building:
            return self._building
        layout = self._layout
        live = await self.script(_FIRST_GENERATION, Call([layout.pointer, layout.counter, layout.generations], []))
        self._live = live.decode()
        return self._live

    async def known_generation(self) -> str:
        """Answer the generation as it was known last; asks only when none was."""
        return self._building or self._live or await self.generation()

    def forget(self) -> None:
        """The live generation is another one now."""
        self._live = None

    async def mget(self, keys: Callable[[str], list[str]]) -> list[bytes | None]:
        """Read keys of the generation."""
        return cast("list[bytes | None]", await self.read(lambda generation: (b"MGET", *keys(generation))))

    async def read(self, command: Callable[[str], tuple[str | bytes, ...]]) -> Any:
        """Ask one thing about the generation; that it still is the live one is read with it."""
        pointer_asked = command_bytes(b"GET", self._layout.pointer)
        while True:
            generation = await self.known_generation()
            with asking():
                pointer, answer = await self._line.ask(pointer_asked, command_bytes(*command(generation)))
            if self._building or pointer == generation.encode():
                return answer
            self.forget()

    async def ask(self, fill: Callable[[Pipeline, str], Any]) -> list[Any]:
        """Send commands about the generation in one round trip; sent again when it turns out to be another one."""
        while True:
            generation = await self.known_generation()
            with asking():
                async with self._client.pipeline(transaction=False) as pipe:
                    pipe.get(self._layout.pointer)
                    fill(pipe, generation)
                    pointer, *answers = await pipe.execute()
            if self._building or pointer == generation.encode():
                return answers
            self.forget()

    async def script(self, source: bytes, call: Call) -> Any:
        request = packed(b"EVALSHA", call, _sha(source))
        with asking():
            try:
                return await self._exchange(request)
            except NoScriptError:
                # A restarted Redis, or a replica that took over, knows no scripts.
                await self._client.script_load(source.decode())
                return await self._exchange(request)

    async def scan(self, pattern: str) -> AsyncIterator[bytes]:
        """Walk over keys, each at least once."""
        with asking():
            async for key in self._client.scan_iter(match=pattern, count=SCAN):
                yield key

    async def _exchange(self, request: bytes) -> Any:
        """Send a packed command; once more over another connection when that one turns out to be stale."""
        pool = self._client.connection_pool
        connection = await pool.get_connection()
        try:
            try:
                return await _answered(connection, request)
            except RedisConnectionError:
                await connection.disconnect()
                return await _answered(connection, request)
        finally:
            await pool.release(connection)


@contextmanager
def asking() -> Iterator[None]:
    """Turn what passes by itself into StoreUnavailable."""
    try:
        yield
    except (RedisConnectionError, RedisTimeoutError, OSError) as error:
        raise StoreUnavailable(f"Redis is away: {type(error).__name__}") from error
    except ResponseError as error:
        if isinstance(error, _PASSING_ERRORS) or any(word in str(error) for word in _PASSING):
            raise StoreUnavailable(f"Redis refuses for now: {str(error)[:80]}") from error
        raise


async def _answered(connection: Any, request: bytes) -> Any:
    await connection.send_packed_command(request)
    return await connection.read_response()


@cache
def _sha(source: bytes) -> str:
    return sha1(source, usedforsecurity=False).hexdigest()
