"""The desk beside a shift: people whose sections moved stand in line, and are decided for while the folding goes on."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol

import structlog

from profiles.candidate import Stored
from profiles.store import SectionKey, StoreUnavailable
from schemas.messages import CandidateId
from streams.batch import Effect
from streams.patience import Patience
from streams.waiting import Waiting

log = structlog.get_logger("streams.desk")

OnWork = Callable[[Effect, float], None]
"""Told what was folded, or whom was decided for, and in how many seconds."""
More = Callable[[], bool]
"""Says whether something has arrived that wants to be folded."""

DECIDED_AT_ONCE = 64
"""Candidates of a slice, some 45 ms of a thread: so long at most an erasure waits."""
WAITING_SECONDS = 2.0
"""How long decisions stand back while there is always more to fold; from then on they get their share of the time."""
BACKLOG_SHARE = 0.25
"""Of the time, what decisions get under a backlog: some 300 people a second, the first in line first."""
BREATH = 0.005
"""Seconds between a commit and deciding for whom it touched. Who waits for an event is told by the commit and decided for by the API,
which takes about as long: two processes that decide for the same person at once slow each other down."""
REST = 0.04
"""Seconds between two slices while not a whole one waits: deciding for one takes 3 ms, for each more of them 1 ms."""
LAG = 256
"""Records that may lie in the log unfolded without decisions standing back."""
_LOOK_AGAIN = 0.05
"""Seconds after which decisions that stand back look again, when no batch that was folded made them look before."""


class Decider(Protocol):
    """Decides for people whose sections moved."""

    async def decide(self, effect: Effect, own: "OwnSections") -> None: ...

    async def close(self) -> None:
        """Wait until Kafka has what was decided, and say that nothing more comes."""
        ...

    async def sweep(self, own: "OwnSections") -> None:
        """Decide what time has changed and what a worker that ended left undecided."""
        ...


class OwnSections(Protocol):
    """What this worker knows without asking."""

    def owns(self, key: SectionKey) -> bool: ...

    def missing(self, keys: Iterable[SectionKey]) -> list[SectionKey]: ...

    def get(self, key: SectionKey) -> Stored | None: ...

    def moment(self) -> int:
        """Answer what changes with every write."""
        ...

    def keep(self, asked: Iterable[SectionKey], found: Mapping[SectionKey, Stored], read_at: int) -> None: ...

    def awaits(self, candidate: CandidateId) -> bool:
        """Say whether somebody stands in line to be decided for anyway."""
        ...


class Desk:
    """Decides beside the folding, so that an event that arrives meanwhile waits for no more than what is being computed.

    `lag` answers how many records lie in the log unfolded.
    """

    def __init__(
        self, decider: Decider, own: OwnSections, *, lag: Callable[[], int], patience: Patience, on_decided: OnWork
    ) -> None:
        self._decider = decider
        self._own = own
        self._lag = lag
        self._patience = patience
        self._on_decided = on_decided
        self._waiting = Waiting()
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()
        self._rested = 0.0
        self.slices = 0

    @property
    def working(self) -> bool:
        return self._turn.locked()

    def alone(self) -> AbstractAsyncContextManager[object]:
        """Answer what is held while nothing may be decided: it waits for what is being decided."""
        return self._turn

    def line_up(self, effect: Effect) -> None:
        """Put those whom a commit touched in line."""
        self._waiting.add(effect)
        self._news.set()

    def awaits(self, candidate: CandidateId) -> bool:
        return candidate in self._waiting

    async def decide_on(self, more: More) -> None:
        """Decide until cancelled, so that an event that arrives meanwhile waits for no more than what is being computed."""
        while True:
            await self._somebody()
            await asyncio.sleep(BREATH)
            await self.decide_waiting(more)
            if len(self._waiting) < DECIDED_AT_ONCE:
                await asyncio.sleep(REST)

    async def decide_waiting(self, more: More = lambda: False) -> None:
        """Decide for those in line, a slice at a time, as long as it does not hold up the folding.

        So sections keep up with the log before decisions do, and who did ten things in a backlog is decided for once.
        """
        while self._waiting and self._may_decide(more):
            begun = time.monotonic()
            effect = await self._slice()
            ended = time.monotonic()
            self._rested = ended + (ended - begun) * (1 / BACKLOG_SHARE - 1)
            self._on_decided(effect, ended - begun)

    async def _somebody(self) -> None:
        """Return when a batch was folded; while people stand in line, soon in any case."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_AGAIN if self._waiting else None):
                await self._news.wait()
        self._news.clear()

    def _may_decide(self, more: More) -> bool:
        if not more() and self._lag() <= LAG:
            return True
        return self._waiting.longest() > WAITING_SECONDS and time.monotonic() >= self._rested

    async def _slice(self) -> Effect:
        async with self._turn:
            effect = self._waiting.take(DECIDED_AT_ONCE)
            await self._patience.ask(lambda: self._decider.decide(effect, self._own))
            self._waiting.done()
        self.slices += 1
        return effect

    async def sweep(self) -> None:
        """Let the decider look after what no event touches; in turn with the slices.

        What goes wrong here is tried again with the next sweep: nothing is lost by it.
        """
        async with self._turn:
            try:
                await self._decider.sweep(self._own)
            except StoreUnavailable as away:
                log.warning("store_away", problem=str(away))
            except Exception:
                log.exception("sweep_failed")

    async def finish(self) -> None:
        """Let Kafka have what was decided, as the last thing; what does not get there, the next worker's sweep tells."""
        try:
            await self._decider.close()
        except Exception:
            log.exception("not_told")
