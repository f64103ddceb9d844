"""Sends what is too long, too deep, too many and too slow, in a process of its own and from another address than visitors have.

`python -m tests.faults.attacker PORT KEY` attacks until its input ends, and writes what became of each kind of call, by status.
"""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from types import TracebackType
from typing import Self

import orjson

from tests.hostile import HOSTILE, a_post

A_SECOND = 4
"""Calls of each kind, at Poisson moments: they come from many hands."""
SLOW = 200
"""Connections that send a byte now and then and never come to an end."""
_FROM = ("127.0.0.2", 0)
_PATIENCE_S = 20.0
_TRICKLE_S = 1.0


class Attack:
    """Enter it to have it go on; `statuses` holds afterwards how often each kind of call was answered how, 0 where it was cut off."""

    def __init__(self, port: int, key: str) -> None:
        self.statuses: dict[str, dict[int, int]] = {}
        self._command = [sys.executable, "-m", "tests.faults.attacker", str(port), key]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        said, _ = self._process.communicate(timeout=60)
        told = orjson.loads(said)
        self.statuses = {name: {int(status): count for status, count in each.items()} for name, each in told.items()}


async def _attack(port: int, key: bytes) -> dict[str, Counter[str]]:
    seen: dict[str, Counter[str]] = {name: Counter() for name in HOSTILE}
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    async with asyncio.TaskGroup() as tasks:
        going = [tasks.create_task(_again(port, each.request(key), seen[name])) for name, each in HOSTILE.items()]
        going += [tasks.create_task(_trickle(port, key, number)) for number in range(SLOW)]
        await ended
        for task in going:
            task.cancel()
    return seen


async def _again(port: int, request: bytes, seen: Counter[str]) -> None:
    """Send a call again and again, each on a connection of its own."""
    chance = random.Random(len(request))
    while True:
        await asyncio.sleep(chance.expovariate(A_SECOND))
        seen[str(await _answered(port, request))] += 1


async def _answered(port: int, request: bytes) -> int:
    """Answer the status; 0 where the connection is cut while the call is still on its way."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=_FROM)
    writer.write(request)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return int((await reader.readuntil(b"\r\n")).split()[1])
    except (OSError, asyncio.IncompleteReadError):
        return 0
    finally:
        writer.close()


async def _trickle(port: int, key: bytes, number: int) -> None:
    """Keep a connection that sends half a call slowly; half of them begin with a head, half with a body."""
    head, _, rest = a_post(b"/v1/batch", b"{" + b" " * 900, key).partition(b"\r\n\r\n")
    begun, drop = (head, b"\r\nX-A: b") if number % 2 else (head + b"\r\n\r\n" + rest[:1], b" ")
    await asyncio.sleep(_TRICKLE_S * number / SLOW)
    while True:
        with suppress(OSError):  # it was cut off, as it has to be: begin again
            _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=_FROM)
            writer.write(begun)
            while not writer.is_closing():
                await asyncio.sleep(_TRICKLE_S)
                writer.write(drop)
                await writer.drain()
        await asyncio.sleep(_TRICKLE_S)


if __name__ == "__main__":
    told = asyncio.run(_attack(int(sys.argv[1]), b"Bearer " + sys.argv[2].encode()))
    sys.stdout.buffer.write(orjson.dumps(told))
