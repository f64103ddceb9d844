"""Waiting for a store that is away: back off and ask again, and say how long that has been going on."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from profiles.store import StoreUnavailable

_FIRST, _LONGEST = 0.05, 1.0
_Answer = TypeVar("_Answer")

log = structlog.get_logger("streams.store")


class Patience:
    """Asks until the store answers. `waiting` is true meanwhile: the watchdog does not take that for a standstill."""

    def __init__(self) -> None:
        self.waiting = False

    async def ask(self, question: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """Answer what the store answers, however long it stays away."""
        pause, since = _FIRST, time.monotonic()
        try:
            while True:
                try:
                    return await question()
                except StoreUnavailable as away:
                    if not self.waiting:
                        log.warning("store_away", problem=str(away))
                    self.waiting = True
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST)
        finally:
            if self.waiting:
                self.waiting = False
                log.info("store_back", seconds=round(time.monotonic() - since, 1))
