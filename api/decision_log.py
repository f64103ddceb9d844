"""The log of served decisions: written behind the answer, bounded, drained when the app stops."""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Self

import orjson
import structlog

from api.log import EventLog, Record
from api.metrics import Metrics
from api.partition import Partitions
from schemas.decision import Decision, Evidence
from schemas.logged import encode_logged
from schemas.messages import CandidateId
from schemas.topics import Topic

UNKNOWN_PARTITION = 0xFFF
"""Stands in an id that was made before Kafka told how many partitions there are."""
_EVIDENCE_A_SECOND = 50
"""Evidence is some 20 KB a decision."""
_BATCH = 256
_DRAIN = 5.0
_RETRY = 0.5
_LINGER = 0.1
"""Seconds that served decisions wait for company: a produce request costs as much as an answer. Till then nobody can ask why."""

_line = structlog.get_logger("api.decision_log")


def decision_id(partition: int, at: int, chance: str) -> str:
    """Answer `<partition, 3 hex>-<milliseconds, 12 hex>-<12 hex>`: enough to find the record without an index."""
    return f"{partition:03x}-{at:012x}-{chance}"


class DecisionLog(AbstractAsyncContextManager["DecisionLog"]):
    """Takes served decisions without waiting; what does not fit into the queue is dropped and counted."""

    def __init__(self, log: EventLog, partitions: Partitions, metrics: Metrics, *, limit: int = 20_000) -> None:
        self._log = log
        self._partitions = partitions
        self._metrics = metrics
        self._limit = limit
        self._queue: deque[Record] = deque()
        self._ready = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._allowance = float(_EVIDENCE_A_SECOND)
        self._at = 0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *error: object) -> None:
        """Write what is queued, for a few seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN):
                await self._drained.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._drop(len(self._queue))

    def new_id(self, candidate: CandidateId, at: int) -> str:
        """Answer an id whose last two digits are zero: the choices of one call count on from it."""
        partition = self._partitions.of(Topic.DECISIONS, candidate)
        return decision_id(UNKNOWN_PARTITION if partition is None else partition, at, f"{secrets.token_hex(5)}00")

    def put(self, candidate: CandidateId, at: int, body: Mapping[str, Any]) -> None:
        """Queue what was served; `at` becomes the record's timestamp, by which it is found again."""
        self._put(candidate, at, orjson.dumps(body))

    def put_base(self, decision: Decision, evidence: Evidence) -> None:
        """Queue a decision that was made here instead of by an agent; some of a flood go without their evidence."""
        at = decision.decided_at
        self._allowance = min(_EVIDENCE_A_SECOND, self._allowance + (at - self._at) * _EVIDENCE_A_SECOND / 1000)
        self._at = at
        kept = evidence if self._allowance >= 1 else None
        self._allowance -= 1 if kept is not None else 0
        self._put(decision.candidate_id, at, encode_logged(decision, kept))

    def _put(self, candidate: CandidateId, at: int, value: bytes) -> None:
        if len(self._queue) >= self._limit:
            self._drop(1)
            return
        self._queue.append(Record(Topic.DECISIONS, candidate.encode(), value, (), at))
        self._drained.clear()
        self._ready.set()

    async def _write(self) -> None:
        while True:
            await self._ready.wait()
            self._ready.clear()
            # One produce request for all that comes in this time, instead of one each: it costs as much as an answer.
            await asyncio.sleep(_LINGER)
            while self._queue:
                await self._write_some()
            self._drained.set()

    async def _write_some(self) -> None:
        """Append the oldest records; what was not acknowledged stays, and may then be there twice under one id."""
        batch = [self._queue[index] for index in range(min(_BATCH, len(self._queue)))]
        positions = await self._log.append(batch)
        unacknowledged = [record for record, at in zip(batch, positions, strict=True) if at is None]
        for _ in batch:
            self._queue.popleft()
        if unacknowledged:
            self._queue.extendleft(reversed(unacknowledged))
            await asyncio.sleep(_RETRY)

    def _drop(self, count: int) -> None:
        if count:
            self._metrics.decisions_dropped.inc(count)
            _line.warning("served_decisions_dropped", count=count)
