"""Vouching for a run of Redis: the API answers from its profiles once they hold whatever lay in the log when the run was met."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.undecided import Undecided
from careerstream.log_ends import LogEnds, behind
from careerstream.redis_runs import DOUBT, VouchedPool
from profiles.redis_store import RedisStore
from profiles.store import ProfileStore, StoreUnavailable, TopicPartition
from schemas.messages import CandidateId

LOOK_SECONDS = 0.1
RETRY_SECONDS = 0.5
SETTLING_SECONDS = 5.0
"""How often it is asked who has been decided for of those who had not been."""
PATIENCE = 5.0
"""Seconds that Kafka may take to say where the log ends."""
MOST_UNDECIDED = 1_000_000
AT_ONCE = 500
"""Ids whose users are asked for in one script."""

log = structlog.get_logger("careerstream.vouching")


class Vouching:
    """Vouches for runs to a `pool`, as long as `run` runs.

    Which run was vouched for stands in Redis, too: who starts or reconnects then needs no Kafka for it, and a copy that is restored
    names a run that has ended. `undecided` gets the people whose decisions the workers still owe; `prepare` is awaited before a run is
    vouched for of which nobody has yet, and `begin_again` is called for each.
    """

    def __init__(
        self,
        *,
        pool: VouchedPool,
        open_pool: Callable[[], VouchedPool],
        client: Redis,
        namespace: str,
        ends: LogEnds,
        undecided: Undecided,
        prepare: Callable[[], Awaitable[None]],
        begin_again: Callable[[], None],
    ) -> None:
        self._pool = pool
        self._open_pool = open_pool
        self._client = client
        self._namespace = namespace
        self._key = f"{namespace}:vouched"
        self._ends = ends
        self._undecided = undecided
        self._prepare = prepare
        self._begin_again = begin_again

    @property
    def problem(self) -> str | None:
        return DOUBT if self._pool.run is None else None

    async def run(self) -> None:
        """Vouch for one run after the other."""
        problem = ""
        while True:
            try:
                run = await self._vouch()
                problem = ""
                await self._settle(run)
            except Exception as error:  # noqa: BLE001  # without a next try nobody would be answered personally any more
                if problem != (problem := f"{type(error).__name__}: {error}"[:200]):
                    log.warning("redis_not_vouched", problem=problem)
                await asyncio.sleep(RETRY_SECONDS)

    async def _vouch(self) -> str:
        """Answer the run that is vouched for now."""
        begun = time.monotonic()
        run = str((await self._client.info("server"))["run_id"])
        vouched: Any = await self._client.get(self._key)
        async with self._store_of(run) as store:
            if vouched != run.encode():
                async with asyncio.timeout(PATIENCE):
                    ends = await self._ends.now()
                await self._folded(store, ends)
                await self._prepare()
            marks = await store.undecided(MOST_UNDECIDED)
            if len(marks) == MOST_UNDECIDED:
                raise StoreUnavailable("too many people wait to be decided for")
            leading = await _leading(store, sorted({candidate for _, candidate in marks}))
        with suppress(RedisError):
            await self._client.set(self._key, run)
        self._undecided.begin(marks, leading)
        self._begin_again()
        self._pool.vouch(run)
        log.info("redis_vouched", run=run, undecided=len(marks), seconds=round(time.monotonic() - begun, 3))
        return run

    @asynccontextmanager
    async def _store_of(self, run: str) -> AsyncIterator[ProfileStore]:
        """Answer a store that reads from this run and no other."""
        pool = self._open_pool()
        pool.vouch(run)
        async with Redis.from_pool(pool) as client:
            yield RedisStore(client, self._namespace)

    async def _folded(self, store: ProfileStore, ends: Mapping[TopicPartition, int]) -> None:
        """Return when all that lies before these ends is folded."""
        before: Mapping[TopicPartition, tuple[int, int]] = {}
        while unfolded := behind(await store.checkpoints(ends), ends):
            if unfolded == before and await self._ends.are_empty(unfolded):
                return
            before = unfolded
            await asyncio.sleep(LOOK_SECONDS)

    async def _settle(self, run: str) -> None:
        """Return when the run is doubted; until then forget who has been decided for."""
        while self._undecided:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._pool.doubted.wait(), SETTLING_SECONDS)
                return
            async with self._store_of(run) as store:
                self._undecided.settle((await store.undecided(MOST_UNDECIDED)).keys())
        await self._pool.doubted.wait()


async def _leading(store: ProfileStore, candidates: Sequence[CandidateId]) -> dict[CandidateId, CandidateId]:
    """Answer the user whom each of these ids leads to, if any."""
    leading: dict[CandidateId, CandidateId] = {}
    for start in range(0, len(candidates), AT_ONCE):
        leading |= (await store.identities(candidates[start : start + AT_ONCE])).redirects
    return leading
