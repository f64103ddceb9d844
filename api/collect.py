"""Collecting: from a decoded body to acknowledged records, or to a refusal that lets the sender try again."""

import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.addresses import Addresses
from api.after import Position, after_token, positions_of
from api.aside import stand_aside
from api.callers import Caller
from api.cloudevents import message_in
from api.consent_records import ConsentRecords, told_in
from api.errors import RETRY_AFTER, CallTooLarge, LogAway, MalformedCall, StoreAway, TooBusy
from api.intake import Circumstances, Intake, Limits, Sorted, normalised, ready_of, size
from api.log import EventLog, Record
from api.metrics import Metrics, Stopwatch
from api.seen import SeenMessages
from api.vault import Vault
from profiles.answers import Answer, answers_in
from profiles.consent import may_count
from profiles.erasures import Erasures
from profiles.store import StoreUnavailable
from schemas.collecting import Call, Rejection
from schemas.consent import PERSONALIZATION
from schemas.events import ConsentChanged
from schemas.messages import CandidateId, Message, MessageType
from schemas.personal import has_personal
from schemas.privacy import Privacy

ConsentsOf = Callable[[Sequence[CandidateId]], Awaitable[Mapping[CandidateId, Mapping[str, bool]]]]
"""Answers what each of these ids agreed to before; may raise StoreUnavailable: then the call is sent again."""

