"""Work beside the answering: for as long as a context is entered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import structlog

from profiles.store import StoreUnavailable

T = TypeVar("T")

log = structlog.get_logger("api.background")


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Hold a task that does the work; left, it is cancelled, and what it failed with is raised."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def read_on(read: Callable[[], Awaitable[None]], *, seconds: float, unread: str) -> None:
    """Read from the store again and again; while it is away the last reading stands, and `unread` is logged."""
    while True:
        try:
            await read()
        except StoreUnavailable as away:
            log.warning(unread, problem=str(away))
        await asyncio.sleep(seconds)


async def in_thread(work: Callable[[], T], *, turn: asyncio.Lock) -> T:
    """Do work in a thread and hold `turn` until it is done, even where nobody waits for it any more."""
    async with turn:
        working = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.wait([working])
            raise
