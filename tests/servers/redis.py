"""The Redis that the tests run against: always a real redis-server, with the persistence that production has."""

from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from deploy.embedded.process import Process, free_port
from deploy.embedded.redis import redis_server

_START_S = 60.0
_STOP_S = 30.0


class RedisServer:
    """One server. After `stop` or `kill`, `start` brings it back on the same port with the same data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        address = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder)]
        # Every write is on disk before it is answered: what a test saw acknowledged must be there after a kill.
        keeps = ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction"]
        self._command = [redis_server(), *address, *keeps]
        self._process = Process("Redis", self._command, log=self.log)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def log(self) -> Path:
        return self.folder / "redis.log"

    def start(self, *more: str) -> Self:
        """Return when it answers and has read its data. `more` are arguments for this life of it."""
        self._process = Process("Redis", [*self._command, *more], log=self.log)
        self._process.start(ready=self._answers, deadline_s=_START_S)
        return self

    def stop(self) -> None:
        self._process.stop(grace_s=_STOP_S)

    def kill(self) -> None:
        self._process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """It keeps its connections and answers nothing, until `resume`."""
        self._process.pause()

    def resume(self) -> None:
        self._process.resume()

    def emptied(self, database: int) -> str:
        """Answer the address of one of its sixteen databases, with nothing in it."""
        address = f"redis://127.0.0.1:{self.port}/{database}"
        with redis.Redis.from_url(address) as client:
            client.flushdb()
        return address

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
