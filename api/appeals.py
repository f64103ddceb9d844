"""Appeals: lodged by candidates or for them, looked at by colleagues with what the engine had, decided through the doors there are."""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import structlog

from api.callers import Caller
from api.cloudevents import rfc3339
from api.collect import Collector
from api.errors import RETRY_AFTER, KeyMayNot, LogAway, MalformedCall, UnknownThing
from api.intake import Circumstances
from api.log import EventLog, Record
from api.overriding import Overriding
from api.vault import Vault
from profiles.pseudonym import pseudonym
from schemas.appeal import ERASED, REASON, WHY, Appeal, NewAppeal, Outcome, Verdict, decode_appeal, encode_appeal
from schemas.consent import PERSONALIZATION
from schemas.messages import CandidateId
from schemas.topics import Topic

CANDIDATE = "candidate"
"""Who lodged an appeal in person: not named again."""
OPEN_LIMIT = 20
"""How many appeals of one person may be open at once."""
_HOUSE = Caller("appeals", "secret", frozenset(), "")
"""In whose name what follows from an appeal is written."""

_line = structlog.get_logger("api.appeals")


class AppealBook:
    """Every appeal there is, as this process knows it; kept up to date by whoever hands it in."""

    def __init__(self) -> None:
        self._appeals: dict[str, Appeal] = {}

    def apply(self, key: str, value: bytes | None) -> None:
        """Take a record of the topic; ValueError or TypeError for one that is none."""
        appeal = None if value is None else decode_appeal(value)
        if appeal is None:
            self._appeals.pop(key, None)
        else:
            self._appeals[key] = appeal

    def find(self, appeal_id: str) -> Appeal | None:
        return self._appeals.get(appeal_id)

    def all(self) -> list[Appeal]:
        """Answer the open ones first, the oldest first, then those decided, the newest first."""
        return sorted(
            self._appeals.values(), key=lambda each: (not each.is_open, each.at if each.is_open else -each.at)
        )

    def of(self, ids: Collection[CandidateId]) -> list[Appeal]:
        return [each for each in self.all() if each.candidate in ids]

    def open_seconds(self, now: int) -> float:
        """Answer how long the oldest open appeal waits, 0 for none."""
        return max((now - each.at for each in self._appeals.values() if each.is_open), default=0) / 1000

    def count(self, outcome: Outcome | None) -> int:
        return sum(each.outcome == outcome for each in self._appeals.values())

    def median_seconds(self) -> float:
        """Answer how long half of those decided took at most, 0 for none."""
        spans = [each.decided_at - each.at for each in self._appeals.values() if each.decided_at is not None]
        return median(spans) / 1000 if spans else 0.0

    def overturned(self) -> float:
        """Answer the share of those decided that did not uphold what was decided."""
        decided = [each for each in self._appeals.values() if not each.is_open]
        return sum(each.outcome != "uphold" for each in decided) / len(decided) if decided else 0.0


