"""A worker that stands still while there is work ends itself: a restart is safe, a standstill is not."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from faust.types import TP

from streams.app import EXIT_CODE, CareerApp
from streams.shift import Shift

STANDSTILL = 30.0
_LOOK = 3.0
_ASK = 2.0

log = structlog.get_logger("streams.watchdog")


async def watch(
    app: CareerApp,
    shift: Shift,
    exit_: Callable[[int], Any],
    *,
    kafka_answers: Callable[[], Awaitable[bool]],
    standstill: float = STANDSTILL,
    look: float = _LOOK,
) -> None:
    """Look at progress every few seconds; a store or a Kafka that is known to be away is no standstill."""
    seen: object = None
    since = time.monotonic()
    while True:
        await asyncio.sleep(look)
        progress = (shift.progress, await _read_up_to(app))
        stands = progress == seen and not shift.patience.waiting
        # How far there is to go a consumer knows by heart: it would go on saying so while Kafka is away.
        if not (stands and (shift.working or await _is_behind(app, progress[1])) and await kafka_answers()):
            seen, since = progress, time.monotonic()
        elif time.monotonic() - since > standstill:
            log.critical("standstill", seconds=round(time.monotonic() - since), at=str(progress[0][0])[:400])
            exit_(EXIT_CODE)
            return


async def _read_up_to(app: CareerApp) -> dict[TP, int | None]:
    """Answer Kafka's own positions: they pass the markers of transactions, which no record ever shows."""
    try:
        async with asyncio.timeout(_ASK):
            return {tp: await app.consumer.position(tp) for tp in app.consumer.assignment()}
    except Exception:  # noqa: BLE001  # between two assignments nobody can say: then there is nothing to compare
        return {}


async def _is_behind(app: CareerApp, positions: dict[TP, int | None]) -> bool:
    try:
        async with asyncio.timeout(_ASK):
            ends = await app.consumer.highwaters(*positions) if positions else {}
    except Exception:  # noqa: BLE001  # between two assignments there is nothing to be behind of
        return False
    return any(end > (positions.get(tp) or 0) for tp, end in ends.items())
