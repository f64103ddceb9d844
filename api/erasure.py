"""Erasing a person, and keeping them erased: the list first, then the keys, then the state."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from api.addresses import Addresses
from api.after import Position, after_token, positions_of
from api.consent_records import ConsentRecords
from api.errors import RETRY_AFTER, LogAway
from api.log import EventLog, Record
from api.people import People
from api.vault import Vault
from profiles.erasures import Erasures, Standing, encode_standing
from profiles.feed import AppliedFeed
from profiles.pseudonym import pseudonym
from profiles.store import ProfileStore, TopicPartition
from schemas.erasing import encode_erasure
from schemas.messages import CandidateId
from schemas.topics import CANDIDATE_TOPICS, Topic

PATIENCE = 4.0
"""Seconds that a call waits for the agents to have folded an erasure."""

Change = Callable[[Standing], Standing]


@dataclass(frozen=True, slots=True)
class Erased:
    """Whose ids were erased, whether the agents have deleted their state already, and what they have to have read for that."""

    ids: tuple[CandidateId, ...]
    done: bool
    after: str


class Erasure:
    """Erases, suppresses and releases people. Every method may raise LogAway, StoreAway or StoreUnavailable; all can be repeated."""

    def __init__(
        self,
        *,
        log: EventLog,
        people: People,
        store: ProfileStore,
        vault: Vault,
        addresses: Addresses,
        feed: AppliedFeed,
        erasures: Erasures,
        records: ConsentRecords,
        clock: Callable[[], int],
        forget: Callable[[Sequence[CandidateId]], Awaitable[None]],
        patience: float = PATIENCE,
    ) -> None:
        self._log = log
        self._people = people
        self._store = store
        self._vault = vault
        self._addresses = addresses
        self._feed = feed
        self._erasures = erasures
        self._records = records
        self._clock = clock
        self._forget = forget
        self.patience = patience

    async def erase(self, candidate: CandidateId, *, suppress: bool = True) -> Erased:
        """Make a person unreadable everywhere, delete their state, and (unless told otherwise) take nothing of theirs any more.

        The list goes first: from then on, whatever fails is done again by whoever reads it.
        """
        ids = await self._people.every_id(candidate)
        now = self._clock()
        if suppress:
            await self._change(ids, Standing.with_erasure)
        else:
            await self._change(ids, lambda standing: standing.with_erasure().released(now))
        positions = await self._take_out(ids, now)
        return Erased(ids, await self._settled(ids, positions), after_token(positions))

    async def is_done(self, after: Iterable[str]) -> bool:
        """Say whether the agents have read on behind these erasures."""
        offsets: dict[TopicPartition, int] = {}
        for token in after:
            for at in positions_of(token) or ():
                each = TopicPartition(at.topic, at.partition)
                offsets[each] = max(offsets.get(each, 0), at.offset)
        stored = await self._store.checkpoints(offsets)
        return all((stored[each] or 0) > offset for each, offset in offsets.items())

    async def expire(self, ids: Sequence[CandidateId]) -> None:
        """Take people out whose time is over. They are on no list: who comes back is somebody new."""
        await self._take_out(ids, self._clock())

    async def _take_out(self, ids: Sequence[CandidateId], now: int) -> list[Position]:
        held = await self._store.memberships(ids)
        await self._vault.destroy(ids)
        names = [pseudonym(each) for each in ids]
        await self._addresses.forget(names)
        await self._records.forget(names)
        await self._forget(ids)
        await self._append([_exit(each, key, now) for each in ids for key in held.get(each, {})])
        line = encode_erasure(now)
        return await self._append([Record(topic, each.encode(), line) for each in ids for topic in CANDIDATE_TOPICS])

    async def suppress(self, candidate: CandidateId) -> tuple[CandidateId, ...]:
        """Take nothing of a person any more, and leave what is there."""
        now = self._clock()
        return await self._change_all(candidate, lambda standing: standing.with_suppression(now))

    async def object(self, candidate: CandidateId) -> tuple[CandidateId, ...]:
        """Stop profiling a person: nothing that needs consent counts any more, on any rung, in any process."""
        now = self._clock()
        return await self._change_all(candidate, lambda standing: standing.with_objection(now))

    async def answer(self, candidate: CandidateId, answers: Mapping[str, bool]) -> None:
        """Note what a person says about purposes that hold until there is a no (`schemas.consent.INCLUDED`)."""
        now, ids = self._clock(), await self._people.every_id(candidate)

        def answered(standing: Standing) -> Standing:
            return standing.with_answers(answers, now)

        # A yes to what nobody refused is not worth a line in a list that every process holds.
        await self._change(
            [each for each in ids if answered(self._erasures.of(each)) != self._erasures.of(each)], answered
        )

    async def take_up(self, candidate: CandidateId) -> tuple[CandidateId, ...]:
        """End an objection."""
        now = self._clock()
        return await self._change_all(candidate, lambda standing: standing.without_objection(now))

    async def release(self, candidate: CandidateId) -> tuple[CandidateId, ...]:
        """Take a person up again who was suppressed or erased; what was erased stays erased."""
        now = self._clock()
        return await self._change_all(candidate, lambda standing: standing.released(now))

    async def _change_all(self, candidate: CandidateId, change: Change) -> tuple[CandidateId, ...]:
        ids = await self._people.every_id(candidate)
        await self._change(ids, change)
        return ids

    async def _change(self, ids: Iterable[CandidateId], change: Change) -> None:
        changed = {pseudonym(each): change(self._erasures.of(each)) for each in ids}
        await self._append(
            [Record(Topic.ERASURES, name.encode(), encode_standing(standing)) for name, standing in changed.items()]
        )
        # Known here at once; the other processes read it off the topic within milliseconds.
        for name, standing in changed.items():
            self._erasures.apply(name, encode_standing(standing))

    async def _append(self, records: Sequence[Record]) -> list[Position]:
        if not records:
            return []
        positions = [position for position in await self._log.append(records) if position is not None]
        if len(positions) < len(records):
            raise LogAway("Kafka did not acknowledge everything; send the call again", retry_after=RETRY_AFTER)
        return positions

    async def _settled(self, ids: Sequence[CandidateId], positions: Sequence[Position]) -> bool:
        deadline = asyncio.get_running_loop().time() + self.patience
        offsets = {
            TopicPartition(at.topic, at.partition): at.offset for at in sorted(positions, key=lambda at: at.offset)
        }
        done = await self._feed.wait(offsets, deadline)
        # An agent may have been deciding while its sections went: what it wrote since goes too.
        await self._store.forget(dict.fromkeys(ids, self._clock()))
        return done


def _exit(candidate: CandidateId, segment: str, now: int) -> Record:
    """Answer the event that takes an erased person out of an audience, for whoever was told of them."""
    body = {
        "id": f"{candidate}/{segment}/exited/{now}", "candidateId": candidate, "segment": segment,
        "change": "exited", "at": now, "decisionId": "",
    }  # fmt: skip
    return Record(Topic.SEGMENTS, candidate.encode(), orjson.dumps(body))
