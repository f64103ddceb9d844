"""Live statistics of postings, kept up to date in a process: whatever was counted is read every few seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from api.background import in_background, read_on
from catalog.columns import SLOTS as FACETS
from catalog.index import Catalog
from catalog.statistics import Figures, ItemCounts, Slots
from profiles.counts import (
    APPLIED,
    DISMISSED,
    ELSEWHERE,
    ERA,
    GROUPS,
    HALF_LIVES_MS,
    LAYOUT,
    SAVED,
    SLOTS,
    WINDOWS,
)
from profiles.store import ProfileStore
from scorers.responses import NO_RESPONSES, Responses, responses_of

SECONDS = 5.0


class StatisticsFollower:
    """Reads what was counted. Figures are worked out in a thread, so that nobody waits for a hundred thousand postings.

    Meanwhile `reading` is held: whoever changes the catalogue does so, too.
    """

    def __init__(
        self,
        store: ProfileStore,
        catalog: Catalog,
        clock: Callable[[], int],
        *,
        reading: asyncio.Lock | None = None,
        on_read: Callable[[Figures, Responses], None] = lambda _figures, _responses: None,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._clock = clock
        self._reading = reading or asyncio.Lock()
        self._on_read = on_read
        self._counts = ItemCounts(
            Slots(
                half_lives_ms=HALF_LIVES_MS,
                era=ERA,
                groups=len(GROUPS),
                width=SLOTS,
                elsewhere=ELSEWHERE,
                saved=SAVED,
                applied=APPLIED,
                dismissed=DISMISSED,
            )
        )
        self._generation: str | None = None
        self._move = 0
        self.responses: Responses = NO_RESPONSES

    def begin_again(self) -> None:
        """Read everything next: the store may have gone back to an earlier move."""
        self._generation = None

    async def read(self) -> None:
        """Read whatever was counted since, and work the figures out; may raise StoreUnavailable."""
        while True:
            found = await self._store.counts.changes(self._generation, self._move)
            if found.since == 0:
                self._counts.clear()
            for job, value in found.counts.items():
                row = LAYOUT.unpack(value)
                self._counts.put(job, row[: len(WINDOWS)], row[len(WINDOWS) :])
            self._generation, self._move = found.generation, found.move
            if not found.counts:
                break
            await asyncio.sleep(0)
        async with self._reading:
            figures, self.responses = await asyncio.to_thread(self._worked_out, self._clock())
        self._on_read(figures, self.responses)

    def _worked_out(self, now: int) -> tuple[Figures, Responses]:
        figures = self._counts.figures({job: self._kind(job) for job in self._counts.job_ids()}, now)
        return figures, responses_of(figures, self._catalog)

    def _kind(self, job: str) -> int:
        """Answer a posting's category, else its occupation, 0 when it has neither."""
        row = self._catalog.row(job)
        if row is None:
            return 0
        facets = self._catalog.columns.facets[row]
        return int(facets[FACETS["category"].start] or facets[FACETS["occupation"].start])


def counted(
    follower: StatisticsFollower, caught_up: Callable[[], Awaitable[object]]
) -> AbstractAsyncContextManager[None]:
    """Read on in the background once the catalogue is known."""
    return in_background(_counted(follower, caught_up))


async def _counted(follower: StatisticsFollower, caught_up: Callable[[], Awaitable[object]]) -> None:
    await caught_up()
    await read_on(follower.read, seconds=SECONDS, unread="counts_unread")
