"""What happens, for laws to hold over: events, logs of one topic, messages.

`events(topic)` draws one event, `logs(topic)` a log with distinct message ids, `messages()` a message as the collector
writes it. Names are few, so that events meet: the same job is viewed twice, the same trait is said anew. What is
`unruly` is what strangers send.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from hypothesis import strategies as st

from schemas.consent import NAMES
from schemas.events import (
    STAGES,
    ApplicationMoved,
    ConsentChanged,
    ContentAction,
    ContentTouched,
    Event,
    JobMarked,
    JobRead,
    JobSearched,
    JobsShown,
    JobViewed,
    Linked,
    Mark,
    Moment,
    PageViewed,
    PreferenceSet,
    SurveyAnswered,
    Tracked,
    TraitsGiven,
)
from schemas.ids import ID_LIMIT
from schemas.messages import Message
from schemas.topics import CANDIDATE_TOPICS, Topic

START = 1_763_900_000_000
DAY_MS = 86_400_000

times = st.one_of(
    st.integers(START, START + 60),
    st.integers(START - 60 * DAY_MS, START),
    st.sampled_from([START, START + 1]),
)
unruly_times = st.one_of(times, st.integers(-(2**70), 2**70))
message_ids = st.uuids().map(str)
job_ids = st.sampled_from([f"job-{number}" for number in range(6)])
plain_characters = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"\\')
unruly_job_ids = st.one_of(job_ids, st.text(plain_characters, min_size=ID_LIMIT, max_size=ID_LIMIT))
words = st.sampled_from(["", "nurse", "data engineer", "Büro Köln", "remote"])
unruly_texts = st.one_of(words, st.text(max_size=300))
names = st.sampled_from(["email", "title", "company", "phone"])
unruly_names = st.one_of(names, st.text(min_size=1, max_size=80))
values: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(0, 99), words, st.lists(words, max_size=4)
)
unruly_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(values, st.floats(), st.integers(), st.text(max_size=400)),
    lambda inner: st.one_of(st.lists(inner, max_size=30), st.dictionaries(st.text(max_size=20), inner, max_size=10)),
    max_leaves=40,
)


@st.composite
def moments(draw: st.DrawFn, *, texts: st.SearchStrategy[str] = words) -> Moment:
    said = st.one_of(st.none(), texts)
    return Moment(
        session_id=draw(st.one_of(st.none(), st.sampled_from(["s1", "s2"]), texts)),
        device=draw(st.sampled_from([None, "mobile", "desktop"])),
        timezone=draw(said),
        locality=draw(said),
        latitude=draw(st.one_of(st.none(), st.floats(-90, 90), st.floats())),
        longitude=draw(st.one_of(st.none(), st.floats(-180, 180), st.floats())),
        referrer=draw(st.one_of(st.none(), st.just("https://www.example.org/jobs?name=x"), texts)),
        campaign=draw(st.dictionaries(st.sampled_from(["source", "medium", "name", "x"]), texts, max_size=3)),
    )


@st.composite
def events(draw: st.DrawFn, topic: Topic, *, unruly: bool = False) -> Event:
    """Draw one event of a candidate topic; `unruly` ones carry the longest, oddest things that the types allow."""
    jobs, texts = (unruly_job_ids, unruly_texts) if unruly else (job_ids, words)
    keys, said = (unruly_names, unruly_values) if unruly else (names, values)
    when: dict[str, Any] = {"at": draw(unruly_times if unruly else times), "id": draw(message_ids)}
    build = draw(st.sampled_from(_KINDS[topic]))
    event: Event = build(draw, when, jobs=jobs, texts=texts, keys=keys, said=said)
    return event


def logs(topic: Topic, *, unruly: bool = False, max_size: int = 40) -> st.SearchStrategy[list[Event]]:
    """Draw a log of one topic whose messages are all different."""
    return st.lists(events(topic, unruly=unruly), max_size=max_size, unique_by=lambda event: event.id)


def any_log(*, max_size: int = 40) -> st.SearchStrategy[tuple[Topic, list[Event]]]:
    """Draw a candidate topic and a log of it."""
    return st.sampled_from(CANDIDATE_TOPICS).flatmap(
        lambda topic: st.tuples(st.just(topic), logs(topic, max_size=max_size))
    )


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Draw a message as the collector writes it: of one of four people on one of four browsers, vouched for or not."""
    user = draw(st.sampled_from([None, "ann", "bob", "cem", "dee"]))
    anonymous = draw(st.sampled_from(["x1", "x2", "x3", "x4", *([None] if user else [])]))
    kind, event, properties = draw(st.sampled_from(_MESSAGES))
    at = draw(times)
    return Message(
        message_id=draw(message_ids),
        type=kind,
        event_time=at,
        received_at=at + draw(st.integers(0, 5_000)),
        event=event,
        user_id=user,
        anonymous_id=anonymous,
        previous_id=draw(st.sampled_from([None, "x1", "x2", "ann"])) if kind == "alias" else None,
        properties=properties,
        traits={"title": draw(words)} if kind == "identify" else {},
        verified=draw(st.booleans()),
    )


