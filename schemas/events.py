"""What a message means to a profile: one typed event, and the topic whose section it changes.

Event names are the field's (object and past participle, Title Case); properties are taken in snake_case or camelCase.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from zlib import crc32

from schemas.consent import ANALYTICS, BEHAVIOUR, SOURCES, allows, answered_in, canonical_name
from schemas.ids import ID_LIMIT, is_usable_id
from schemas.messages import MalformedMessage, Message
from schemas.topics import Topic
from schemas.traits import permitted

Mark = Literal["saved", "unsaved", "liked", "unliked", "dismissed", "restored", "shared"]
ContentAction = Literal["shown", "viewed", "clicked", "dismissed", "registered", "sent", "opened"]
Stage = Literal[
    "started", "abandoned", "submitted", "screened", "assessed", "interview_scheduled", "interview_held", "interview_missed",
    "offer_made", "offer_accepted", "offer_declined", "rejected", "withdrawn", "hired", "retained_90_days",
]  # fmt: skip
STAGES: tuple[str, ...] = get_args(Stage)
CORRESPONDENCE_TRAITS = frozenset({"last_contacted_at", "last_replied_at", "contacts", "unsubscribed"})
"""All that e-mail and calendar may tell: that there was contact, and when. Contents are not taken in."""
CORRECTION = "not~"
"""How the key of a correction begins among the preferences: then its dimension, and which value."""
LIST_LIMIT = 100
"""How many job ids of one list event are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happening:
    """`at` is the event time in milliseconds since the epoch, `id` the message id: together they order events."""

    at: int
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsShown(_Happening):
    job_ids: tuple[str, ...]
    decision_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobViewed(_Happening):
    """`counted` says whether the consent in the message lets it be counted and followed (`analytics`), as with JobRead."""

    job_id: str
    decision_id: str | None = None
    position: int | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRead(_Happening):
    job_id: str
    dwell_ms: int
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class JobMarked(_Happening):
    job_id: str
    mark: Mark
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentTouched(_Happening):
    content_id: str
    action: ContentAction


@dataclass(frozen=True, slots=True)
class Moment:
    """The circumstances of a visit as the SDK tells them; `latitude` and `longitude` in degrees."""

    session_id: str | None = None
    device: str | None = None
    timezone: str | None = None
    locale: str | None = None
    locality: str | None = None
    region: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    weather: str | None = None
    referrer: str | None = None
    campaign: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageViewed(_Happening):
    moment: Moment
    name: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSearched(_Happening):
    moment: Moment
    query: str
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked(_Happening):
    """Any other event: counted by name, its properties are not kept."""

    moment: Moment
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationMoved(_Happening):
    job_id: str
    stage: Stage
    application_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswered(_Happening):
    survey_id: str
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitsGiven(_Happening):
    """`source` is one of `schemas.consent.SOURCES` when the traits were read off something, None when they were said."""

    traits: Mapping[str, Any]
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceSet(_Happening):
    """An explicit choice; a value of None takes it back."""

    key: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChanged(_Happening):
    purposes: Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(_Happening):
    """An alias or a group call: it says nothing but which ids belong together."""


ClickEvent = JobsShown | JobViewed | JobRead | JobMarked | ContentTouched
SessionEvent = PageViewed | JobSearched | Tracked
ApplicationEvent = ApplicationMoved | SurveyAnswered
ProfileEvent = TraitsGiven | PreferenceSet | ConsentChanged | Linked
Event = ClickEvent | SessionEvent | ApplicationEvent | ProfileEvent


def event_of(message: Message) -> Event:
    """Answer what a message means, or raise MalformedMessage when a known event lacks what it needs."""
    match message.type:
        case "track":
            return _tracked(message)
        case "identify":
            return _traits_given(message)
        case "page" | "screen":
            return PageViewed(
                at=message.event_time,
                id=message.message_id,
                moment=moment_of(message.context),
                name=message.event or _optional(message.properties, "name"),
                path=_optional(message.properties, "path") or _optional(message.context.get("page") or {}, "path"),
            )
        case "alias" | "group":
            return Linked(at=message.event_time, id=message.message_id)


def _traits_given(message: Message) -> TraitsGiven:
    source = _source(message)
    traits = permitted(message.traits)
    if source == "correspondence":
        traits = {name: value for name, value in traits.items() if name in CORRESPONDENCE_TRAITS}
    return TraitsGiven(at=message.event_time, id=message.message_id, traits=traits, source=source)


