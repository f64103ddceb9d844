"""The log of served decisions: written behind the answer, bounded, drained when the app stops.

What Kafka does not take soon is kept in an outbox meanwhile, and told from there by another process should this one be killed.
"""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, Self, TypeVar

import orjson
import structlog

from api.errors import LogAway
from api.keeping import Keeping
from api.log import EventLog, Record
from api.metrics import Metrics
from api.outbox import Kind
from api.partition import Partitions
from schemas.chain import Chains
from schemas.decision import Decision, Recall
from schemas.logged import encode_logged
from schemas.messages import CandidateId
from schemas.partitions import partition_of
from schemas.topics import Topic

UNKNOWN_PARTITION = 0xFFF
"""Stands in an id that was made before Kafka told how many partitions there are."""
_LIMIT = 64 * 1024 * 1024
"""Bytes that wait for Kafka at most: some minutes of a busy process. What comes then is dropped, counted and alarmed about."""
_BATCH = 256
_DRAIN = 5.0
_RETRY = 0.5
KEPT_AFTER = 0.5
"""Seconds that Kafka has to take what waits, before it is kept elsewhere: so much is lost of a process that is killed then."""
INHERIT_SECONDS = 5.0
"""Between two looks whether a process died that had something to tell."""
_ANCHOR_SECONDS = 1.0
"""Between two anchors: so much of a tail may be cut off unnoticed."""
_ANCHORS_AWAY_MS = 30_000
"""How long anchors that Kafka did not take wait: what was served is not to wait for them."""
LINGER = 0.1
"""Seconds that served decisions wait for company: a produce request costs as much as an answer. Till then nobody can ask why."""

_Answer = TypeVar("_Answer")

_line = structlog.get_logger("api.decision_log")


def decision_id(partition: int, at: int, chance: str) -> str:
    """Answer `<partition, 3 hex>-<milliseconds, 12 hex>-<12 hex>`: enough to find the record without an index."""
    return f"{partition:03x}-{at:012x}-{chance}"


