"""A run of a Redis server lasts from its start to its end: what one acknowledged, the next may not have."""

import asyncio
import re
from typing import Any

import structlog
from redis.asyncio.connection import AbstractConnection, ConnectionPool

from profiles.store import StoreUnavailable

DOUBT = "it is not known yet whether this run of Redis has everything that was acknowledged"
_RUN = re.compile(r"run_id:(\w+)")

log = structlog.get_logger("careerstream.redis")


class VouchedPool(ConnectionPool):
    """Connections to the run that is vouched for, and to no other.

    A server that was restarted, restored or replaced by a replica is another run (its `run_id` says so), and may be older than what was
    acknowledged. A connection that leads to one is refused before anything is asked over it, all others are cut, and whoever asks hears
    StoreUnavailable until somebody vouches for a run.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(redis_connect_func=self._greet, **options)
        self.run: str | None = None
        self.doubted = asyncio.Event()
        self.doubted.set()

    def vouch(self, run: str) -> None:
        """Let connections to this run through."""
        self.run = run
        self.doubted.clear()

    async def get_connection(self, *names: Any, **options: Any) -> Any:
        if self.run is None:
            raise StoreUnavailable(DOUBT)
        return await super().get_connection(*names, **options)  # type: ignore[no-untyped-call]  # a decorated method of redis-py

    async def _greet(self, connection: AbstractConnection) -> None:
        await connection.on_connect()
        await connection.send_command("INFO", "server")
        met = _run_in(await connection.read_response())
        if met == self.run:
            return
        await connection.disconnect()
        if self.run is not None:
            log.warning("redis_doubted", run=met)
            self.run = None
            self.doubted.set()
            # A server that was replaced and still answers is older from now on.
            await self.disconnect()
        raise StoreUnavailable(DOUBT)


def _run_in(info: bytes | str) -> str:
    found = _RUN.search(info.decode() if isinstance(info, bytes) else info)
    if found is None:
        raise StoreUnavailable("Redis tells no run_id")
    return found[1]