def _source(message: Message) -> str | None:
    """Answer where an identify's traits come from, as `context.dataSource` says; a name that is none of ours is refused."""
    named = message.context.get("dataSource")
    if named is None:
        return None
    source = canonical_name(named) if isinstance(named, str) else ""
    if source not in SOURCES or source == BEHAVIOUR:
        known = ", ".join(name for name in SOURCES if name != BEHAVIOUR)
        raise MalformedMessage("unknown_data_source", f"context.dataSource is none of {known}")
    return source


def topic_of(event: Event) -> Topic:
    """Answer the topic whose section this event changes."""
    if isinstance(event, ClickEvent):
        return Topic.CLICKS
    if isinstance(event, SessionEvent):
        return Topic.SESSIONS
    if isinstance(event, ApplicationEvent):
        return Topic.APPLICATIONS
    return Topic.PROFILES


def moment_of(context: Mapping[str, Any]) -> Moment:
    """Read the circumstances out of an SDK's context; whatever has another shape is left out."""
    device, page, location = (_object(context, name) for name in ("device", "page", "location"))
    campaign = {name: value for name, value in _object(context, "campaign").items() if isinstance(value, str) and value}
    return Moment(
        session_id=_optional(context, "sessionId"),
        device=_optional(device, "type") or _device_of(_optional(context, "userAgent")),
        timezone=_optional(context, "timezone"),
        locale=_optional(context, "locale"),
        locality=_optional(location, "city") or _optional(location, "locality"),
        region=_optional(location, "region"),
        country=_optional(location, "country"),
        latitude=_number(location.get("lat", location.get("latitude"))),
        longitude=_number(location.get("lon", location.get("longitude"))),
        weather=_optional(context, "weather"),
        referrer=_optional(page, "referrer"),
        campaign=campaign,
    )


def _tracked(message: Message) -> Event:
    name = (message.event or "").strip()
    if not name:
        raise MalformedMessage("no_event_name", "a track call without an event name")
    build = _BUILDERS.get(name.lower())
    if build is None:
        return Tracked(at=message.event_time, id=message.message_id, moment=moment_of(message.context), name=name[:100])
    return build(message)


def _shown(message: Message) -> Event:
    listed = message.properties.get("job_ids", message.properties.get("jobIds"))
    single = _optional(message.properties, "job_id") or _optional(message.properties, "jobId")
    ids = [str(job) for job in listed if isinstance(job, str | int)] if isinstance(listed, list) else []
    if not ids and single:
        ids = [single]
    if not ids:
        raise MalformedMessage("missing_property", f"{message.event} needs job_ids")
    return JobsShown(
        at=message.event_time, id=message.message_id, job_ids=tuple(ids[:LIST_LIMIT]), decision_id=_decision(message)
    )


def _viewed(message: Message) -> Event:
    position = message.properties.get("position")
    return JobViewed(
        at=message.event_time,
        id=message.message_id,
        job_id=_required(message, "job_id"),
        decision_id=_decision(message),
        position=position if isinstance(position, int) else None,
        counted=allows(message.consent or {}, ANALYTICS),
    )


def _read(message: Message) -> Event:
    seconds = _number(message.properties.get("seconds", message.properties.get("dwell_seconds")))
    if seconds is None or seconds < 0:
        raise MalformedMessage("missing_property", f"{message.event} needs seconds, a number of at least 0")
    return JobRead(
        at=message.event_time,
        id=message.message_id,
        job_id=_required(message, "job_id"),
        dwell_ms=round(min(seconds, 86_400.0) * 1000),
        counted=allows(message.consent or {}, ANALYTICS),
    )


def _marked(mark: Mark) -> Callable[[Message], Event]:
    def build(message: Message) -> Event:
        return JobMarked(
            at=message.event_time,
            id=message.message_id,
            job_id=_required(message, "job_id"),
            mark=mark,
            reason=_optional(message.properties, "reason"),
        )

    return build


def _content(action: ContentAction) -> Callable[[Message], Event]:
    def build(message: Message) -> Event:
        return ContentTouched(
            at=message.event_time, id=message.message_id, content_id=_required(message, "content_id"), action=action
        )

    return build


def _application(stage: Stage) -> Callable[[Message], Event]:
    def build(message: Message) -> Event:
        return ApplicationMoved(
            at=message.event_time,
            id=message.message_id,
            job_id=_required(message, "job_id"),
            stage=stage,
            application_id=_optional(message.properties, "application_id")
            or _optional(message.properties, "applicationId"),
        )

    return build