class DecisionLog(AbstractAsyncContextManager["DecisionLog"]):
    """Takes served decisions without waiting; what does not fit into the queue, `limit` bytes, is dropped and counted."""

    def __init__(
        self,
        log: EventLog,
        partitions: Partitions,
        metrics: Metrics,
        clock: Callable[[], int],
        *,
        keeping: Keeping,
        limit: int = _LIMIT,
    ) -> None:
        self._log = log
        self._keeping = keeping
        self._partitions = partitions
        self._metrics = metrics
        self._limit = limit
        self._bases: deque[Record] = deque()
        """What others are laid from: Kafka has it before it has them, so that a process that is killed leaves no answer unexplained."""
        self._served: deque[Record] = deque()
        self._queues: Mapping[Kind, deque[Record]] = {"made": self._bases, "served": self._served}
        self._patience = KEPT_AFTER
        self._inherited_at = 0.0
        self._ready = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._clock = clock
        self._chains: Chains | None = None
        self._anchors: dict[bytes, bytes] = {}
        self._anchored_at = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *error: object) -> None:
        """Write what is queued, for a few seconds at most; what is not written then is another process's."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN):
                await self._drained.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._chains is not None and not self._waiting:
            self._anchors.update(self._chains.close(self._clock()))
            await self._log.append([_anchor(*each) for each in self._anchors.items()])
        if self._waiting:
            await self._keeping.keep(self._queues)
        await self._keeping.leave()
        self._drop(sum(len(self._keeping.missing(each)) for each in self._queues.values()))

    def new_id(self, candidate: CandidateId, at: int) -> str:
        """Answer an id whose last two digits are zero: the choices of one call count on from it."""
        partition = self._partitions.of(Topic.DECISIONS, candidate)
        return decision_id(UNKNOWN_PARTITION if partition is None else partition, at, f"{secrets.token_hex(5)}00")

    def put(self, candidate: CandidateId, at: int, body: Mapping[str, Any]) -> None:
        """Queue what was served; `at` becomes the record's timestamp, by which it is found again."""
        self._put(self._served, candidate, at, orjson.dumps(body))

    def put_base(self, decision: Decision, recall: Recall) -> None:
        """Queue a decision that was made here instead of by an agent, with what it was made from."""
        self._put(self._bases, decision.candidate_id, decision.decided_at, encode_logged(decision, recall()))

    @property
    def _waiting(self) -> int:
        return len(self._bases) + len(self._served)

    def _put(self, queue: deque[Record], candidate: CandidateId, at: int, value: bytes) -> None:
        if self._bytes + len(value) > self._limit:
            self._drop(1)
            return
        self._bytes += len(value)
        queue.append(Record(Topic.DECISIONS, candidate.encode(), value, (), at))
        self._drained.clear()
        self._ready.set()

    async def _write(self) -> None:
        while True:
            await self._wait_for_some()
            self._ready.clear()
            # One produce request for all that comes in this time, instead of one each: it costs as much as an answer.
            await asyncio.sleep(LINGER)
            while self._waiting:
                await self._write_some(self._bases or self._served)
            await self._patiently(self._anchor())
            await self._inherit()
            if not self._waiting:
                self._drained.set()

    async def _wait_for_some(self) -> None:
        """Wait until something is queued, or until it is time for anchors or a look at what others left."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANCHOR_SECONDS if self._anchors else INHERIT_SECONDS):
                await self._ready.wait()

    async def _inherit(self) -> None:
        """Queue what a process that died had to tell."""
        now = asyncio.get_running_loop().time()
        if now - self._inherited_at < INHERIT_SECONDS:
            return
        found = await self._keeping.inherited()
        if not found:
            self._inherited_at = now
        for kind, record in reversed(found):
            # In front: what was kept stands before what is not yet.
            self._bytes += len(record.value)
            self._queues[kind].appendleft(record)
            self._drained.clear()
            self._ready.set()

    async def _patiently(self, work: Awaitable[_Answer]) -> _Answer:
        """Do what may have to wait for Kafka; from a moment on, what waits with it is kept."""
        working = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait([working], timeout=self._patience))[0]:
                all_kept = await self._keeping.keep(self._queues)
                self._patience = LINGER if all_kept else _RETRY
            return working.result()
        finally:
            working.cancel()

    async def _anchor(self) -> None:
        """Note, apart from the log, how far it has come; what is not acknowledged is noted again."""
        now = self._clock()
        if self._chains is not None and not self._waiting:
            self._anchors.update(self._chains.anchors(now))
        if not self._anchors or now - self._anchored_at < 1000 * _ANCHOR_SECONDS:
            return
        self._anchored_at = now
        anchors = list(self._anchors.items())
        for (key, _), at in zip(anchors, await self._log.append([_anchor(*each) for each in anchors]), strict=True):
            if at is not None:
                del self._anchors[key]
        if self._anchors:
            self._anchored_at = now + _ANCHORS_AWAY_MS

    async def _write_some(self, queue: deque[Record]) -> None:
        """Append the oldest records; what was not acknowledged stays, and may then be there twice under one id."""
        batch = [queue[index] for index in range(min(_BATCH, len(queue)))]
        try:
            chains = await self._patiently(self._chained())
        except LogAway:
            await self._try_again_later()
            return
        wanted = [each for each in batch if not self._keeping.is_erased(each)]
        linked = [replace(each, headers=(chains.link(each.key or b"", each.value),)) for each in wanted]
        positions = await self._patiently(self._log.append(linked))
        unacknowledged = [record for record, at in zip(wanted, positions, strict=True) if at is None]
        for _ in batch:
            self._bytes -= len(queue.popleft().value)
        queue.extendleft(reversed(unacknowledged))
        self._bytes += sum(len(each.value) for each in unacknowledged)
        if len(unacknowledged) < len(batch):
            await self._keeping.settle(batch, but=unacknowledged)
        if unacknowledged:
            # It may lie there or not: what is sent again begins new chains.
            chains.renew()
            await self._try_again_later()
        else:
            self._patience = KEPT_AFTER

    async def _try_again_later(self) -> None:
        self._patience = min(self._patience, LINGER)
        await self._patiently(asyncio.sleep(_RETRY))

    async def _chained(self) -> Chains:
        """Answer the chains, once Kafka has told in which partition a key will lie."""
        if self._chains is None:
            count = await self._log.partitions(Topic.DECISIONS)
            self._chains = Chains(lambda key: partition_of(key, count), lambda: f"api-{secrets.token_hex(8)}")
        return self._chains

    def _drop(self, count: int) -> None:
        if count:
            self._metrics.decisions_dropped.inc(count)
            _line.warning("served_decisions_dropped", count=count)


def _anchor(key: bytes, value: bytes) -> Record:
    return Record(Topic.ANCHORS, key, value)
