"""More calls than can be answered in time: some are refused at once, so that the others are in time.

The queue of an asyncio process is what the loop finds ready when it comes round, and how long it took to come round is how long
everybody in it has waited. So a beat measures the queue, as CoDel does it: late for a moment is a burst and passes; late at every
beat for a tenth of a second is a standing queue. Then whoever has waited too long is refused, until the queue has been short for as long.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Final, Self

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import TooBusy, refusal_response
from api.metrics import Metrics
from api.outside import PROBES, SHED
from api.shortcut import Named

BEAT_S: Final = 0.005
STANDING_S: Final = 0.1
"""How long a queue stands until it counts as one, and how long it must have been short to count as gone."""
RETRY_AFTER: Final = 1
FEW: Final = 4
"""Calls of each beat that are never refused: where so few come, it is not their number that makes the process late."""
DEFAULT_LONGEST_WAIT: Final = 0.01
"""Seconds that a call may wait in a queue that stands."""

_line = structlog.get_logger("api.shedding")


class Pressure(AbstractAsyncContextManager["Pressure"]):
    """Whether calls have to wait longer than `target` seconds, all the time. Enter it to let it measure."""

    def __init__(self, *, target: float, metrics: Metrics, clock: Callable[[], float] = time.perf_counter) -> None:
        self._target = target
        self._metrics = metrics
        self._clock = clock
        self._due = clock() + BEAT_S
        self._taken = 0
        self._turning: float | None = None
        self._beating: asyncio.Task[None] | None = None
        self.shedding = False

    def beat(self) -> None:
        """Take note of how late this beat is; the next one is due a little later."""
        now = self._clock()
        late, self._due, self._taken = max(0.0, now - self._due), now + BEAT_S, 0
        self._metrics.wait.set(late)
        # Half of it, to go back: a queue that shedding keeps short would else let everybody in again every tenth of a second.
        standing = late > (self._target / 2 if self.shedding else self._target)
        if standing is self.shedding:
            self._turning = None
        elif self._turning is None:
            self._turning = now
        elif now - self._turning >= STANDING_S:
            self._turn()

    def takes(self) -> bool:
        """Say whether a call that comes to its turn now is to be answered; not when it waited too long in a queue that stands.

        Half the target: a call that is taken goes through the queue again after each of its waits.
        """
        waited = self._clock() - self._due + BEAT_S
        if self.shedding and waited > self._target / 2 and self._taken >= FEW:
            return False
        self._taken += 1
        return True

    def _turn(self) -> None:
        self.shedding, self._turning = not self.shedding, None
        _line.warning("shedding" if self.shedding else "shedding_over")

    async def _beat_on(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self.beat()

    async def __aenter__(self) -> Self:
        self._due = self._clock() + BEAT_S
        self._beating = asyncio.create_task(self._beat_on())
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating


class Shedding:
    """Answers 429 to calls that come too late, before they are read. Probes are always answered: a busy process is not a dead one."""

    def __init__(self, app: ASGIApp, *, pressure: Pressure) -> None:
        self._app = app
        self._pressure = pressure
        self._refusal = refusal_response(TooBusy("more calls than can be answered in time", retry_after=RETRY_AFTER))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in PROBES and not self._pressure.takes():
            scope["route"] = Named(SHED)
            await self._refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)
