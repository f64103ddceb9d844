"""What one call brings: its messages one by one, made ready for the log or sorted out with what is wrong with them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from api.callers import Caller
from api.cloudevents import kafka_headers
from api.log import Record
from api.seen import mark_of
from schemas.collecting import Accepted, Call, Rejection, normalise, without_denied
from schemas.messages import MalformedMessage, MessageType, encode_message
from schemas.personal import redacted
from schemas.topics import Topic

_ANONYMOUS = ("anonymousId", "previousId")


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
class Intake:
    """One call's way in; `unwrap` opens an envelope around each message."""

    call: Call
    caller: Caller
    circumstances: Circumstances
    kind: MessageType | None = None
    unwrap: Callable[[object], object] = lambda raw: raw


@dataclass(frozen=True, slots=True)
class Ready:
    """A record, and the mark by which its message is known when it comes again."""

    mark: bytes
    record: Record


@dataclass(slots=True)
class Sorted:
    """A call's messages by what becomes of them."""

    accepted: dict[int, Accepted] = field(default_factory=dict)
    rejected: list[tuple[int, str, str]] = field(default_factory=list)
    withheld: list[int] = field(default_factory=list)
    suppressed: int = 0
    letters: list[Record] = field(default_factory=list)

    def put(self, index: int, raw: object, outcome: Accepted | Rejection, intake: Intake) -> None:
        if isinstance(outcome, Rejection):
            self.reject(index, raw, outcome, intake)
        else:
            self.accepted[index] = outcome

    def reject(self, index: int, raw: object, rejection: Rejection, intake: Intake) -> None:
        self.rejected.append((index, rejection.code, rejection.detail))
        self.letters.append(_dead_letter(raw, rejection, intake))


def normalised(raw: object, intake: Intake, index: int) -> Accepted | Rejection:
    """Answer a raw message in the form of the topics, or why it is refused."""
    try:
        return normalise(_named(intake.unwrap(raw), intake.caller), intake.call, index=index, kind=intake.kind)
    except MalformedMessage as error:
        return Rejection(error.reason, error.detail)


def ready_of(accepted: Accepted, raw: object, intake: Intake, *, most_bytes: int) -> Ready | Rejection:
    """Answer a message as it goes to the log, or why it cannot: a message may grow past `most_bytes` here, not come so."""
    try:
        value = encode_message(accepted.message)
    except TypeError:
        return Rejection("unencodable", "a number has more than 64 bits")
    if len(value) > most_bytes < size(raw):
        return Rejection("message_too_large", f"a message has at most {most_bytes:,} bytes")
    return Ready(
        mark_of(intake.call.source, accepted.message.message_id), _record(accepted, value, intake.circumstances)
    )


def _named(raw: object, caller: Caller) -> object:
    """Answer a message under the bare anonymous ids that its sender proved; may raise MalformedMessage."""
    if not isinstance(raw, dict):
        return raw
    caller.check_user(raw.get("userId"), alone=not raw.get("anonymousId"))
    texts = {name: raw[name] for name in _ANONYMOUS if isinstance(raw.get(name), str) and raw[name]}
    if texts.get("previousId") == raw.get("userId"):
        # What browsers send after an identify: it names the user a second time.
        texts.pop("previousId", None)
    return {**raw, **{name: caller.anonymous(text) for name, text in texts.items()}} if texts else raw


def _record(accepted: Accepted, value: bytes, at: Circumstances) -> Record:
    message = accepted.message
    return Record(accepted.topic, message.candidate_id.encode(), value, kafka_headers(message, at.traceparent))


def _dead_letter(raw: object, rejection: Rejection, intake: Intake) -> Record:
    """A refused message as it came, less what is kept nowhere or only sealed; the headers are Kafka Connect's, and name nobody."""
    try:
        value = orjson.dumps(redacted(without_denied(raw)))
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


def size(raw: object) -> int:
    """Answer the bytes of anything as JSON; 0 for what JSON cannot say."""
    try:
        return len(orjson.dumps(raw))
    except (TypeError, RecursionError):
        return 0
