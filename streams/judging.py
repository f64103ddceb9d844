"""Standing and decisions of many people at once, in a thread of their own: the event loop goes on folding meanwhile.

Python runs one thread at a time, but hands over within the switch interval; a batch of decisions takes up to fifty times as long.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from profiles.candidate import Candidate
from profiles.segments import SegmentRule, evaluate_all
from schemas.decision import Decision, Recall
from schemas.decision_json import encode_decision
from schemas.messages import CandidateId
from scorers.query import Query
from scorers.trends import Trends

Judge = Callable[[Sequence[Query], Trends, int], list[tuple[Decision, Recall]]]
"""`scorers.pipeline.decide` with catalogue, policy and model in place: queries, trends, now."""
Affinities = Callable[[Candidate, int], Mapping[str, Mapping[str, float]]]
NewId = Callable[[CandidateId, int], str]
"""Answers an id for a decision: candidate, now."""

log = structlog.get_logger("streams.judging")


@dataclass(frozen=True, slots=True)
class Standing:
    """The segments somebody is in, and when time alone may change that."""

    held: tuple[str, ...]
    due: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """Where somebody stands, and what was decided for them, as it is stored."""

    standing: Standing
    decision: Decision
    encoded: bytes
    recall: Recall


class Bench:
    """Where people are judged. Whoever changes what judging reads holds `reading` meanwhile: so does a judgement."""

    def __init__(
        self,
        *,
        judge: Judge,
        affinities: Affinities,
        rules: Sequence[SegmentRule],
        new_id: NewId,
        reading: asyncio.Lock | None = None,
    ) -> None:
        self._judge = judge
        self._affinities = affinities
        self._rules = tuple(rules)
        self.new_id = new_id
        self._reading = reading or asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, "judging")

    async def judge(
        self, people: Sequence[Candidate], trends: Trends, now: int, *, named: Callable[[Decision], Decision]
    ) -> list[Judged]:
        """Judge everybody who can be judged; `named` answers a decision under the id that it is logged by."""
        if not people:
            return []
        loop = asyncio.get_running_loop()
        async with self._reading:
            return await loop.run_in_executor(self._thread, self._all, people, trends, now, named)

    def _all(
        self, people: Sequence[Candidate], trends: Trends, now: int, named: Callable[[Decision], Decision]
    ) -> list[Judged]:
        standing = {each.id: self._standing(each, now) for each in people}
        queries = [Query(each, self.new_id(each.id, now), standing[each.id].held) for each in people]
        judged = []
        for decided, recall in self._halved(queries, trends, now):
            decision = named(decided)
            judged.append(Judged(standing[decision.candidate_id], decision, encode_decision(decision), recall))
        return judged

    def _halved(self, queries: Sequence[Query], trends: Trends, now: int) -> list[tuple[Decision, Recall]]:
        """Decide for all at once; when that fails, for each half, so that one person's trouble stays theirs."""
        if not queries:
            return []
        try:
            return self._judge(queries, trends, now)
        except Exception:
            log.exception("decide_failed", people=len(queries))
        half = len(queries) // 2
        return self._halved(queries[:half], trends, now) + self._halved(queries[half:], trends, now) if half else []

    def _standing(self, candidate: Candidate, now: int) -> Standing:
        affinities = self._affinities(candidate, now) if self._rules else {}
        verdicts = evaluate_all(self._rules, candidate, affinities, now)
        return Standing(
            held=tuple(key for key, verdict in verdicts.items() if verdict.holds),
            due=min((verdict.until for verdict in verdicts.values() if verdict.until is not None), default=None),
        )
