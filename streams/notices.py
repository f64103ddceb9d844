"""What webhooks tell, read off the log: who entered or left a segment, who was erased, what somebody agreed to or took back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson

from schemas.erasing import erasure_in
from schemas.events import ConsentChanged, event_of
from schemas.messages import MalformedMessage, decode_message
from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody entered or left a segment; `at` in milliseconds since the epoch."""

    kind: ClassVar[str] = "segments"
    id: str
    candidate: str
    segment: str
    entered: bool
    at: int


@dataclass(frozen=True, slots=True)
class Erased:
    """One id of somebody was erased: whoever was told of them is to forget them, too (Art. 19 GDPR)."""

    kind: ClassVar[str] = "erasures"
    id: str
    candidate: str
    at: int


@dataclass(frozen=True, slots=True)
class Consented:
    """Somebody agreed to something or took it back, by purpose and source."""

    kind: ClassVar[str] = "consents"
    id: str
    candidate: str
    at: int
    purposes: Mapping[str, bool] = field(default_factory=dict)


Notice = Change | Erased | Consented
KINDS = frozenset({Erased.kind, Consented.kind})


def notice_of(topic: Topic, key: bytes | None, value: bytes | None) -> Notice | None:
    """Answer what a record of the segments or the profiles topic says; None when that is nothing to tell."""
    if value is None:
        return None
    return (
        _change(value) if topic is Topic.SEGMENTS else _about_a_person((key or b"").decode("utf-8", "replace"), value)
    )


def said(notice: Notice) -> dict[str, Any]:
    """Answer the members of a Segment `track` call that say it."""
    match notice:
        case Change(segment=segment, entered=entered):
            event = "Audience Entered" if entered else "Audience Exited"
            return {"event": event, "properties": {"audience_key": segment, segment: entered}}
        case Erased():
            return {"event": "User Deleted"}
        case Consented(purposes=purposes):
            context = {"consent": {"categoryPreferences": dict(purposes)}}
            return {"event": "Segment Consent Preference Updated", "context": context}


def _change(value: bytes) -> Change | None:
    try:
        body = orjson.loads(value)
        return Change(body["id"], body["candidateId"], body["segment"], body["change"] == "entered", int(body["at"]))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


def _about_a_person(candidate: str, value: bytes) -> Notice | None:
    if (at := erasure_in(value)) is not None:
        return Erased(f"{candidate}/erased/{at}", candidate, at)
    try:
        message = decode_message(value)
        event = event_of(message)
    except MalformedMessage:
        return None
    if not isinstance(event, ConsentChanged) or not event.purposes:
        return None
    return Consented(message.message_id, message.candidate_id, message.event_time, event.purposes)
