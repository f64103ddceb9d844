"""How often anybody may call: token buckets for each key, each visitor and each address, shared by all API processes.

A call is judged by the bucket in this process, which costs no round trip; what was spent is settled with Redis ten times a second, in
one script for all buckets that were touched. So several processes together overrun a limit by a tenth of a second at most.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Protocol, Self

import structlog

from api.errors import RateLimited

SETTLE_SECONDS = 0.1
BURST_SECONDS = 4
"""A bucket that rested holds this many seconds' worth of calls."""
AWAY_SHARE = 0.25
"""While Redis is away each process lets this share of a limit through: there may be several processes."""
_AWAY_AFTER = 2.0
_BUCKETS = 50_000

log = structlog.get_logger("api.rates")


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Calls a second, 0 for as many as come."""

    per_key: float = 0
    per_ad_token: float = 0
    per_visitor: float = 0
    per_address: float = 0
    per_colleague: float = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """What was taken from a bucket since it was last settled."""

    name: str
    rate: float
    burst: float
    calls: int


class SharedBuckets(Protocol):
    """The buckets as all processes see them."""

    async def settle(self, spent: Sequence[Spent]) -> Sequence[float]:
        """Take out what was spent and answer what is left in each; raises OSError when it is away."""
        ...


@dataclass(slots=True)
class _Bucket:
    rate: float
    level: float
    at: float
    owed: int = 0

    @property
    def burst(self) -> float:
        return self.rate * BURST_SECONDS

    def fill(self, now: float, share: float) -> None:
        self.level = min(self.burst * share, self.level + (now - self.at) * self.rate * share)
        self.at = now


class Rates(AbstractAsyncContextManager["Rates"]):
    """The buckets of one process."""

    def __init__(
        self, limits: RateLimits, shared: SharedBuckets | None = None, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits
        self._shared = shared
        self._now = now
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._touched: set[str] = set()
        self._settled_at = now()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._settled_at = self._now()
        if self._shared is not None:
            self._task = asyncio.create_task(self._keep(self._shared))
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @property
    def is_away(self) -> bool:
        """Say whether what others spend is not known."""
        return self._shared is not None and self._now() - self._settled_at > _AWAY_AFTER

    def spend(self, kind: str, who: str, rate: float) -> None:
        """Take one call out of a bucket, or raise RateLimited."""
        if not rate:
            return
        name, now = f"{kind}:{who}", self._now()
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._new_bucket(name, rate, now)
        share = AWAY_SHARE if self.is_away else 1.0
        bucket.fill(now, share)
        if bucket.level < 1:
            wait = max(1, math.ceil((1 - bucket.level) / (rate * share)))
            raise RateLimited(f"too many calls of this {kind}", retry_after=wait)
        bucket.level -= 1
        bucket.owed += 1
        self._touched.add(name)

    async def settle(self, shared: SharedBuckets) -> None:
        """Tell what was spent here, and learn what is left after all others."""
        names = [name for name in self._touched if name in self._buckets]
        spent = [_spent(name, self._buckets[name]) for name in names]
        left = await shared.settle(spent)
        self._settled_at = self._now()
        for each, level in zip(spent, left, strict=True):
            bucket = self._buckets.get(each.name)
            if bucket is not None:
                bucket.owed -= each.calls
                # What was spent while the answer was on its way is not in it yet.
                bucket.level, bucket.at = level - bucket.owed, self._settled_at
                if not bucket.owed:
                    self._touched.discard(each.name)

    def _new_bucket(self, name: str, rate: float, now: float) -> _Bucket:
        bucket = self._buckets[name] = _Bucket(rate, rate * BURST_SECONDS, now)
        while len(self._buckets) > _BUCKETS:
            gone, _ = self._buckets.popitem(last=False)
            self._touched.discard(gone)
        return bucket

    async def _keep(self, shared: SharedBuckets) -> None:
        was_away = False
        while True:
            await asyncio.sleep(SETTLE_SECONDS)
            try:
                await self.settle(shared)
            except OSError as error:
                if not was_away:
                    log.warning("rates_not_shared", error=str(error))
                was_away = True
                await asyncio.sleep(1.0)
            else:
                was_away = False


def _spent(name: str, bucket: _Bucket) -> Spent:
    return Spent(name, bucket.rate, bucket.burst, bucket.owed)
