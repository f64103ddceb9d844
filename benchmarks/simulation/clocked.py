"""`python -m benchmarks.simulation.clocked FILE VERB…`: `careerstream VERB…` by the simulation's time, eight bytes of milliseconds in FILE.

Only what the product calls the time of day is moved (`time.time_ns`); waiting, timeouts and the servers go by the machine's clock.
"""

import mmap
import struct
import sys
import time
from pathlib import Path

FORMAT = struct.Struct("<q")


class Clock:
    """The moment that all processes of one simulation live in."""

    def __init__(self, file: Path, *, at: int | None = None) -> None:
        if at is not None:
            file.write_bytes(FORMAT.pack(at))
        with file.open("r+b") as opened:
            self._held = mmap.mmap(opened.fileno(), FORMAT.size)

    def set(self, at: int) -> None:
        FORMAT.pack_into(self._held, 0, at)

    def milliseconds(self) -> int:
        return int(FORMAT.unpack_from(self._held)[0])

    def nanoseconds(self) -> int:
        return self.milliseconds() * 1_000_000


def main() -> None:
    time.time_ns = Clock(Path(sys.argv[1])).nanoseconds
    sys.argv = ["careerstream", *sys.argv[2:]]
    from careerstream.cli import main as careerstream

    careerstream()


if __name__ == "__main__":
    main()
