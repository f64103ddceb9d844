"""The load client: requests at full speed (closed loop) or at a rate that does not wait for answers (open loop).

It runs in a process of its own: `python -m benchmarks.load` reads a Load as JSON, writes `ready`, begins when a line
comes in and writes an Outcome as JSON. In the open loop a latency counts from the moment the request should have been
sent, so a server that stalls cannot hide the requests which it kept waiting.
"""

import asyncio
import os
import random
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from http import HTTPStatus

import orjson
import uvloop

from benchmarks.http_client import Answer, Connection, connect

SEED = 7


@dataclass(frozen=True, slots=True)
class Load:
    """What to send. `rate` is requests a second at Poisson moments, None the closed loop; `warm_up` is not counted."""

    port: int
    requests: tuple[bytes, ...]
    connections: int
    seconds: float
    warm_up: float = 0.5
    rate: float | None = None
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: milliseconds until each 200, answers by status (0: none), and how busy the client itself was."""

    latencies: list[float]
    statuses: dict[str, int]
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def failures(self) -> int:
        return sum(count for status, count in self.statuses.items() if status != "200")

    @property
    def busy(self) -> float:
        """Answer the share of a core that the client took: near 1 it measures itself."""
        return self.cpu_seconds / self.seconds


class Running:
    """A load client's process: connected when made, under way after `begin`."""

    def __init__(self, load: Load) -> None:
        body = asdict(load) | {"requests": [request.decode("latin-1") for request in load.requests]}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._write(orjson.dumps(body) + b"\n")
        if self._line().strip() != b"ready":
            raise RuntimeError("the load client could not connect")

    def begin(self) -> None:
        self._write(b"begin\n")

    def outcome(self) -> Outcome:
        """Wait for the end and answer what came back."""
        line = self._line()
        self._reap()
        return Outcome(**orjson.loads(line))

    def stop(self) -> None:
        self._process.kill()
        self._reap()

    def _reap(self) -> None:
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _write(self, line: bytes) -> None:
        if self._process.stdin is None:
            raise RuntimeError("started without a pipe")
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def _line(self) -> bytes:
        return self._process.stdout.readline() if self._process.stdout else b""


def sent(load: Load) -> Outcome:
    """Run a load in a process of its own from begin to end."""
    running = Running(load)
    running.begin()
    return running.outcome()


async def drive(load: Load, connections: Sequence[Connection]) -> Outcome:
    """Send the load over the connections of this process."""
    drill = _OpenLoop(load, connections) if load.rate else _ClosedLoop(load, connections)
    return await drill.run()


class _Drill(ABC):
    """Counts answers; how requests are timed is the subclass's matter."""

    def __init__(self, load: Load, connections: Sequence[Connection]) -> None:
        self.load = load
        self.connections = connections
        self.latencies: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.finished = asyncio.get_running_loop().create_future()
        self.open = len(connections)
        self.sent = 0

    async def run(self) -> Outcome:
        self.begin = time.perf_counter() + self.load.warm_up
        self.end = self.begin + self.load.seconds
        cpu = time.process_time()
        self.start()
        await self.finished
        taken = time.perf_counter() - (self.begin - self.load.warm_up)
        share = (time.process_time() - cpu) / taken
        return Outcome(self.latencies, dict(self.statuses), self.load.seconds, share * self.load.seconds)

    @abstractmethod
    def start(self) -> None: ...

    def next_request(self) -> bytes:
        request = self.load.requests[self.sent % len(self.load.requests)]
        self.sent += 1
        return request

    def count(self, answer: Answer | None, since: float, now: float) -> None:
        self.statuses[str(answer.status) if answer else "0"] += 1
        if answer is not None and answer.status == HTTPStatus.OK:
            self.latencies.append((now - since) * 1000)


class _ClosedLoop(_Drill):
    """Each connection sends its next request when it has its answer."""

    def start(self) -> None:
        for connection in self.connections:
            self._send(connection)

    def _send(self, connection: Connection) -> None:
        connection.on_answer = partial(self._answered, connection, time.perf_counter())
        connection.send(self.next_request())

    def _answered(self, connection: Connection, since: float, answer: Answer | None) -> None:
        now = time.perf_counter()
        if self.begin <= now < self.end:
            self.count(answer, since, now)
        if answer is None or now >= self.end:
            self.open -= 1
            if not self.open:
                self.finished.set_result(None)
        else:
            self._send(connection)


class _OpenLoop(_Drill):
    """Requests are due at moments drawn beforehand; one that finds no idle connection waits, and its latency grows."""

    def start(self) -> None:
        self.idle = deque(self.connections)
        self.waiting: deque[float] = deque()
        self.due = deque(_moments(self.load, self.begin - self.load.warm_up, self.end))
        self.under_way = len(self.due)
        # epoll and libuv wait whole milliseconds: half of what we measure. A sleeping thread is exact to 0.1 ms.
        self.bell = os.eventfd(0)
        asyncio.get_running_loop().add_reader(self.bell, self._rung)
        threading.Thread(target=_ring, args=(self.bell, tuple(self.due)), daemon=True).start()

    def _rung(self) -> None:
        os.eventfd_read(self.bell)
        now = time.perf_counter()
        while self.due and self.due[0] <= now:
            self.waiting.append(self.due.popleft())
        self._send_waiting()

    def _send_waiting(self) -> None:
        while self.waiting and self.idle:
            connection = self.idle.popleft()
            connection.on_answer = partial(self._answered, connection, self.waiting.popleft())
            connection.send(self.next_request())

    def _answered(self, connection: Connection, since: float, answer: Answer | None) -> None:
        now = time.perf_counter()
        if since >= self.begin:
            self.count(answer, since, now)
        self.under_way -= 1
        if answer is None:
            self.open -= 1
        else:
            self.idle.append(connection)
        if not self.under_way or not self.open:
            asyncio.get_running_loop().remove_reader(self.bell)
            self.finished.set_result(None)
        else:
            self._send_waiting()


def _moments(load: Load, begin: float, end: float) -> list[float]:
    """Answer Poisson moments: real visitors do not come evenly, and an even stream hides queues."""
    chance = random.Random(SEED)
    moments, at = [], begin
    while load.rate and (at := at + chance.expovariate(load.rate)) < end:
        moments.append(at)
    return moments


def _ring(bell: int, moments: Sequence[float]) -> None:
    for moment in moments:
        wait = moment - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        os.eventfd_write(bell, 1)


async def _main() -> None:
    body = orjson.loads(sys.stdin.buffer.readline())
    load = Load(**body | {"requests": tuple(request.encode("latin-1") for request in body["requests"])})
    connections = [await connect(load.host, load.port) for _ in range(load.connections)]
    print("ready", flush=True)
    sys.stdin.buffer.readline()
    outcome = await drive(load, connections)
    sys.stdout.buffer.write(orjson.dumps(asdict(outcome)) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    uvloop.run(_main())
