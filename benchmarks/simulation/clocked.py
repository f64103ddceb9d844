"""`python -m benchmarks.simulation.clocked FILE VERB…`: `careerstream VERB…` by the simulation's time, which FILE tells.

What the product calls the time of day is moved (`time.time_ns`); waiting, timeouts and the servers go by the machine's clock. What a
worker reads of its store every few seconds (trails, counts) it reads when the simulation says so: else what a decision knows of others
would depend on how fast the machine is.
"""

import asyncio
import mmap
import struct
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from api import background

FORMAT = struct.Struct("<qqq")
"""Milliseconds since the epoch, how often the simulation said to read, how often something was read."""
READERS = 2
"""Of a worker: trails, and counts."""
_LOOK_SECONDS = 0.005


class Clock:
    """The moment that all processes of one simulation live in."""

    def __init__(self, file: Path, *, at: int | None = None) -> None:
        if at is not None:
            file.write_bytes(FORMAT.pack(at, 0, 0))
        with file.open("r+b") as opened:
            self._held = mmap.mmap(opened.fileno(), FORMAT.size)

    def set(self, at: int) -> None:
        self._write(0, at)

    def milliseconds(self) -> int:
        return self._read(0)

    def nanoseconds(self) -> int:
        return self.milliseconds() * 1_000_000

    def say_read(self) -> None:
        """Let every reader read once more."""
        self._write(1, self._read(1) + 1)

    def all_have_read(self) -> bool:
        """Say whether every reader has, at its start and as often as it was said."""
        return self._read(2) == READERS * (self._read(1) + 1)

    async def read_on(self, read: Callable[[], Awaitable[None]], *, seconds: float, unread: str) -> None:  # noqa: ARG002  # in place of `api.background.read_on`
        """Read at the start, and whenever it is said."""
        while True:
            said = self._read(1)
            await read()
            self._write(2, self._read(2) + 1)
            while self._read(1) == said:
                await asyncio.sleep(_LOOK_SECONDS)

    def _read(self, number: int) -> int:
        return int(FORMAT.unpack_from(self._held)[number])

    def _write(self, number: int, value: int) -> None:
        struct.pack_into("<q", self._held, 8 * number, value)


def main() -> None:
    clock = Clock(Path(sys.argv[1]))
    time.time_ns = clock.nanoseconds
    sys.argv = ["careerstream", *sys.argv[2:]]
    if sys.argv[1] == "worker":
        background.read_on = clock.read_on
    from careerstream.cli import main as careerstream

    careerstream()


if __name__ == "__main__":
    main()
