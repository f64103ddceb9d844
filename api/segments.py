"""Who is in which segment right now, and what of it may leave the house."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.engine import Engine
from api.people import People, Sight
from api.segment_formats import Membership
from profiles.candidate import Candidate
from profiles.segments import SegmentRule
from profiles.store import ProfileStore
from schemas.consent import ADVERTISING, allows
from schemas.messages import CandidateId

_COUNTS_KEPT = 60.0
_TYPES = {"user_id": "u", "anonymous_id": "a", "u": "u", "a": "a"}


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's segments as they are at the moment of asking."""

    known: bool
    memberships: tuple[Membership, ...]
    consents: Mapping[str, bool]


def candidate_named(name: str) -> CandidateId | None:
    """Answer the candidate id of `user_id:…` or `anonymous_id:…`; None for types that lead to nobody here."""
    kind, _, identifier = name.partition(":")
    initial = _TYPES.get(kind)
    return f"{initial}:{identifier}" if initial and identifier else None


class Segments:
    """Reads memberships; they are evaluated anew at each reading, for time alone may end one."""

    def __init__(self, *, store: ProfileStore, people: People, engine: Engine, least_members: int = 50) -> None:
        self._store = store
        self._people = people
        self._engine = engine
        self._least = least_members
        self._counts: dict[str, tuple[float, int]] = {}

    @property
    def rules(self) -> Mapping[str, SegmentRule]:
        return {rule.key: rule for rule in self._engine.current.segments}

    async def of(self, asked: CandidateId | None, now: int, *, sight: Sight = "all") -> Standing:
        """Answer somebody's segments; nobody in particular is in none. May raise StoreUnavailable."""
        person = None if asked is None else await self._people.read(asked, sight=sight)
        if person is None or not person.usable:
            return Standing(known=False, memberships=(), consents={})
        return Standing(known=True, memberships=await self.memberships(person, now), consents=person.consents)

    async def memberships(self, person: Candidate, now: int) -> tuple[Membership, ...]:
        """Answer what a person is in, each since it was entered as far as an agent noted it."""
        held = self._engine.held(person, now)
        leading = await self._people.leading(person.id)
        entered = (await self._store.memberships([leading])).get(leading, {})
        rules = self.rules
        return tuple(
            Membership(key, entered.get(key), until, exportable=rules[key].exportable, iab=rules[key].iab)
            for key, until in sorted(held.items())
        )

    async def leaving(self, standing: Standing, *, consented: bool) -> tuple[Membership, ...]:
        """Answer the memberships that an ad server may have: with consent, exportable, and shared by enough people."""
        if not consented or not allows(standing.consents, ADVERTISING):
            return ()
        exported = [membership for membership in standing.memberships if membership.exportable]
        return tuple([membership for membership in exported if await self.is_crowd(membership.key)])

    async def is_crowd(self, key: str) -> bool:
        """Say whether a segment has enough members that it points at nobody."""
        kept = self._counts.get(key)
        if kept is None or kept[0] < time.monotonic():
            kept = self._counts[key] = (time.monotonic() + _COUNTS_KEPT, await self._store.member_count(key))
        return kept[1] >= self._least

    async def since(self, key: str, moment: int) -> int:
        """Answer where in a segment's list those begin who entered at `moment` or later: a search by halves."""
        low, high = 0, await self._store.member_count(key)
        while low < high:
            middle = (low + high) // 2
            at: Sequence[tuple[CandidateId, int]] = await self._store.members(key, middle, 1)
            if at and at[0][1] < moment:
                low = middle + 1
            else:
                high = middle
        return low
