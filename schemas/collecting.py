"""From what an SDK sends to one normalised message, or to the reason why there is none.

Tolerant of Segment's and RudderStack's dialects. Everything is computed once, here: a batch that is sent again keeps
its old `sentAt`, so a second computation of the event time would differ.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from schemas.consent import consent_in_force
from schemas.events import Event, event_of, topic_of
from schemas.ids import ID_LIMIT as ITEM_ID_LIMIT
from schemas.ids import PERSON_ID_LIMIT, is_usable_id
from schemas.members import milliseconds
from schemas.messages import MESSAGE_TYPES, MalformedMessage, Message, MessageType
from schemas.tcf import Vendor
from schemas.topics import Topic
from schemas.traits import is_denied

MESSAGE_ID_LIMIT = 100
NAME_LIMIT = 200
DEPTH_LIMIT = 12
"""Levels of objects and lists inside a message: SDKs' own contexts use five."""

_BLOCKED = re.compile(r"[0-]*")
_BLOCKED_WORDS = frozenset(
    {
        "-1",
        "null",
        "anonymous",
        "undefined",
        "none",
        "nil",
        "nan",
        "n/a",
        "unknown",
        "guest",
        "true",
        "false",
        "[object object]",
    }
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of a call apart from its messages.

    `id` names the call: a message without an id is given one from it. `received_at` is milliseconds since the epoch.
    `verified` says whether a secret key vouches for the user ids, `vouched` is the one that a user's token vouches for.
    `gpc` says whether the browser sent `Sec-GPC: 1`; `default` names the consents that the site grants where nobody was asked.
    `vendor` is the controller in TCF's list of vendors.
    """

    id: str
    source: str
    received_at: int
    verified: bool = False
    vouched: str | None = None
    gpc: bool = False
    sent_at: object = None
    context: Mapping[str, Any] = field(default_factory=dict)
    integrations: Mapping[str, Any] = field(default_factory=dict)
    default: Collection[str] = ()
    vendor: Vendor | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that may go to `topic`, and what it means; `dropped` counts the traits that are never kept."""

    message: Message
    event: Event
    topic: Topic
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Rejection:
    """A message that goes to the dead letters: `code` is the reason, `detail` a sentence for who sent it."""

    code: str
    detail: str


def normalise(raw: object, call: Call, *, index: int = 0, kind: MessageType | None = None) -> Accepted | Rejection:
    """Answer the message that an SDK meant; `kind` is the endpoint's type, None in a batch: messages name their own."""
    if not isinstance(raw, dict):
        return Rejection("not_an_object", "a message is a JSON object")
    if _deeper_than(raw, DEPTH_LIMIT):
        return Rejection("too_deep", f"more than {DEPTH_LIMIT} levels of objects and lists")
    try:
        return _accepted(raw, call, index, kind or raw.get("type"))
    except MalformedMessage as error:
        return Rejection(error.reason, error.detail)


def identifier(value: object) -> str | None:
    """Answer an id as text; None for what is absent, empty or what broken sites send in place of an id."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int):
        return None
    text = str(value).strip()
    if _BLOCKED.fullmatch(text) or text.lower() in _BLOCKED_WORDS:
        return None
    if len(text.encode()) > PERSON_ID_LIMIT or _CONTROL.search(text):
        raise MalformedMessage("unusable_id", f"an id has at most {PERSON_ID_LIMIT} bytes and no control characters")
    return text


def event_time(original: int | None, sent: int | None, received: int) -> int:
    """Answer when it happened by our clock: the sender's clock is wrong by what its `sentAt` is wrong."""
    if original is None:
        return received
    corrected = original if sent is None else received - (sent - original)
    return max(0, min(corrected, received))


def _accepted(raw: Mapping[str, Any], call: Call, index: int, kind: object) -> Accepted:
    if kind not in MESSAGE_TYPES:
        raise MalformedMessage("unknown_type", f"type is none of {', '.join(MESSAGE_TYPES)}")
    message_type = cast("MessageType", kind)
    user_id, anonymous_id = identifier(raw.get("userId")), identifier(raw.get("anonymousId"))
    if user_id is None and anonymous_id is None:
        raise MalformedMessage("no_user_anon_id", "neither userId nor anonymousId is there")
    cleaning = _Cleaning()
    context = _context(raw, call, message_type, cleaning)
    original, sent = (
        _written(raw.get("timestamp")) or _written(raw.get("originalTimestamp")),
        _written(raw.get("sentAt")),
    )
    sent = sent or _written(call.sent_at)
    message = Message(
        message_id=_message_id(raw.get("messageId"), call, index),
        type=message_type,
        event_time=event_time(_moment(original), _moment(sent), call.received_at),
        received_at=call.received_at,
        event=_name(raw, message_type),
        user_id=user_id,
        anonymous_id=anonymous_id,
        previous_id=_previous_id(raw) if message_type == "alias" else None,
        properties=_properties(raw, message_type, cleaning),
        traits=_traits(raw, message_type, cleaning),
        context=context,
        integrations=_joined(call.integrations, _object(raw, "integrations")),
        original_timestamp=original,
        sent_at=sent,
        source=call.source,
        verified=call.verified or (user_id is not None and user_id == call.vouched),
        consent=consent_in_force(context, gpc=call.gpc, default=call.default, vendor=call.vendor),
    )
    event = event_of(message)
    _check_ids(event)
    return Accepted(message, event, topic_of(event), cleaning.dropped)


def _check_ids(event: Event) -> None:
    """Refuse what names a posting, content or survey by an id that no profile keeps."""
    named = [getattr(event, name) for name in ("job_id", "content_id", "survey_id") if hasattr(event, name)]
    if not all(map(is_usable_id, [*named, *getattr(event, "job_ids", ())])):
        raise MalformedMessage("unusable_id", f"an item's id has 1 to {ITEM_ID_LIMIT} plain ASCII characters")


def _message_id(value: object, call: Call, index: int) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        return f"{call.id}-{index}"
    if not isinstance(value, str):
        raise MalformedMessage("wrong_type", "messageId is not a string")
    # A longer id still tells duplicates apart, so it is shortened the same way each time instead of losing its event.
    return value if len(value) <= MESSAGE_ID_LIMIT else f"sha256-{hashlib.sha256(value.encode()).hexdigest()}"


def _name(raw: Mapping[str, Any], kind: MessageType) -> str | None:
    value = raw.get("event") if kind == "track" else raw.get("name") if kind in ("page", "screen") else None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise MalformedMessage("wrong_type", "the event's name is not a string")
    return str(value).strip()[:NAME_LIMIT] or None


def _previous_id(raw: Mapping[str, Any]) -> str:
    previous = identifier(raw.get("previousId"))
    if previous is None:
        raise MalformedMessage("no_previous_id", "an alias needs a previousId")
    return previous


def _properties(raw: Mapping[str, Any], kind: MessageType, cleaning: "_Cleaning") -> Mapping[str, Any]:
    properties = _object(raw, "properties")
    if kind in ("page", "screen"):
        category = raw.get("category")
        return {"category": category, **properties} if isinstance(category, str) and category else properties
    if (
        kind == "track"
        and str(raw.get("event", "")).strip().lower() == "preference set"
        and is_denied(str(properties.get("key", "")))
    ):
        cleaning.dropped += 1
        return {**properties, "value": None}
    return properties


def _traits(raw: Mapping[str, Any], kind: MessageType, cleaning: "_Cleaning") -> Mapping[str, Any]:
    """An identify's traits; rudder-sdk-python and RudderStack's browser SDK put them into the context only."""
    if kind == "identify":
        return cleaning.cleaned({**_object(_object(raw, "context"), "traits"), **_object(raw, "traits")})
    return cleaning.cleaned(_object(raw, "traits"))


def _context(raw: Mapping[str, Any], call: Call, kind: MessageType, cleaning: "_Cleaning") -> Mapping[str, Any]:
    context = dict(_joined(call.context, _object(raw, "context")))
    # Nobody needs an address once there is no place to look up by it: what is not kept cannot leak.
    context.pop("ip", None)
    traits = context.pop("traits", None)
    if isinstance(traits, dict) and traits and kind != "identify":
        context["traits"] = cleaning.cleaned(traits)
    group = raw.get("groupId")
    if isinstance(group, str | int) and not isinstance(group, bool) and group != "":
        context["groupId"] = str(group)[:NAME_LIMIT]
    if call.gpc:
        context["gpc"] = True
    return context


def _joined(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> Mapping[str, Any]:
    """Lay a message's own object over its batch's, member by member."""
    if not outer:
        return inner
    joined = dict(outer)
    for name, value in inner.items():
        below = joined.get(name)
        joined[name] = _joined(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return joined


def _object(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = of.get(name)
    return value if isinstance(value, dict) else {}


def _written(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _moment(written: str | None) -> int | None:
    return None if written is None else milliseconds(written)


def _deeper_than(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    return levels == 0 or any(_deeper_than(inner, levels - 1) for inner in _members(value))


def _members(value: dict[str, Any] | list[Any]) -> Iterator[Any]:
    return iter(value.values() if isinstance(value, dict) else value)


class _Cleaning:
    """Takes denied traits out of an object and everything inside it, and counts them."""

    def __init__(self) -> None:
        self.dropped = 0

    def cleaned(self, traits: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: self._value(value) for name, value in traits.items() if not is_denied(name)}
        self.dropped += len(traits) - len(kept)
        return kept

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self.cleaned(value)
        if isinstance(value, list):
            return [self._value(entry) for entry in value]
        return value


def without_denied(raw: object) -> object:
    """Answer a refused message as the dead letters may keep it: without traits and addresses that are kept nowhere."""
    if not isinstance(raw, dict):
        return raw
    cleaning = _Cleaning()
    kept = dict(raw)
    if isinstance(kept.get("traits"), dict):
        kept["traits"] = cleaning.cleaned(kept["traits"])
    if isinstance(kept.get("context"), dict):
        kept["context"] = {name: value for name, value in kept["context"].items() if name != "ip"}
        if isinstance(kept["context"].get("traits"), dict):
            kept["context"]["traits"] = cleaning.cleaned(kept["context"]["traits"])
    return kept
