"""After the commit: whom a batch touched is decided for, once; segments move with the decision."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog

from profiles.candidate import Candidate
from profiles.erasures import Erasures
from profiles.store import DecisionPut, ProfileStore, SectionKey, Written
from schemas.consent import ANALYTICS, allows
from schemas.decision import Decision, Evidence, Recall
from schemas.decision_json import encode_decision
from schemas.messages import CandidateId
from schemas.topics import Topic, TopicNames
from scorers.segment_trends import SegmentLooks
from scorers.trends import Trends
from streams.batch import Effect
from streams.decoding import NOBODY_ERASED
from streams.desk import OwnSections
from streams.judging import Bench, Standing
from streams.outgoing import DecisionLog, candidate_of, made_at, segment_event
from streams.people import People, people_of
from streams.sink import Sink
from streams.telling import Teller
from streams.trailing import Trailing

Clock = Callable[[], int]
"""Milliseconds since the epoch."""
TRENDS_MS = 10_000
SWEEP_LIMIT = 500
AT_ONCE = 256
"""Candidates of one round trip: their script holds Redis for some 3 ms."""
ROUNDS = 3
"""How often a decision that crossed somebody else's is made again before it is left to the sweep."""

_NOTHING = Evidence((), (), b"", ())

log = structlog.get_logger("streams.deciding")