@dataclass(frozen=True, slots=True)
class Appeals:
    """Lodges and decides. What writes may raise LogAway or StoreAway, and may then be sent again."""

    log: EventLog
    book: AppealBook
    vault: Vault
    overriding: Overriding
    collector: Collector
    clock: Callable[[], int]

    async def lodge(self, asked: NewAppeal, candidate: CandidateId, *, by: str) -> Appeal:
        standing = [each for each in self.book.of([candidate]) if each.is_open]
        same = next((each for each in standing if (each.about, each.subject) == (asked.about, asked.subject)), None)
        if same is not None:
            return same
        if len(standing) >= OPEN_LIMIT:
            raise MalformedCall(f"{OPEN_LIMIT} appeals of this person are open already")
        appeal = Appeal(
            id=f"ap-{secrets.token_hex(8)}",
            candidate=candidate,
            about=asked.about,
            subject=asked.subject,
            item=asked.item_id,
            reason=await self.vault.seal_value(candidate, REASON, asked.reason, Topic.APPEALS),
            by=by,
            at=self.clock(),
        )
        await self._write(appeal)
        _line.info("appeal_lodged", appeal=appeal.id, about=appeal.about, by=by)
        return appeal

    def found(self, appeal_id: str) -> Appeal:
        appeal = self.book.find(appeal_id)
        if appeal is None:
            raise UnknownThing("there is no such appeal")
        return appeal

    async def decide(self, appeal: Appeal, verdict: Verdict, *, by: str, concerned: Collection[str]) -> Appeal:
        """Decide it; `concerned` are those whose own word is appealed against: they may not."""
        if not appeal.is_open:
            raise MalformedCall(f"it was decided already: {appeal.outcome}")
        if by in concerned:
            raise KeyMayNot("your own override is appealed against: somebody else has to decide")
        _check(appeal, verdict)
        done = None if verdict.outcome == "uphold" else await self._done(appeal, verdict, by)
        why = await self.vault.seal_value(appeal.candidate, WHY, verdict.why, Topic.APPEALS)
        decided = appeal.decided(verdict.outcome, by=by, at=self.clock(), why=why, done=done)
        await self._write(decided)
        _line.info("appeal_decided", appeal=appeal.id, outcome=verdict.outcome, by=by, done=done)
        return decided

    async def opened(self, appeal: Appeal) -> dict[str, Any]:
        """Answer what both sides wrote, opened; None for what no key opens any more."""
        sealed = {REASON: appeal.reason, **({WHY: appeal.why} if appeal.why is not None else {})}
        return await self.vault.opened(sealed, [appeal.candidate], Topic.APPEALS)

    async def told(self, appeal: Appeal) -> dict[str, Any]:
        """Answer an appeal with what both sides wrote, for whom it is about."""
        written = await self.opened(appeal)
        return {**told(appeal), "reason": written[REASON], **({"why": written[WHY]} if WHY in written else {})}

    async def _done(self, appeal: Appeal, verdict: Verdict, by: str) -> str | None:
        match appeal.about:
            case "decision":
                return await self._overridden(appeal, verdict, by)
            case "application":
                stage = verdict.stage or "submitted"
                body = {"job_id": appeal.subject, "stage": stage}
                await self._happened(appeal, "Application Status Changed", body)
                return f"the application stands at {stage}"
            case "inference":
                dimension, _, value = appeal.subject.partition(":")
                await self._happened(appeal, "Inference Corrected", {"dimension": dimension, "value": value})
                return "the inference does not count any more"

    async def _overridden(self, appeal: Appeal, verdict: Verdict, by: str) -> str | None:
        if verdict.override is None:
            return None
        name, now = f"ov-{secrets.token_hex(8)}", self.clock()
        try:
            override = verdict.override.made(name, by=by, at=now, person=pseudonym(appeal.candidate))
        except ValueError as error:
            raise MalformedCall(f"override: {error}") from error
        await self.overriding.add(replace(override, segment=None))
        return f"override {name}"

    async def _happened(self, appeal: Appeal, event: str, properties: dict[str, str]) -> None:
        kind, _, identifier = appeal.candidate.partition(":")
        who = {"userId" if kind == "u" else "anonymousId": identifier}
        # One id for each appeal: a decision that is sent again tells nothing twice. That the person asked for it is a yes to this.
        asked = {"consent": {"categoryPreferences": {PERSONALIZATION: True}}}
        message = {
            "type": "track",
            "event": event,
            "messageId": appeal.id,
            "properties": properties,
            "context": asked,
            **who,
        }
        told = await self.collector.messages([message], _HOUSE, Circumstances())
        if told.rejected or told.withheld:
            refused = (
                told.rejected[0][2] if told.rejected else "the person has consented to nothing that it could change"
            )
            raise MalformedCall(f"what follows was not taken: {refused}")

    async def _write(self, appeal: Appeal) -> None:
        await _append(self.log, self.book, [(appeal.id, encode_appeal(appeal))])


async def forget(log: EventLog, book: AppealBook, ids: Sequence[CandidateId]) -> None:
    """Take a person's appeals out; may raise LogAway."""
    if held := book.of(ids):
        await _append(log, book, [(each.id, ERASED) for each in held])


async def _append(log: EventLog, book: AppealBook, records: Sequence[tuple[str, bytes]]) -> None:
    positions = await log.append([Record(Topic.APPEALS, key.encode(), value) for key, value in records])
    if None in positions:
        raise LogAway("Kafka did not acknowledge it; send the call again", retry_after=RETRY_AFTER)
    for key, value in records:
        book.apply(key, value)


def _check(appeal: Appeal, verdict: Verdict) -> None:
    if verdict.override is not None and appeal.about != "decision":
        raise MalformedCall("override: only an appeal about a decision makes one")
    if verdict.stage is not None and appeal.about != "application":
        raise MalformedCall("stage: only an appeal about an application has one")


def told(appeal: Appeal) -> dict[str, Any]:
    """Answer what everybody who may know of an appeal is told, a candidate too."""
    dimension, _, value = appeal.subject.partition(":")
    subjects: dict[str, dict[str, Any]] = {
        "decision": {"decisionId": appeal.subject, "itemId": appeal.item},
        "application": {"jobId": appeal.subject},
        "inference": {"dimension": dimension, "value": value},
    }
    body = {
        "id": appeal.id,
        "about": appeal.about,
        **subjects[appeal.about],
        "status": "open" if appeal.is_open else "decided",
        "lodgedBy": appeal.by,
        "lodgedAt": rfc3339(appeal.at),
        "outcome": appeal.outcome,
        "decidedBy": appeal.decided_by,
        "decidedAt": None if appeal.decided_at is None else rfc3339(appeal.decided_at),
        "done": appeal.done,
    }
    return {name: member for name, member in body.items() if member is not None}