def _status_changed(message: Message) -> Event:
    stage = (
        (_optional(message.properties, "stage") or _optional(message.properties, "status") or "")
        .lower()
        .replace(" ", "_")
    )
    if stage not in STAGES:
        raise MalformedMessage("unknown_stage", f"stage {stage!r} is none of {', '.join(STAGES)}")
    return _application(stage)(message)  # type: ignore[arg-type]  # membership in STAGES is what makes it a Stage


def _searched(message: Message) -> Event:
    filters = {str(key): str(value)[:100] for key, value in list(_object(message.properties, "filters").items())[:10]}
    return JobSearched(
        at=message.event_time,
        id=message.message_id,
        moment=moment_of(message.context),
        query=(_optional(message.properties, "query") or "")[:200],
        filters=filters,
    )


def _survey(message: Message) -> Event:
    survey = _optional(message.properties, "survey_id") or _required(message, "content_id")
    return SurveyAnswered(
        at=message.event_time, id=message.message_id, survey_id=survey, score=_number(message.properties.get("score"))
    )


def _preference(message: Message) -> Event:
    return PreferenceSet(
        at=message.event_time,
        id=message.message_id,
        key=_required(message, "key")[:60],
        value=message.properties.get("value"),
    )


def _corrected(message: Message) -> Event:
    """A guess that the candidate says is wrong, kept as something they said: `withdrawn` takes that back."""
    dimension, value = _required(message, "dimension")[:20], _required(message, "value")[:100]
    withdrawn = message.properties.get("withdrawn") is True
    key = f"{CORRECTION}{dimension}~{crc32(value.encode()):08x}"
    return PreferenceSet(at=message.event_time, id=message.message_id, key=key, value=None if withdrawn else value)


def _consent(message: Message) -> Event:
    purposes = answered_in(message.context, message.consent)
    return ConsentChanged(at=message.event_time, id=message.message_id, purposes=purposes)


def _unsubscribed(message: Message) -> Event:
    return ConsentChanged(at=message.event_time, id=message.message_id, purposes={"email": False})


_BUILDERS: Mapping[str, Callable[[Message], Event]] = {
    "job shown": _shown,
    "job list viewed": _shown,
    "job viewed": _viewed,
    "job read": _read,
    "job saved": _marked("saved"),
    "job unsaved": _marked("unsaved"),
    "job liked": _marked("liked"),
    "job unliked": _marked("unliked"),
    "job dismissed": _marked("dismissed"),
    "job skipped": _marked("dismissed"),
    "job restored": _marked("restored"),
    "job shared": _marked("shared"),
    "job searched": _searched,
    "content shown": _content("shown"),
    "content viewed": _content("viewed"),
    "content clicked": _content("clicked"),
    "content dismissed": _content("dismissed"),
    "benefit clicked": _content("clicked"),
    "event registered": _content("registered"),
    "message sent": _content("sent"),
    "message opened": _content("opened"),
    "message clicked": _content("clicked"),
    "application started": _application("started"),
    "application abandoned": _application("abandoned"),
    "application submitted": _application("submitted"),
    "application status changed": _status_changed,
    "survey answered": _survey,
    "preference set": _preference,
    "inference corrected": _corrected,
    "segment consent preference updated": _consent,
    "unsubscribed": _unsubscribed,
}


def _object(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = of.get(name)
    return value if isinstance(value, dict) else {}


def _optional(of: Mapping[str, Any], name: str) -> str | None:
    value = of.get(name)
    if isinstance(value, str) and value:
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _required(message: Message, name: str) -> str:
    first, *rest = name.split("_")
    value = _optional(message.properties, name) or _optional(
        message.properties, first + "".join(part.title() for part in rest)
    )
    if not value:
        raise MalformedMessage("missing_property", f"{message.event} needs {name}")
    if name.endswith("_id") and not is_usable_id(value):
        raise MalformedMessage("unusable_id", f"{name} must be at most {ID_LIMIT} printable ASCII characters")
    return value


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _decision(message: Message) -> str | None:
    return _optional(message.properties, "decision_id") or _optional(message.properties, "decisionId")


def _device_of(user_agent: str | None) -> str | None:
    if user_agent is None:
        return None
    return "mobile" if "Mobi" in user_agent else "desktop"
