"""The normalised tracking message: the value of every record on a candidate topic, as plain JSON.

The collector (or an ATS that writes to Kafka directly) stamps each message once with its event time, with who vouched for the
user id and with the consent in force, so every later gate is a function of the message and a replay decides as the first run did.
The shape is Segment's; what we add is `eventTime`, `receivedAt`, `source`, `verified` and `consent`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

import orjson

from schemas.ids import PERSON_ID_LIMIT

MessageType = Literal["track", "identify", "page", "screen", "group", "alias"]
MESSAGE_TYPES: tuple[str, ...] = get_args(MessageType)

CandidateId = str
"""`u:<userId>` or `a:<anonymousId>`: typed, so that no browser can name its anonymous id after somebody's user id."""


class MalformedMessage(ValueError):
    """A record's value that is not a normalised message; `reason` is a dead-letter code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that one person did, as it lies on Kafka.

    `event_time` and `received_at` are milliseconds since the epoch; `verified` says whether a secret key or the user's own token
    vouched for `user_id` (a browser's publishable key only claims it); `consent` is the consent in force by purpose, None when the
    site never asked.
    """

    message_id: str
    type: MessageType
    event_time: int
    received_at: int
    event: str | None = None
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    original_timestamp: str | None = None
    sent_at: str | None = None
    source: str = ""
    verified: bool = False
    consent: Mapping[str, bool] | None = None
    integrations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def candidate_id(self) -> CandidateId:
        """The id whose state this message may change, and its record key.

        A user id that nobody vouched for is a claim: the message then belongs to the browser's own anonymous id, when it has one.
        """
        if self.user_id and (self.verified or not self.anonymous_id):
            return f"u:{self.user_id}"
        return f"a:{self.anonymous_id}"


def encode_message(message: Message) -> bytes:
    """Answer the JSON bytes of a message; absent members are left out."""
    body: dict[str, Any] = {
        "messageId": message.message_id,
        "type": message.type,
        "eventTime": message.event_time,
        "receivedAt": message.received_at,
        "source": message.source,
        "verified": message.verified,
    }
    optional = {
        "event": message.event,
        "userId": message.user_id,
        "anonymousId": message.anonymous_id,
        "previousId": message.previous_id,
        "properties": message.properties,
        "traits": message.traits,
        "context": message.context,
        "originalTimestamp": message.original_timestamp,
        "sentAt": message.sent_at,
        "consent": message.consent,
        "integrations": message.integrations,
    }
    body.update({name: value for name, value in optional.items() if value is not None and value != {}})
    if message.consent is not None:
        body["consent"] = message.consent
    return orjson.dumps(body)


def decode_message(value: bytes) -> Message:
    """Answer the message of a record's value, or raise MalformedMessage; unknown members are ignored."""
    try:
        body = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise MalformedMessage("invalid_json", str(error)) from error
    if not isinstance(body, dict):
        raise MalformedMessage("not_an_object", f"a {type(body).__name__} instead of an object")
    message = Message(
        message_id=_text(body, "messageId") or "",
        type=cast("MessageType", body.get("type")),
        event_time=_millis(body, "eventTime"),
        received_at=_millis(body, "receivedAt"),
        event=_text(body, "event"),
        user_id=_person_id(body, "userId"),
        anonymous_id=_person_id(body, "anonymousId"),
        previous_id=_person_id(body, "previousId"),
        properties=_mapping(body, "properties"),
        traits=_mapping(body, "traits"),
        context=_mapping(body, "context"),
        original_timestamp=_text(body, "originalTimestamp"),
        sent_at=_text(body, "sentAt"),
        source=_text(body, "source") or "",
        verified=body.get("verified") is True,
        consent=_mapping(body, "consent") if body.get("consent") is not None else None,
        integrations=_mapping(body, "integrations"),
    )
    if message.type not in MESSAGE_TYPES:
        raise MalformedMessage("unknown_type", f"type {message.type!r} is none of {', '.join(MESSAGE_TYPES)}")
    if not message.message_id:
        raise MalformedMessage("no_message_id", "messageId is missing")
    if not message.user_id and not message.anonymous_id:
        raise MalformedMessage("no_user_anon_id", "neither userId nor anonymousId is there")
    return message


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise MalformedMessage("wrong_type", f"{name} is a {type(value).__name__} instead of a string")


def _person_id(body: dict[str, Any], name: str) -> str | None:
    text = _text(body, name)
    # Four bytes a character at most: a short one needs no counting.
    if text is not None and len(text) > PERSON_ID_LIMIT // 4 and len(text.encode()) > PERSON_ID_LIMIT:
        raise MalformedMessage("unusable_id", f"{name} has more than {PERSON_ID_LIMIT} bytes")
    return text


def _millis(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise MalformedMessage("wrong_type", f"{name} must be milliseconds since the epoch")


def _mapping(body: dict[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise MalformedMessage("wrong_type", f"{name} is a {type(value).__name__} instead of an object")
