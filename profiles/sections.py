"""The four sections of a candidate: bounded facts, one section per topic, each one Redis value.

A section keeps facts; opinions (affinities, segments) are derived from them when deciding. Whatever the order in which
events come, equal events make equal bytes. Entries are tuples that begin with the event time; `profiles/newest.py` says
why this holds.
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, assert_never, get_args

import orjson

from profiles.newest import Newest
from schemas.events import ContentAction, Moment, Stage
from schemas.topics import Topic

NOWHERE = Moment()
NOTHING = Newest()
FORMAT = 3
"""First member of every encoded section; another number means another generation, rebuilt from the log."""

STATE_LIMIT = 11 * 1024
"""Bytes that the four sections of one candidate id take at most, whatever the candidate does. Keys, decision, segments and links
take some 5,000 more: all of a candidate is within 16 KiB of Redis's memory."""

VIEWED, SHARED, VIEWED_UNCOUNTED = -1, -2, -3
READ_UNCOUNTED = -10
"""The third member of an engagement; a number of at least 0 is the time in milliseconds that a posting was read.

A look under a no to `analytics` is in no trail: READ_UNCOUNTED and less are hundredths of a second that a posting was read so, which takes
no more room than the milliseconds.
"""

SAVED, LIKED, DISMISSED, DISMISSED_BECAUSE = range(4)
"""The dimensions of a mark. A dismissal with a reason has a key of its own, so that what a mark costs is known from its
key."""

CONTENT_ACTIONS: tuple[ContentAction, ...] = get_args(ContentAction)
STAGES: tuple[Stage, ...] = get_args(Stage)
FIRST_STAGE = 10
"""Stages are kept as 10 + their place in the process: two digits each, so that equal times are decided for the later
stage."""

CLICK_KINDS = (
    "job_shown", "job_viewed", "job_read", "job_saved", "job_liked", "job_dismissed", "job_shared",
    *(f"content_{action}" for action in CONTENT_ACTIONS),
)  # fmt: skip
SESSION_KINDS = ("page_viewed", "job_searched", "event_tracked")
APPLICATION_KINDS = tuple(f"application_{stage}" for stage in STAGES)
EVENT_KINDS = (*CLICK_KINDS, *SESSION_KINDS, *APPLICATION_KINDS)

_MOMENT = attrgetter(*[each.name for each in fields(Moment) if each.name != "campaign"])
CAMPAIGN_PARTS = ("source", "medium", "name", "term", "content")


@dataclass(frozen=True, slots=True)
class Clicks:
    """What the candidate did with postings and content.

    `engagements` are (at, job, VIEWED | VIEWED_UNCOUNTED | SHARED | how long it was read); `marks` (at, job,
    dimension, 1 | 0 | reason), newest per job and dimension; `showings` (at, jobs), one for each list; `touched` (at,
    content, action), newest per content; `content_showings` (at, content). `ring` and `tally` are those of the
    modules of that name; `last` holds the newest time of each of CLICK_KINDS, 0 for never.
    """

    first_seen: int = 0
    last_seen: int = 0
    ring: bytes = b""
    tally: bytes = b""
    last: tuple[int, ...] = (0,) * len(CLICK_KINDS)
    engagements: Newest = NOTHING
    marks: Newest = NOTHING
    showings: Newest = NOTHING
    touched: Newest = NOTHING
    content_showings: Newest = NOTHING


@dataclass(frozen=True, slots=True)
class Sessions:
    """How the candidate comes and looks around.

    `pages` are (at, tag of the session id or 0); `page` is the newest (at, name); `moment` the newest circumstances
    without campaign; campaigns are (at, *CAMPAIGN_PARTS); `searches` (at, query, (filter, value, filter, value …));
    `tracked` counts other events by name: (day, name, count).
    """

    first_seen: int = 0
    last_seen: int = 0
    ring: bytes = b""
    tally: bytes = b""
    last: tuple[int, ...] = (0,) * len(SESSION_KINDS)
    pages: Newest = NOTHING
    page: tuple[int, str] = (0, "")
    moment_at: int = 0
    moment: Moment = NOWHERE
    first_campaign: tuple[Any, ...] = ()
    campaign: tuple[Any, ...] = ()
    searches: Newest = NOTHING
    tracked: Newest = NOTHING


