"""Colleagues over the engine: pins, boosts and blocks are written to Kafka, and hold here at once, elsewhere within a second."""

from collections.abc import Callable
from dataclasses import dataclass

from api.errors import RETRY_AFTER, LogAway, MalformedCall, UnknownThing
from api.log import EventLog, Record
from schemas.override import PAUSE, Override, Pause, encode_override
from schemas.topics import Topic
from scorers.override_book import IN_FORCE_LIMIT, OverrideBook
from scorers.policy import Policy


@dataclass(frozen=True, slots=True)
class Overriding:
    """Makes and ends overrides. Every method that writes may raise LogAway; then nothing changed here."""

    log: EventLog
    book: OverrideBook
    policy: Policy
    clock: Callable[[], int]

    async def add(self, override: Override) -> None:
        if override.selector is not None and self.policy.selector(override.selector) is None:
            known = ", ".join(selector.name for selector in self.policy.selectors)
            raise MalformedCall(f"selector: {override.selector} is none of {known}")
        if len(self.book.in_force(self.clock())) >= IN_FORCE_LIMIT:
            raise MalformedCall(f"{IN_FORCE_LIMIT} overrides are in force: remove one first")
        await self._write(override.id, override)

    async def remove(self, override_id: str, *, by: str) -> Override:
        found = self.book.find(override_id)
        if found is None:
            raise UnknownThing("there is no such override")
        removed = found if found.removed_at is not None else found.removed(by=by, at=self.clock())
        await self._write(override_id, removed)
        return removed

    async def pause(self, *, paused: bool, by: str, why: str) -> Pause:
        said = Pause(paused, by, why, self.clock())
        await self._write(PAUSE, said)
        return said

    async def _write(self, key: str, said: Override | Pause) -> None:
        value = encode_override(said)
        (position,) = await self.log.append([Record(Topic.OVERRIDES, key.encode(), value)])
        if position is None:
            raise LogAway("Kafka did not acknowledge it; send the call again", retry_after=RETRY_AFTER)
        self.book.apply(key, value)
