"""How many records lie in the log and are not folded, looked at all the time by a process of its own.

`python -m tests.faults.lags BOOTSTRAP REDIS_URL PREFIX` says `ready`, looks until its input ends, and writes all that it saw.
"""

import asyncio
import subprocess
import sys
from types import TracebackType
from typing import Self

import orjson
from aiokafka import AIOKafkaConsumer

from profiles.redis_store import RedisStore
from schemas.topics import TopicNames
from tests.streaming import PLACES, ends_in

LOOK_S = 0.02


class Lags:
    """Enter it to have it look; `seen` holds afterwards what each look found."""

    def __init__(self, bootstrap: str, redis_url: str, prefix: str) -> None:
        self.seen: list[int] = []
        self._command = [sys.executable, "-m", "tests.faults.lags", bootstrap, redis_url, prefix]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        said, _ = self._process.communicate(timeout=60)
        self.seen = orjson.loads(said)


async def _looked(bootstrap: str, redis_url: str, prefix: str) -> list[int]:
    seen: list[int] = []
    names, store = TopicNames(prefix), RedisStore.open(redis_url, prefix)
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        print("ready", flush=True)
        ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        while not ended.done():
            folded = await store.checkpoints(PLACES)
            # Asked for afterwards: what comes in between counts as behind, so a lag looks larger than it is, never smaller.
            ends = await ends_in(consumer, names)
            seen.append(sum(end - (folded[each] or 0) for each, end in ends.items()))
            await asyncio.sleep(LOOK_S)
    await store.close()
    return seen


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(asyncio.run(_looked(*sys.argv[1:]))))