@dataclass(frozen=True, slots=True)
class Applications:
    """Where the candidate's applications stand.

    `stages` are (at, job, application id or "", 1 for a submission else 0, stage), newest per job, application and
    whether it is the submission: what came after does not push out that the candidate applied. `history` are the newest
    moves (at, stage, job); `surveys` (at, survey, score), newest per survey. Nothing here is counted, so a repeated
    message changes nothing without a ring.
    """

    first_seen: int = 0
    last_seen: int = 0
    stages: Newest = NOTHING
    history: Newest = NOTHING
    surveys: Newest = NOTHING


@dataclass(frozen=True, slots=True)
class Profile:
    """What the candidate, or a system that knows the candidate, said.

    `traits` and `preferences` are (at, name, size class, value), newest per name and size class; `consents` (at,
    name, 1 | 0), newest per purpose or source that the engine knows. A value of None takes back what was said. Nothing here
    is counted either.
    """

    first_seen: int = 0
    last_seen: int = 0
    traits: Newest = NOTHING
    preferences: Newest = NOTHING
    consents: Newest = NOTHING


Section = Clicks | Sessions | Applications | Profile

EMPTY: Mapping[Topic, Section] = {
    Topic.CLICKS: Clicks(),
    Topic.SESSIONS: Sessions(),
    Topic.APPLICATIONS: Applications(),
    Topic.PROFILES: Profile(),
}


def encode_section(section: Section) -> bytes:
    """Answer the section's canonical JSON: one array, members in the order of the fields."""
    match section:
        case Clicks():
            members: list[Any] = [
                FORMAT, section.first_seen, section.last_seen, _text(section.ring), _text(section.tally), section.last,
                section.engagements, section.marks, section.showings, section.touched, section.content_showings,
            ]  # fmt: skip
        case Sessions():
            members = [
                FORMAT, section.first_seen, section.last_seen, _text(section.ring), _text(section.tally), section.last,
                section.pages, section.page, section.moment_at, moment_members(section.moment),
                section.first_campaign, section.campaign, section.searches, section.tracked,
            ]  # fmt: skip
        case Applications():
            members = [FORMAT, section.first_seen, section.last_seen, section.stages, section.history, section.surveys]
        case Profile():
            members = [
                FORMAT,
                section.first_seen,
                section.last_seen,
                section.traits,
                section.preferences,
                section.consents,
            ]
        case _:
            assert_never(section)
    return orjson.dumps(members, default=tuple, option=orjson.OPT_SORT_KEYS)


def moment_members(moment: Moment) -> tuple[Any, ...]:
    """Answer a moment's members in the order of its fields, without the campaign."""
    return _MOMENT(moment)


def decode_section(topic: Topic, value: bytes) -> Section:
    """Answer the section that `encode_section` wrote for that topic; ValueError when it is of another format."""
    found, first, last, *rest = orjson.loads(value)
    if found != FORMAT:
        raise ValueError(
            f"a {topic.value} section of format {found}, this version reads {FORMAT}: rebuild the profiles from the log"
        )
    match topic:
        case Topic.CLICKS:
            return _clicks(first, last, *rest)
        case Topic.SESSIONS:
            return _sessions(first, last, *rest)
        case Topic.APPLICATIONS:
            return Applications(first, last, *map(_newest, rest))
        case Topic.PROFILES:
            return Profile(first, last, *map(_newest, rest))
        case _:
            raise ValueError(f"topic {topic.value} has no section")


def _clicks(first: int, last_seen: int, ring: str, tally: str, last: list[int], *collections: Any) -> Clicks:
    engagements, marks, showings, touched, content_showings = collections
    return Clicks(
        first,
        last_seen,
        a2b_base64(ring),
        a2b_base64(tally),
        tuple(last),
        _newest(engagements),
        _newest(marks),
        Newest(tuple([(at, tuple(jobs)) for at, jobs in showings[0]]), tuple(showings[1])),
        _newest(touched),
        _newest(content_showings),
    )


def _sessions(first: int, last_seen: int, ring: str, tally: str, last: list[int], *members: Any) -> Sessions:
    pages, page, moment_at, moment, first_campaign, campaign, searches, tracked = members
    return Sessions(
        first,
        last_seen,
        a2b_base64(ring),
        a2b_base64(tally),
        tuple(last),
        _newest(pages),
        (page[0], page[1]),
        moment_at,
        Moment(*moment),
        tuple(first_campaign),
        tuple(campaign),
        Newest(tuple([(at, query, tuple(filters)) for at, query, filters in searches[0]]), tuple(searches[1])),
        _newest(tracked),
    )


def _newest(collection: list[list[Any]]) -> Newest:
    entries, floor = collection
    return Newest(tuple(map(tuple, entries)), tuple(floor))


def _text(packed: bytes) -> str:
    return b2a_base64(packed, newline=False).decode("ascii")
