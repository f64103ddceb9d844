"""More calls than can be answered in time: some are refused at once, so that the others are in time.

By Little's law a call that is taken waits as long as it takes to finish those under way. So their number is bound, as concurrency limits
do it, to what is finished within the longest wait; and to a few times as much while the queue does not stand, as CoDel has it, for a
burst passes by itself. The bound holds only while the event loop is late: who waits for Redis or Kafka keeps nobody from the processor.
"""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from typing import Final, Self

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from api.aside import LEAVES
from api.errors import TooBusy, refusal_response
from api.metrics import Metrics
from api.outside import PROBES, SHED
from api.shortcut import Named

BEAT_S: Final = 0.005
STANDING_S: Final = 0.1
"""Over how long lateness, calls under way and calls finished are averaged; who is under way for longer waits for something else."""
OVER_S: Final = 1.0
"""How long nobody was refused when it is told that shedding is over."""
RETRY_AFTER: Final = 1
FEW: Final = 8
"""Calls under way that are never too many: a browser opens six connections, and it is not so few calls that make a process late."""
BURST: Final = 4
"""How many times the longest wait a call may wait in a queue that does not stand."""
LATE: Final = 0.1
"""Share of the longest wait that a loop with time to spare is not late by, on average."""
DEFAULT_LONGEST_WAIT: Final = 0.01
"""Seconds that a call may wait in a queue that stands."""

_line = structlog.get_logger("api.shedding")


class Pressure(AbstractAsyncContextManager["Pressure"]):
    """How many calls are under way, and whether one more would wait longer than `target` seconds. Enter it to let it measure."""

    def __init__(self, *, target: float, metrics: Metrics, clock: Callable[[], float] = time.perf_counter) -> None:
        self._target = target
        self._metrics = metrics
        self._clock = clock
        self._under_way: dict[int, float] = {}
        self._calls = 0
        self._beat_at = self._busy_since = clock()
        self._refused_at = -math.inf
        self._late = self._queue = 0.0
        self._finished = self._busy = 0.0
        """Calls, and the seconds in which there were any; both fade."""
        self._room = math.inf
        self._stands = False
        self._beating: asyncio.Task[None] | None = None
        self.shedding = False

    def begin(self) -> int | None:
        """Take a call and answer its number, for `finish`; None when it would wait too long."""
        now = self._clock()
        self._let_go(now)
        if len(self._under_way) >= self._most():
            self._refused_at = now
            return None
        if not self._under_way:
            self._busy_since = now
        self._calls += 1
        self._under_way[self._calls] = now
        return self._calls

    def finish(self, number: int) -> None:
        """Count a call no longer; again, or after it waited for something else, is fine."""
        if self._under_way.pop(number, None) is not None:
            self._finished += 1
            if not self._under_way:
                self._busy += self._clock() - self._busy_since

    def beat(self) -> None:
        """Take note of how late this beat is, how many calls are under way, and how fast they are finished."""
        now = self._clock()
        passed, self._beat_at = now - self._beat_at, now
        late, weight = max(0.0, passed - BEAT_S), 1 - math.exp(-passed / STANDING_S)
        self._metrics.wait.set(late)
        self._let_go(now)
        self._late += weight * (late - self._late)
        self._queue += weight * (len(self._under_way) - self._queue)
        self._measure(now)
        # Half of it, to go back: a queue that shedding keeps short would else let everybody in again every tenth of a second.
        self._stands = self._queue > (self._room / 2 if self._stands else self._room)
        if self.shedding is not (now - self._refused_at < OVER_S):
            self.shedding = not self.shedding
            _line.warning("shedding" if self.shedding else "shedding_over")

    def _most(self) -> float:
        """Answer how many may be under way."""
        if self._late < LATE * self._target:
            return math.inf
        return self._room if self._stands else BURST * self._room

    def _measure(self, now: float) -> None:
        """Learn how many calls are finished within the longest wait, from the moments in which there were any."""
        if self._under_way:
            self._busy += now - self._busy_since
            self._busy_since = now
        if self._busy > STANDING_S:
            self._room = max(FEW, self._target * self._finished / self._busy)
            self._finished *= STANDING_S / self._busy
            self._busy = STANDING_S

    def _let_go(self, now: float) -> None:
        """Count no longer who is under way for so long that it must be for something else."""
        while self._under_way:
            oldest = next(iter(self._under_way))
            if now - self._under_way[oldest] < STANDING_S:
                break
            del self._under_way[oldest]

    async def _beat_on(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self.beat()

    async def __aenter__(self) -> Self:
        self._beat_at = self._clock()
        self._beating = asyncio.create_task(self._beat_on())
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating


class Shedding:
    """Answers 429 to calls that come too late, before they are read.

    Probes are always answered: a busy process is not a dead one. So is what a page is made of: no browser asks again for a module that it
    was refused, and without it the page stays dead.
    """

    def __init__(self, app: ASGIApp, *, pressure: Pressure) -> None:
        self._app = app
        self._pressure = pressure
        self._refusal = refusal_response(TooBusy("more calls than can be answered in time", retry_after=RETRY_AFTER))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES or _of_a_page(scope):
            await self._app(scope, receive, send)
            return
        number = self._pressure.begin()
        if number is None:
            scope["route"] = Named(SHED)
            await self._refusal(scope, receive, send)
            return
        finish = partial(self._pressure.finish, number)
        LEAVES.set(finish)
        try:
            await self._app(scope, receive, send)
        finally:
            finish()


def _of_a_page(scope: Scope) -> bool:
    return scope["method"] == "GET" and not scope["path"].startswith("/v1/")