Heed = Callable[[Sequence[Answer]], Awaitable[None]]
"""Lets answers about consent hold for whatever is read or decided from now on, in every process; may raise StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class Collected:
    """The answer to a call whose messages are all in the log, the bad ones in the dead letters.

    `withheld` are the places of messages that were not kept: nobody consented to it.
    """

    after: str
    accepted: int
    duplicates: int
    rejected: tuple[tuple[int, str, str], ...]
    withheld: tuple[int, ...] = ()

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"success": True}
        if self.after:
            body["after"] = self.after
        if self.rejected:
            body["rejected"] = [
                {"index": index, "code": code, "message": detail} for index, code, detail in self.rejected
            ]
        if self.withheld:
            body["withheld"] = [{"index": index, "code": "no_consent"} for index in self.withheld]
        return body


class Collector:
    """Takes calls in; bounded, so that a log that is away fills no memory."""

    def __init__(
        self,
        *,
        log: EventLog,
        seen: SeenMessages,
        limits: Limits,
        metrics: Metrics,
        clock: Callable[[], int],
        consents: ConsentsOf,
        heed: Heed,
        vault: Vault,
        addresses: Addresses,
        erasures: Erasures,
        records: ConsentRecords,
        privacy: Privacy,
    ) -> None:
        self._log = log
        self._seen = seen
        self.limits = limits
        self._metrics = metrics
        self._clock = clock
        self._consents = consents
        self._heed = heed
        self._vault = vault
        self._addresses = addresses
        self._erasures = erasures
        self._records = records
        self._privacy = privacy
        self._in_flight = 0

    def check_room(self) -> None:
        """Refuse a call before its body is read when too many are in work."""
        if self._in_flight >= self.limits.in_flight:
            raise TooBusy("too many calls are in work", retry_after=1)

    async def batch(self, body: object, caller: Caller, at: Circumstances) -> Collected:
        """Take a batch: `{"batch": [...], "sentAt", "context", "integrations"}`."""
        if not isinstance(body, dict) or not isinstance(body.get("batch"), list):
            raise MalformedCall("a batch is an object with a list named batch")
        call = self._call(caller, at, body)
        if size([call.context, call.integrations]) > self.limits.message_bytes:
            raise CallTooLarge(f"a batch's context has at most {self.limits.message_bytes:,} bytes")
        return await self._collect(body["batch"], Intake(call, caller, at))

    async def single(self, body: object, kind: MessageType, caller: Caller, at: Circumstances) -> Collected:
        """Take one message of the endpoint's kind."""
        if not isinstance(body, dict):
            raise MalformedCall("a message is a JSON object")
        return await self._collect([body], Intake(self._call(caller, at), caller, at, kind))

    async def events(self, body: object, caller: Caller, at: Circumstances) -> Collected:
        """Take one structured CloudEvent or a list of them."""
        events = body if isinstance(body, list) else [body]
        return await self._collect(events, Intake(self._call(caller, at), caller, at, unwrap=message_in))

    async def messages(self, messages: Sequence[Mapping[str, Any]], caller: Caller, at: Circumstances) -> Collected:
        """Take messages that this door made itself."""
        return await self._collect(list(messages), Intake(self._call(caller, at), caller, at))

    def _call(self, caller: Caller, at: Circumstances, batch: Mapping[str, Any] | None = None) -> Call:
        around = batch or {}
        context, integrations = around.get("context"), around.get("integrations")
        return Call(
            id=uuid.uuid4().hex,
            source=caller.source,
            received_at=self._clock(),
            verified=caller.is_secret,
            vouched=caller.user_id,
            gpc=at.gpc,
            default=self._privacy.default(caller.source),
            vendor=self._privacy.vendor,
            sent_at=around.get("sentAt"),
            context=context if isinstance(context, dict) else {},
            integrations=integrations if isinstance(integrations, dict) else {},
        )

    async def _collect(self, raws: list[object], intake: Intake) -> Collected:
        if len(raws) > self.limits.batch_messages:
            raise CallTooLarge(f"a batch has at most {self.limits.batch_messages:,} messages")
        self.check_room()
        self._in_flight += 1
        self._metrics.in_flight.set(self._in_flight)
        try:
            return await self._append(raws, intake)
        finally:
            self._in_flight -= 1
            self._metrics.in_flight.set(self._in_flight)

    async def _append(self, raws: list[object], intake: Intake) -> Collected:
        watch = Stopwatch(self._metrics.collecting)
        sorted_ = Sorted()
        for index, raw in enumerate(raws):
            sorted_.put(index, raw, normalised(raw, intake, index), intake)
        await self._withhold(sorted_)
        await self._record(sorted_)
        await self._seal(sorted_)
        await self._drop_erased(sorted_)
        ready: dict[bytes, Record] = {}
        answers: list[Answer] = []
        for index, accepted in sorted_.accepted.items():
            outcome = ready_of(accepted, raws[index], intake, most_bytes=self.limits.message_bytes)
            if isinstance(outcome, Rejection):
                sorted_.reject(index, raws[index], outcome, intake)
            else:
                ready.setdefault(outcome.mark, outcome.record)
                self._metrics.traits_dropped.inc(accepted.dropped)
                if isinstance(accepted.event, ConsentChanged):
                    answers += answers_in(accepted.message.candidate_id, accepted.event)
        watch.passed("parse")
        known = dict(zip(ready, await self._seen.recall(list(ready)), strict=True))
        fresh = [mark for mark in ready if known[mark] is None]
        watch.passed("dedup")
        if answers:
            await self._hold(answers)
        stand_aside()
        positions = await self._log.append([*(ready[mark] for mark in fresh), *sorted_.letters])
        acknowledged = {
            mark: position for mark, position in zip(fresh, positions, strict=False) if position is not None
        }
        watch.passed("produce")
        self._seen.remember({mark: after_token((at,)).encode() for mark, at in acknowledged.items()})
        if None in positions:
            raise LogAway("Kafka did not acknowledge every message; send the call again", retry_after=RETRY_AFTER)
        if answers:
            # Once more: a Redis that was exchanged meanwhile has not heard it, and where the log ended may have been asked before.
            await self._hold(answers)
        rejected, withheld = tuple(sorted_.rejected), tuple(sorted_.withheld)
        duplicates = len(raws) - len(fresh) - len(rejected) - len(withheld) - sorted_.suppressed
        self._count(
            accepted=len(fresh),
            duplicate=duplicates,
            rejected=len(rejected),
            withheld=len(withheld) + sorted_.suppressed,
        )
        after = after_token([*acknowledged.values(), *_first_positions(known)])
        return Collected(after, len(fresh), duplicates, rejected, withheld)

    async def _withhold(self, sorted_: Sorted) -> None:
        """Take out what may not be kept, so that it never reaches Kafka.

        That is what is about people who were erased or suppressed, and what nobody consented to; who said nothing may have
        agreed before.
        """
        self._suppress(sorted_)
        unsaid = {
            index: accepted
            for index, accepted in sorted_.accepted.items()
            if not may_count(accepted.event, accepted.message.consent)
        }
        silent = {
            each.message.candidate_id for each in unsaid.values() if PERSONALIZATION not in (each.message.consent or {})
        }
        held = await self._held(silent) if silent else {}
        for index, accepted in unsaid.items():
            message = accepted.message
            consent = {**held.get(message.candidate_id, {}), **(message.consent or {})}
            if may_count(accepted.event, consent):
                sorted_.accepted[index] = replace(accepted, message=replace(message, consent=consent))
            else:
                del sorted_.accepted[index]
                sorted_.withheld.append(index)

    def _suppress(self, sorted_: Sorted) -> list[Message]:
        """Take out what is about people who were erased or suppressed, and answer it."""
        refused = {
            index: accepted.message
            for index, accepted in sorted_.accepted.items()
            if self._erasures.refuses(accepted.message, accepted.event)
        }
        for index in refused:
            del sorted_.accepted[index]
        sorted_.suppressed += len(refused)
        return list(refused.values())

    async def _drop_erased(self, sorted_: Sorted) -> None:
        """Take out what is about people who were erased while it was sealed: a key that was made for that must not stay."""
        people = {message.candidate_id for message in self._suppress(sorted_)}
        if erased := [each for each in people if self._erasures.of(each).erased]:
            await self._vault.destroy(erased)

    async def _record(self, sorted_: Sorted) -> None:
        """Put what was said about consent on record before it has an effect; sent again, it is the same record."""
        for accepted in sorted_.accepted.values():
            if isinstance(accepted.event, ConsentChanged) and accepted.event.purposes:
                await self._records.add(told_in(accepted.message, accepted.event))

    async def _hold(self, answers: Sequence[Answer]) -> None:
        """Have what events say about consent hold from the collector's own answer on: the agents may be behind."""
        try:
            await self._heed(answers)
        except StoreUnavailable as error:
            raise StoreAway(
                "what was said about consent cannot be kept; send the call again", retry_after=RETRY_AFTER
            ) from error

    async def _seal(self, sorted_: Sorted) -> None:
        """Seal what names a person before Kafka sees it."""
        for index, accepted in sorted_.accepted.items():
            if has_personal(accepted.message):
                await self._addresses.note(accepted.message)
                message = await self._vault.seal(accepted.message, accepted.topic)
                sorted_.accepted[index] = replace(accepted, message=message)

    async def _held(self, candidates: Collection[CandidateId]) -> Mapping[CandidateId, Mapping[str, bool]]:
        try:
            return await self._consents(list(candidates))
        except StoreUnavailable as error:
            raise StoreAway(
                "nobody can tell what was consented to; send the call again", retry_after=RETRY_AFTER
            ) from error

    def _count(self, **outcomes: int) -> None:
        for outcome, number in outcomes.items():
            if number:
                self._metrics.messages.labels(outcome).inc(number)


def _first_positions(known: Mapping[bytes, bytes | None]) -> list[Position]:
    tokens = [token.decode() for token in known.values() if token is not None]
    return [position for token in tokens for position in positions_of(token) or ()]