class Deciding:
    """Decides for whole batches. Who cannot be decided for keeps the last decision and is counted in the log."""

    def __init__(
        self,
        *,
        store: ProfileStore,
        sink: Sink,
        names: TopicNames,
        bench: Bench,
        clock: Clock,
        decision_log: DecisionLog | None = None,
        erasures: Erasures = NOBODY_ERASED,
        looks: SegmentLooks | None = None,
    ) -> None:
        self._store = store
        self._bench = bench
        self._clock = clock
        self._erasures = erasures
        self._decision_log = decision_log or DecisionLog(names.full(Topic.DECISIONS))
        self._trends: tuple[int, Trends] | None = None
        self._looks = looks or SegmentLooks()
        self._trailing = Trailing(self._may_follow, self._looks.names)
        self._left: dict[SectionKey, int] = {}
        self._untold: set[str] = set()
        self._teller = Teller(store=store, sink=sink, names=names, log=self._decision_log)

    async def decide(self, effect: Effect, own: OwnSections) -> None:
        """Decide for everybody a batch touched, while others may be folded.

        Kafka is told meanwhile; only then is it settled that they were decided for.
        What telling raises, a later call raises.
        """
        await self._teller.take(await self._decided(effect.touched, own), effect.marks)

    async def told(self) -> None:
        """Wait until Kafka has what was decided so far."""
        await self._teller.told()
        await self._teller.anchor(self._clock())

    async def close(self) -> None:
        """Wait until Kafka has what was decided, and say that nothing more comes."""
        await self._teller.close(self._clock())

    async def sweep(self, own: OwnSections) -> None:
        """Decide what time has changed; finish what a worker that ended had committed or written and not told."""
        await self.told()
        await self._tell_left(own)
        await self._finish_left(own)
        due = await self._store.due(self._clock(), SWEEP_LIMIT)
        await self.decide_for([each for each in due if own.owns((Topic.CLICKS, each)) and not own.awaits(each)], own)

    async def decide_for(self, candidates: Iterable[CandidateId], own: OwnSections) -> None:
        """Decide for these candidates, and for the users to whom they lead; return when Kafka was told."""
        await self._teller.tell(await self._decided(candidates, own))

    async def _decided(self, candidates: Iterable[CandidateId], own: OwnSections) -> dict[str, bytes]:
        everybody, news = list(candidates), dict[str, bytes]()
        for start in range(0, len(everybody), AT_ONCE):
            waiting: dict[CandidateId, bytes | None] = dict.fromkeys(everybody[start : start + AT_ONCE])
            for _ in range(ROUNDS):
                people = await people_of(waiting, self._store, own)
                planned = await self._plan(people, waiting)
                waiting, _ = await asyncio.gather(self._write(planned, news), self._write_trails(people, planned))
                if not waiting:
                    break
            else:
                log.warning("decisions_crossed", candidates=len(waiting))
        return news

    async def _tell_left(self, own: OwnSections) -> None:
        # Only what was untold at the last sweep already: the rest is most likely being told right now, by whichever worker decided it.
        untold = {each for each in await self._store.untold() if own.owns((Topic.CLICKS, candidate_of(each)))}
        left = sorted(untold & self._untold)[:SWEEP_LIMIT]
        self._untold = untold
        # Who was told that an erased person has left a segment must not hear of an earlier entering after that.
        erased = [each for each in left if self._erasures.takes_back(candidate_of(each), made_at(each))]
        await self._store.settle_news(erased)
        await self._teller.tell(await self._store.news([each for each in left if each not in erased]))

    async def _finish_left(self, own: OwnSections) -> None:
        # Only what was already there at the last sweep: the rest is most likely being decided right now. Who stands in line
        # under a backlog is left there: decided for by both, they would take a third of a worker's time.
        undecided = await self._store.undecided()
        found = {key: offset for key, offset in undecided.items() if own.owns(key) and not own.awaits(key[1])}
        left = {key: offset for key, offset in found.items() if self._left.get(key) == offset}
        self._left = found
        await self.decide_for({candidate for _, candidate in left}, own)
        await self._store.settle(left)

    async def _plan(self, people: People, over: Mapping[CandidateId, bytes | None]) -> list[tuple[DecisionPut, Recall]]:
        now = self._clock()
        usable = {each: candidate for each, candidate in people.candidates.items() if self._may_profile(candidate)}
        planned = [
            (self._nothing_for(candidate, now, people.memberships.get(each, {}), over.get(each)), _nothing)
            for each, candidate in people.candidates.items()
            if each not in usable
        ]
        trends, named = await self._trends_at(now), self._decision_log.named
        for judged in await self._bench.judge(list(usable.values()), trends, now, named=named):
            each = judged.decision.candidate_id
            put = _put(
                judged.decision, judged.encoded, judged.standing, people.memberships.get(each, {}), over.get(each)
            )
            planned.append((put, judged.recall))
        return planned

    def _may_profile(self, candidate: Candidate) -> bool:
        return candidate.usable and not self._erasures.of(candidate.id).is_unprofiled

    def _may_follow(self, candidate: Candidate) -> bool:
        return self._may_profile(candidate) and allows(candidate.consents, ANALYTICS)

    def _nothing_for(
        self, candidate: Candidate, now: int, before: Mapping[str, int], over: bytes | None
    ) -> DecisionPut:
        """Answer the decision that takes the place of an earlier one when somebody takes consent back: empty, and in no segment."""
        decision = Decision(self._bench.new_id(candidate.id, now), candidate.id, now, candidate.version, ())
        named = self._decision_log.named(decision)
        return _put(named, encode_decision(named), Standing((), None), before, over)

    async def _trends_at(self, now: int) -> Trends:
        if self._trends is None or now - self._trends[0] > TRENDS_MS:
            of_segments = await asyncio.to_thread(self._looks.trends, now)
            self._trends = (now, Trends(await self._store.trends(now), of_segments))
        return self._trends[1]

    async def _write(
        self, planned: Sequence[tuple[DecisionPut, Recall]], news: dict[str, bytes]
    ) -> dict[CandidateId, bytes | None]:
        """Keep decisions and note what is to be told; answer whom somebody else decided for meanwhile, and over what to go."""
        puts = [self._decision_log.with_news(*each) for each in planned]
        pairs = list(zip(puts, await self._store.put_decisions(puts), strict=True))
        for put, answer in pairs:
            if answer.written is Written.WRITTEN:
                self._decision_log.kept(put.decision)
                news.update(put.news)
        return {put.decision.candidate_id: answer.over for put, answer in pairs if answer.written is Written.CONFLICT}

    async def _write_trails(self, people: People, planned: Sequence[tuple[DecisionPut, Recall]]) -> None:
        trails = self._trailing.changed(people, {put.decision.candidate_id: put.memberships for put, _ in planned})
        if trails:
            try:
                await self._store.trails.put(trails)
            except BaseException:
                self._trailing.not_written(trails)
                raise


def _nothing() -> Evidence:
    """Answer what a decision for nobody was made from."""
    return _NOTHING


def _put(
    decision: Decision, encoded: bytes, standing: Standing, before: Mapping[str, int], over: bytes | None
) -> DecisionPut:
    memberships = {segment: before.get(segment, decision.decided_at) for segment in standing.held}
    events = [
        segment_event(decision, segment, entered=segment in memberships)
        for segment in sorted(memberships.keys() ^ before.keys())
    ]
    return DecisionPut(decision, memberships, before, standing.due, dict(events), over, encoded)