def at_later(event: Event, *, at: int) -> Event:
    """Answer the same event at another time."""
    return replace(event, at=at)


def _shown(draw: Any, when: Mapping[str, Any], *, jobs: Any, **_: Any) -> Event:
    return JobsShown(**when, job_ids=tuple(draw(st.lists(jobs, min_size=1, max_size=12))))


def _viewed(draw: Any, when: Mapping[str, Any], *, jobs: Any, **_: Any) -> Event:
    return JobViewed(**when, job_id=draw(jobs), counted=draw(st.booleans()))


def _read(draw: Any, when: Mapping[str, Any], *, jobs: Any, **_: Any) -> Event:
    dwell = draw(st.integers(0, 86_400_000))
    return JobRead(**when, job_id=draw(jobs), dwell_ms=dwell, counted=draw(st.booleans()))


def _marked(draw: Any, when: Mapping[str, Any], *, jobs: Any, texts: Any, **_: Any) -> Event:
    mark = draw(st.sampled_from(get_args(Mark)))
    return JobMarked(**when, job_id=draw(jobs), mark=mark, reason=draw(st.one_of(st.none(), texts)))


def _touched(draw: Any, when: Mapping[str, Any], *, jobs: Any, **_: Any) -> Event:
    return ContentTouched(**when, content_id=draw(jobs), action=draw(st.sampled_from(get_args(ContentAction))))


def _paged(draw: Any, when: Mapping[str, Any], *, texts: Any, **_: Any) -> Event:
    return PageViewed(**when, moment=draw(moments(texts=texts)), name=draw(st.one_of(st.none(), texts)), path="/jobs")


def _searched(draw: Any, when: Mapping[str, Any], *, texts: Any, **_: Any) -> Event:
    filters = draw(st.dictionaries(texts, texts, max_size=7))
    return JobSearched(**when, moment=draw(moments(texts=texts)), query=draw(texts), filters=filters)


def _tracked(draw: Any, when: Mapping[str, Any], *, texts: Any, **_: Any) -> Event:
    return Tracked(**when, moment=draw(moments(texts=texts)), name=draw(texts) or "Chat Opened")


def _moved(draw: Any, when: Mapping[str, Any], *, jobs: Any, **_: Any) -> Event:
    stage = draw(st.sampled_from(STAGES))
    return ApplicationMoved(**when, job_id=draw(jobs), stage=stage, application_id=draw(st.one_of(st.none(), jobs)))


def _answered(draw: Any, when: Mapping[str, Any], *, jobs: Any, **_: Any) -> Event:
    return SurveyAnswered(
        **when, survey_id=draw(jobs), score=draw(st.one_of(st.none(), st.integers(0, 10), st.floats()))
    )


def _told(draw: Any, when: Mapping[str, Any], *, keys: Any, said: Any, **_: Any) -> Event:
    return TraitsGiven(**when, traits=draw(st.dictionaries(keys, said, max_size=6)))


def _preferred(draw: Any, when: Mapping[str, Any], *, keys: Any, said: Any, **_: Any) -> Event:
    return PreferenceSet(**when, key=draw(st.one_of(st.sampled_from(["workplaces", "skills"]), keys)), value=draw(said))


def _consented(draw: Any, when: Mapping[str, Any], *, keys: Any, **_: Any) -> Event:
    return ConsentChanged(
        **when, purposes=draw(st.dictionaries(st.one_of(st.sampled_from(NAMES), keys), st.booleans(), max_size=4))
    )


def _linked(_: Any, when: Mapping[str, Any], **__: Any) -> Event:
    return Linked(**when)


_KINDS = {
    Topic.CLICKS: (_shown, _viewed, _read, _marked, _touched),
    Topic.SESSIONS: (_paged, _searched, _tracked),
    Topic.APPLICATIONS: (_moved, _answered),
    Topic.PROFILES: (_told, _preferred, _consented, _linked),
}
_MESSAGES: tuple[tuple[Any, str | None, dict[str, Any]], ...] = (
    ("track", "Job Viewed", {"job_id": "job-1"}),
    ("track", "Job Saved", {"job_id": "job-2"}),
    ("track", "Application Submitted", {"job_id": "job-1"}),
    ("page", "Jobs", {"path": "/jobs"}),
    ("identify", None, {}),
    ("alias", None, {}),
)
