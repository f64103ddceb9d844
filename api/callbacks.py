"""Calling back whoever asked to be told how far a request is: each change of status, to each address, again until it is taken."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Protocol, cast

import orjson
import structlog
from redis.asyncio import Redis

from api.background import in_background
from api.errors import StoreAway
from api.opendsr import FINAL, SubjectRequests
from api.redis_asking import asking
from profiles.store import StoreUnavailable

_AWAY = "the queue of callbacks does not answer"

PAUSE = 1.0
LEASE_MS = 60_000
"""How long a process that takes a request on has it for itself; if it ends meanwhile, another one goes on."""
FIRST_PAUSE_MS, LONGEST_PAUSE_MS, GIVE_UP_MS = 1_000, 3_600_000, 3 * 86_400_000
_AT_ONCE = 20

log = structlog.get_logger("api.callbacks")


class Sender(Protocol):
    """Sends to somebody else's server, and only where that is allowed."""

    def problem(self, url: str) -> str | None:
        """Answer why nothing is sent there, None when it is."""
        ...

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        """Say whether it was taken; False when it was not, for whatever reason."""
        ...


class Queue(Protocol):
    """Requests whose callers are to be told something, by when. Every method may raise StoreAway."""

    async def put(self, name: str, at: int) -> None:
        """Have a request looked at at `at` (milliseconds), instead of when it was before."""
        ...

    async def take(self, now: int) -> list[str]:
        """Answer requests whose time has come, and keep them from others for a lease."""
        ...

    async def drop(self, name: str) -> None: ...

    async def give_up(self, name: str, at: int) -> None:
        """Look at a request no more, until somebody puts it again."""
        ...

    async def given_up(self) -> dict[str, int]:
        """Answer the requests that were given up, and when (milliseconds)."""
        ...


class NoSender:
    """Where no address is allowed."""

    def problem(self, _: str) -> str | None:
        return "nobody is called back here; leave them out and ask GET /v2/requests/{id}"

    async def send(self, *_: object) -> bool:
        return False


class Callbacks:
    """Tells; one in each API process, all of one queue. `on_given_up` hears how many addresses were not told in time."""

    def __init__(
        self,
        *,
        requests: SubjectRequests,
        queue: Queue,
        sender: Sender,
        clock: Callable[[], int],
        on_given_up: Callable[[int], object],
    ) -> None:
        self._requests = requests
        self._queue = queue
        self._sender = sender
        self._clock = clock
        self._on_given_up = on_given_up

    def problem(self, url: str) -> str | None:
        """Answer why nothing is sent there, None when it is."""
        return self._sender.problem(url)

    async def expect(self, name: str) -> None:
        """Have those who asked for it told of a request; may raise StoreAway."""
        await self._queue.put(name, self._clock())

    async def tell(self) -> None:
        """Tell what is due; may raise StoreAway or StoreUnavailable, and then goes on where it was."""
        for name in await self._queue.take(self._clock()):
            try:
                await self._tell(name)
            except (StoreAway, StoreUnavailable):
                raise
            except Exception:
                # Such as a house whose certificate is gone. It is tried again when the lease is over, and keeps nothing from others.
                log.exception("callback_failed", request=name)

    def telling(self) -> AbstractAsyncContextManager[None]:
        """Tell what is due, every second, until left."""
        return in_background(self._keep_telling())

    async def _keep_telling(self) -> None:
        while True:
            with suppress(StoreAway, StoreUnavailable):
                await self.tell()
            await asyncio.sleep(PAUSE)

    async def _tell(self, name: str) -> None:
        kept = await self._requests.find(name)
        if kept is None:
            await self._queue.drop(name)
            return
        body = await self._requests.told(name, kept)
        status = body["request_status"]
        told: dict[str, str] = kept["told"]
        for url in kept["callbacks"]:
            if told.get(url) != status and await self._sent(url, body):
                told[url] = status
        untold = [url for url in kept["callbacks"] if told.get(url) != status]
        late = self._clock() - kept["at"] > GIVE_UP_MS
        if late and untold:
            log.warning("callback_gave_up", request=name, status=status, addresses=len(untold))
            await self._requests.keep(name, {**kept, "given_up": untold})
            await self._queue.give_up(name, self._clock())
            self._on_given_up(len(untold))
            return
        if late or (status in FINAL and not untold):
            await self._requests.keep(name, kept)
            await self._queue.drop(name)
            return
        kept["tries"] = kept["tries"] + 1 if untold else 0
        await self._requests.keep(name, kept)
        await self._queue.put(name, self._clock() + min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << min(kept["tries"], 20)))

    async def _sent(self, url: str, body: Mapping[str, Any]) -> bool:
        said = orjson.dumps({**body, "status_callback_url": url})
        headers = {"Content-Type": "application/json", **self._requests.processor.headers(said)}
        return await self._sender.send(url, said, headers)


_TAKE = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, name in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], name) end
return due
"""


class RedisQueue:
    """Two sorted sets by time: what is to be told, and what was given up."""

    def __init__(self, client: Redis, namespace: str = "careers") -> None:
        self._client = client
        self._key = f"{namespace}:callbacks"
        self._given_up = f"{namespace}:callbacks-given-up"

    async def put(self, name: str, at: int) -> None:
        await self._move(name, at, self._key, self._given_up)

    async def take(self, now: int) -> list[str]:
        with asking(_AWAY):
            due = await cast(
                "Any", self._client.eval(_TAKE, 1, self._key, str(now), str(now + LEASE_MS), str(_AT_ONCE))
            )
        return [name.decode() for name in due]

    async def drop(self, name: str) -> None:
        with asking(_AWAY):
            async with self._client.pipeline() as both:
                both.zrem(self._key, name)
                both.zrem(self._given_up, name)
                await both.execute()

    async def give_up(self, name: str, at: int) -> None:
        await self._move(name, at, self._given_up, self._key)

    async def given_up(self) -> dict[str, int]:
        with asking(_AWAY):
            found = await cast("Any", self._client.zrange(self._given_up, 0, -1, withscores=True))
        return {name.decode(): int(at) for name, at in found}

    async def _move(self, name: str, at: int, to: str, out_of: str) -> None:
        with asking(_AWAY):
            async with self._client.pipeline() as both:
                both.zadd(to, {name: at})
                both.zrem(out_of, name)
                await both.execute()


class MemoryQueue:
    """For dry runs, the demo and tests."""

    def __init__(self) -> None:
        self.at: dict[str, int] = {}
        self._given_up: dict[str, int] = {}

    async def put(self, name: str, at: int) -> None:
        self._given_up.pop(name, None)
        self.at[name] = at

    async def take(self, now: int) -> list[str]:
        due = [name for name, at in self.at.items() if at <= now]
        self.at.update(dict.fromkeys(due, now + LEASE_MS))
        return due

    async def drop(self, name: str) -> None:
        self.at.pop(name, None)
        self._given_up.pop(name, None)

    async def give_up(self, name: str, at: int) -> None:
        self.at.pop(name, None)
        self._given_up[name] = at

    async def given_up(self) -> dict[str, int]:
        return dict(self._given_up)
