"""Who waits for an event to be in the profile: one subscription a process, any number of waiters."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from types import TracebackType
from typing import Self

from profiles.store import ProfileStore, StoreUnavailable, TopicPartition
from schemas.messages import CandidateId

POLL_LISTENING = 0.25
"""Seconds between two looks at the store while announcements come in: they may be lost, a look is not."""
POLL_DEAF = 0.02
"""Seconds between two looks while they don't."""
_PAUSE = 0.5

_Waiter = asyncio.Future[None]
OnAnswered = Callable[[Collection[CandidateId]], None]
"""Hears whom it concerns what was said about consent."""


class AppliedFeed(AbstractAsyncContextManager["AppliedFeed"]):
    """Wakes waiters when the store announces; asks the store when it stays silent. Enter it before waiting."""

    def __init__(self, store: ProfileStore, on_answered: OnAnswered = lambda _: None) -> None:
        self._store = store
        self._on_answered = on_answered
        self._following: dict[TopicPartition, int] = {}
        self._applied: defaultdict[TopicPartition, set[_Waiter]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self.listening = False

    async def __aenter__(self) -> Self:
        self._listener = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener

    def has_passed(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """Say whether the records at these offsets are known to be in the sections; False where nothing was heard yet."""
        return not self._missing(offsets)

    async def wait(self, offsets: Mapping[TopicPartition, int], deadline: float) -> bool:
        """Wait until the records at these offsets are in the sections; False when the deadline (loop time) came first.

        Raises StoreUnavailable when the store cannot be asked.
        """
        loop = asyncio.get_running_loop()
        missing = self._missing(offsets)
        # Who hears of every batch need not ask about partitions that were heard of.
        is_told = self.listening and self._following.keys() >= set(missing)
        while missing:
            waiter = loop.create_future()
            for each in missing:
                self._applied[each].add(waiter)
            try:
                if not is_told:
                    # Asked after the waiter is in place: what is announced in between is not missed.
                    self._note(await self._store.checkpoints(missing))
                    missing = self._missing(offsets)
                if missing and not await self._sleep(waiter, deadline):
                    return False
            finally:
                _leave(self._applied, offsets, waiter)
            missing = self._missing(offsets)
            is_told = waiter.done()
        return True

    async def _sleep(self, waiter: _Waiter, deadline: float) -> bool:
        now = asyncio.get_running_loop().time()
        if now >= deadline:
            return False
        patience = min(deadline - now, POLL_LISTENING if self.listening else POLL_DEAF)
        await asyncio.wait((waiter,), timeout=patience)
        return True

    def _missing(self, offsets: Mapping[TopicPartition, int]) -> list[TopicPartition]:
        return [each for each, offset in offsets.items() if self._following.get(each, 0) <= offset]

    def _note(self, checkpoints: Mapping[TopicPartition, int | None]) -> None:
        self._following.update({each: following or 0 for each, following in checkpoints.items()})

    async def _listen(self) -> None:
        while True:
            try:
                async for announcement in self._store.announcements():
                    self.listening = True
                    if announcement.answered:
                        self._on_answered(announcement.answered)
                    self._following.update(announcement.following)
                    _wake(self._applied, announcement.following)
            except StoreUnavailable:
                # What is announced until we listen again is missed: nothing is known for certain any more.
                self.listening = False
                self._following.clear()
                await asyncio.sleep(_PAUSE)


def _leave(waiting: dict[TopicPartition, set[_Waiter]], names: Iterable[TopicPartition], waiter: _Waiter) -> None:
    for name in names:
        waiters = waiting.get(name)
        if waiters is not None:
            waiters.discard(waiter)
            if not waiters:
                del waiting[name]


def _wake(waiting: Mapping[TopicPartition, set[_Waiter]], names: Iterable[TopicPartition]) -> None:
    for name in names:
        for waiter in waiting.get(name, ()):
            if not waiter.done():
                waiter.set_result(None)
