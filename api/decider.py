"""Finding the decision for a request inside its time budget, or the next lower rung's: never an error, never later."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from api.after import Position
from api.aside import stand_aside
from api.complaints import Complaints
from api.engine import Engine
from api.last_good import LastGood
from api.partition import Partitions
from api.people import People
from api.undecided import Undecided
from profiles.answers import Answer, decode_answers, with_answers
from profiles.erasures import Erasures
from profiles.feed import AppliedFeed
from profiles.store import Kept, ProfileStore, StoreUnavailable, TopicPartition
from schemas.consent import refused_in
from schemas.decision import Decision, Recall, Rung
from schemas.decision_json import decode_decision, encode_decision
from schemas.messages import CandidateId
from schemas.topics import Topic
from scorers.query import RequestContext

_NOTHING = Kept(None, None)
_RESERVE = 0.25
"""Share of the budget that is kept for reading when the awaited event does not come."""
_FALL = 0.02
"""Seconds of the budget, a tenth of it at most, that are kept for the lower rung: it takes 2 to 5 ms, and its turn on a busy machine."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to decide for. `candidate` None: nobody whom this caller may know, or who consented to being known.

    `own_only` keeps to what came in under that very id; `after` are the events that must be in; `budget` is in seconds. `refused` are
    the purposes that the request itself says no to.
    """

    candidate: CandidateId | None
    own_only: bool
    context: RequestContext
    budget: float
    after: Sequence[Position] = ()
    selectors: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    def refusing(self, consents: Mapping[str, bool]) -> "Asked":
        """Answer the same for somebody who also said no to what these consents do."""
        more = refused_in(consents)
        return replace(self, refused=self.refused.union(more)) if more else self


@dataclass(frozen=True, slots=True)
class Found:
    """A decision and the rung that spoke. `recall` is there when it was made here and nobody logged it yet.

    `withheld` says that the person took consent back or was erased: nothing of this answer is kept under their id.
    """

    decision: Decision
    rung: Rung
    known: bool
    degraded: bool = False
    awaited: bool = True
    recall: Recall | None = None
    withheld: bool = False
    profile_ms: float = 0.0


class Decider:
    """The ladder: live, last good, segment, site, curated."""

    def __init__(
        self,
        *,
        store: ProfileStore,
        people: People,
        feed: AppliedFeed,
        engine: Engine,
        partitions: Partitions,
        new_id: Callable[[CandidateId, int], str],
        erasures: Erasures,
        undecided: Undecided,
        last_good: LastGood,
    ) -> None:
        self._store = store
        self._people = people
        self._feed = feed
        self._engine = engine
        self._new_id = new_id
        self._erasures = erasures
        self._undecided = undecided
        self._partitions = partitions
        self._complaints = Complaints()
        self._last_good = last_good

    async def find(self, asked: Asked, now: int) -> Found:
        """Answer the best decision that can be had in time."""
        candidate = asked.candidate
        if candidate is None:
            return self._visitor(asked, now)
        asked = asked.refusing(self._erasures.narrowed([candidate], {}))
        if self._erasures.of(candidate).is_unprofiled:
            return replace(self._visitor(asked, now), withheld=True)
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            async with asyncio.timeout_at(started + asked.budget - min(_FALL, asked.budget / 10)):
                return await self._live(asked, candidate, started, now)
        except (StoreUnavailable, TimeoutError):
            pass
        except Exception as error:  # noqa: BLE001  # a page gets the lower rung's answer, the operator the trace
            self._complaints.tell("live_failed", error)
        spent = _since(started)
        return replace(self._fallen(asked, candidate, now), profile_ms=spent)

    async def heed(self, answers: Sequence[Answer]) -> None:
        """Decide from now on, in every process, as though this were folded; may raise StoreUnavailable.

        Nor is anybody whom it concerns served the decision from before when the store is away.
        """
        self._last_good.heed(await self._store.note_answers(answers))

    async def _live(self, asked: Asked, candidate: CandidateId, started: float, now: int) -> Found:
        turn = self._last_good.turn
        leading = candidate if asked.own_only else await self._people.leading(candidate)
        offsets = {TopicPartition(at.topic, at.partition): at.offset for at in asked.after}
        # Whoever has to wait for the fold is ahead of the worker: it takes some milliseconds more to decide.
        ahead = not self._feed.has_passed(offsets)
        if ahead:
            stand_aside()
        awaited = not ahead or await self._feed.wait(offsets, started + asked.budget * (1 - _RESERVE))
        kept = _NOTHING if ahead and awaited else await self._store.kept(leading)
        if kept.decision is not None:
            decision = decode_decision(kept.decision)
            if (
                self._may_serve(decision, asked, now)
                and self._undecided.has_seen(decision, leading)
                and (not asked.after or not awaited or self._covers(decision, asked.after))
                and (kept.answers is None or await self._has_heard(decision, leading, kept.answers))
            ):
                self._last_good.remember(candidate, kept.decision, own_only=asked.own_only, turn=turn)
                return Found(
                    decision, "live", known=True, degraded=not awaited, awaited=awaited, profile_ms=_since(started)
                )
        person = await self._people.read(leading, sight="own" if asked.own_only else "all")
        asked = asked.refusing(person.consents)
        spent = _since(started)
        if not person.usable:
            self._last_good.forget(candidate)
            found = self._visitor(asked, now, degraded=not awaited, awaited=awaited, profile_ms=spent)
            return replace(found, withheld=person.known)
        if asked.refused:
            person = replace(person, consents={**person.consents, **dict.fromkeys(asked.refused, False)})
        decision, recall = self._engine.person(person, self._new_id(leading, now), now, asked.selectors)
        self._last_good.remember(candidate, encode_decision(decision), own_only=asked.own_only, turn=turn)
        return Found(
            decision, "live", known=True, degraded=not awaited, awaited=awaited, recall=recall, profile_ms=spent
        )

    def _may_serve(self, decision: Decision, asked: Asked, now: int) -> bool:
        heeds = asked.refused.issubset(decision.refused)
        return heeds and bool(decision.choices) and self._engine.is_current(decision, now)

    async def _has_heard(self, decision: Decision, leading: CandidateId, encoded: bytes) -> bool:
        """Say whether a decision was made from sections in which all of these answers were folded; then they need not be kept."""
        answers = decode_answers(encoded)
        ids = {each.candidate for each in answers}
        sections = await self._store.sections([(Topic.PROFILES, each) for each in ids])
        folded = len(sections) == len(ids) and with_answers(sections, answers, ids) is sections
        seen = [
            decision.version.get(f"{topic.value}/{each}", -1) >= stored.offset
            for (topic, each), stored in sections.items()
        ]
        if not folded or not all(seen):
            return False
        await self._store.settle_answers(leading, encoded)
        return True

    def _covers(self, decision: Decision, after: Sequence[Position]) -> bool:
        """Say whether the decision saw these events: a section of its own in that very partition is at least as far."""
        return all(self._has_seen(decision, position) for position in after)

    def _has_seen(self, decision: Decision, position: Position) -> bool:
        for section, offset in decision.version.items():
            topic, _, candidate = section.partition("/")
            if topic != position.topic.value or offset < position.offset:
                continue
            if self._partitions.of(position.topic, candidate) == position.partition:
                return True
        return False

    def _fallen(self, asked: Asked, candidate: CandidateId, now: int) -> Found:
        last = self._last_good.recall(candidate, own_only=asked.own_only)
        heeds = last is not None and asked.refused.issubset(last.refused)
        if last is not None and heeds and self._engine.has_all(last, asked.selectors):
            return Found(last, "last_good", known=True, degraded=True, awaited=not asked.after)
        return self._visitor(asked, now, degraded=True, awaited=not asked.after)

    def _visitor(
        self, asked: Asked, now: int, *, degraded: bool = False, awaited: bool = True, profile_ms: float = 0.0
    ) -> Found:
        decision, recall = self._engine.visitor(asked.context, self._new_id, now, asked.refused)
        return Found(
            decision,
            decision.rung,
            known=False,
            degraded=degraded,
            awaited=awaited,
            recall=recall,
            profile_ms=profile_ms,
        )


def _since(started: float) -> float:
    """Answer the milliseconds since a moment of the loop's clock."""
    return (asyncio.get_running_loop().time() - started) * 1000
