"""Collecting: from a decoded body to acknowledged records, or to a refusal that lets the sender try again."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from api.after import Position, after_token, positions_of
from api.cloudevents import kafka_headers, message_in
from api.errors import RETRY_AFTER, CallTooLarge, LogAway, MalformedCall, TooBusy
from api.keys import Key
from api.log import EventLog, Record
from api.metrics import Metrics
from api.seen import SeenMessages, mark_of
from schemas.collecting import Accepted, Call, Rejection, normalise, without_denied
from schemas.messages import MalformedMessage, MessageType, encode_message
from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one call may bring, and how many calls are worked on at a time."""

    message_bytes: int = 32 * 1024
    batch_bytes: int = 500 * 1024
    batch_messages: int = 2_500
    in_flight: int = 512


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the request says beside its body."""

    gpc: bool = False
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """The answer to a call whose messages are all in the log, the bad ones in the dead letters."""

    after: str
    accepted: int
    duplicates: int
    rejected: tuple[tuple[int, str, str], ...]

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"success": True}
        if self.after:
            body["after"] = self.after
        if self.rejected:
            body["rejected"] = [
                {"index": index, "code": code, "message": detail} for index, code, detail in self.rejected
            ]
        return body


@dataclass(frozen=True, slots=True)
class _Intake:
    """One call's way in; `unwrap` opens an envelope around each message."""

    call: Call
    circumstances: Circumstances
    kind: MessageType | None = None
    unwrap: Callable[[object], object] = lambda raw: raw


@dataclass(frozen=True, slots=True)
class _Ready:
    mark: bytes
    record: Record


class Collector:
    """Takes calls in; bounded, so that a log that is away fills no memory."""

    def __init__(
        self, *, log: EventLog, seen: SeenMessages, limits: Limits, metrics: Metrics, clock: Callable[[], int]
    ) -> None:
        self._log = log
        self._seen = seen
        self.limits = limits
        self._metrics = metrics
        self._clock = clock
        self._in_flight = 0

    def check_room(self) -> None:
        """Refuse a call before its body is read when too many are in work."""
        if self._in_flight >= self.limits.in_flight:
            raise TooBusy("too many calls are in work", retry_after=1)

    async def batch(self, body: object, key: Key, at: Circumstances) -> Collected:
        """Take a batch: `{"batch": [...], "sentAt", "context", "integrations"}`."""
        if not isinstance(body, dict) or not isinstance(body.get("batch"), list):
            raise MalformedCall("a batch is an object with a list named batch")
        call = self._call(key, at, body)
        if _size([call.context, call.integrations]) > self.limits.message_bytes:
            raise CallTooLarge(f"a batch's context has at most {self.limits.message_bytes:,} bytes")
        return await self._collect(body["batch"], _Intake(call, at))

    async def single(self, body: object, kind: MessageType, key: Key, at: Circumstances) -> Collected:
        """Take one message of the endpoint's kind."""
        if not isinstance(body, dict):
            raise MalformedCall("a message is a JSON object")
        return await self._collect([body], _Intake(self._call(key, at), at, kind))

    async def events(self, body: object, key: Key, at: Circumstances) -> Collected:
        """Take one structured CloudEvent or a list of them."""
        events = body if isinstance(body, list) else [body]
        return await self._collect(events, _Intake(self._call(key, at), at, unwrap=message_in))

    async def messages(self, messages: Sequence[Mapping[str, Any]], key: Key, at: Circumstances) -> Collected:
        """Take messages that this door made itself."""
        return await self._collect(list(messages), _Intake(self._call(key, at), at))

    def _call(self, key: Key, at: Circumstances, batch: Mapping[str, Any] | None = None) -> Call:
        around = batch or {}
        context, integrations = around.get("context"), around.get("integrations")
        return Call(
            id=uuid.uuid4().hex,
            source=key.source,
            received_at=self._clock(),
            verified=key.is_secret,
            gpc=at.gpc,
            sent_at=around.get("sentAt"),
            context=context if isinstance(context, dict) else {},
            integrations=integrations if isinstance(integrations, dict) else {},
        )

    async def _collect(self, raws: list[object], intake: "_Intake") -> Collected:
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

    async def _append(self, raws: list[object], intake: "_Intake") -> Collected:
        ready: dict[bytes, Record] = {}
        rejected: list[tuple[int, str, str]] = []
        letters: list[Record] = []
        for index, raw in enumerate(raws):
            outcome = self._ready(raw, intake, index)
            if isinstance(outcome, Rejection):
                rejected.append((index, outcome.code, outcome.detail))
                letters.append(_dead_letter(raw, outcome, intake))
            else:
                ready.setdefault(outcome.mark, outcome.record)
        known = dict(zip(ready, await self._seen.recall(list(ready)), strict=True))
        fresh = [mark for mark in ready if known[mark] is None]
        positions = await self._log.append([*(ready[mark] for mark in fresh), *letters])
        acknowledged = {
            mark: position for mark, position in zip(fresh, positions, strict=False) if position is not None
        }
        await self._seen.remember({mark: after_token((at,)).encode() for mark, at in acknowledged.items()})
        if None in positions:
            raise LogAway("Kafka did not acknowledge every message; send the call again", retry_after=RETRY_AFTER)
        duplicates = len(raws) - len(fresh) - len(rejected)
        self._count(accepted=len(fresh), duplicate=duplicates, rejected=len(rejected))
        after = after_token([*acknowledged.values(), *_first_positions(known)])
        return Collected(after, len(fresh), duplicates, tuple(rejected))

    def _ready(self, raw: object, intake: "_Intake", index: int) -> "_Ready | Rejection":
        try:
            outcome = normalise(intake.unwrap(raw), intake.call, index=index, kind=intake.kind)
        except MalformedMessage as error:
            return Rejection(error.reason, error.detail)
        if isinstance(outcome, Rejection):
            return outcome
        try:
            value = encode_message(outcome.message)
        except TypeError:
            return Rejection("unencodable", "a number has more than 64 bits")
        if len(value) > self.limits.message_bytes < _size(raw):
            return Rejection("message_too_large", f"a message has at most {self.limits.message_bytes:,} bytes")
        if outcome.dropped:
            self._metrics.traits_dropped.inc(outcome.dropped)
        return _Ready(
            mark_of(intake.call.source, outcome.message.message_id), _record(outcome, value, intake.circumstances)
        )

    def _count(self, **outcomes: int) -> None:
        for outcome, number in outcomes.items():
            if number:
                self._metrics.messages.labels(outcome).inc(number)


def _record(accepted: Accepted, value: bytes, at: Circumstances) -> Record:
    message = accepted.message
    return Record(accepted.topic, message.candidate_id.encode(), value, kafka_headers(message, at.traceparent))


def _dead_letter(raw: object, rejection: Rejection, intake: _Intake) -> Record:
    """A refused message as it came, less what is kept nowhere; the headers are Kafka Connect's, and name nobody."""
    try:
        value = orjson.dumps(without_denied(raw))
    except (TypeError, RecursionError):
        value = b"null"
    headers = {
        "__connect.errors.connector.name": "collect",
        "__connect.errors.stage": "VALUE_CONVERTER",
        "__connect.errors.exception.class.name": rejection.code,
        "careerstream.reason": rejection.code,
        "careerstream.source": intake.call.source,
        "careerstream.kind": intake.kind or "",
        "careerstream.received-at": str(intake.call.received_at),
    }
    return Record(Topic.DEAD_LETTERS, None, value, [(name, text.encode()) for name, text in headers.items()])


def _first_positions(known: Mapping[bytes, bytes | None]) -> list[Position]:
    tokens = [token.decode() for token in known.values() if token is not None]
    return [position for token in tokens for position in positions_of(token) or ()]


def _size(raw: object) -> int:
    try:
        return len(orjson.dumps(raw))
    except (TypeError, RecursionError):
        return 0
