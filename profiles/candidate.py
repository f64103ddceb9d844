"""The candidate that `decide` sees: one person, merged out of the sections of all ids."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from profiles import gather
from profiles.facts import (
    Application,
    ContentTouch,
    Dismissal,
    Interaction,
    InteractionKind,
    Search,
    SurveyAnswer,
)
from profiles.preferences import NO_PREFERENCES, Preferences, WantedPlace
from profiles.sections import Applications, Clicks, Profile, Section, Sessions
from profiles.visits import SessionState
from schemas.consent import BEHAVIOUR, PERSONALIZATION
from schemas.messages import CandidateId
from schemas.topics import Topic

__all__ = [
    "Application", "Candidate", "ContentTouch", "Dismissal", "Interaction", "InteractionKind", "Preferences", "Search",
    "SessionState", "Stored", "SurveyAnswer", "WantedPlace", "merge",
]  # fmt: skip

NO_VISIT = SessionState()


@dataclass(frozen=True, slots=True)
class Stored:
    """A section and the log offset of the newest record folded into it."""

    section: Section
    offset: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person as far as the asked id may see; times are milliseconds since the epoch.

    Mappings by job hold the newest jobs only. `version` maps `<topic>/<candidate id>` to a log offset;
    `interactions` are newest first and leave out what was only shown (`shown` has how often, and when last);
    `uncounted` are the looks among them, as (at, job), under a no to being counted: decided by, and followed by nobody;
    `daily` counts each of `sections.EVENT_KINDS` by UTC day since the epoch, `tracked` other events by their
    name; `last` is the newest time of each kind; `submitted` says when a job was applied for, whatever came
    after; `last_visit_before` is when the visit before the current one ended. `corrections` are values by
    dimension that the person said are guessed wrongly: no behaviour speaks for them any more. `withheld` says
    that the person took back all that anything here could be made of: they are to be answered as a stranger is.
    """

    id: CandidateId
    ids: tuple[CandidateId, ...]
    version: Mapping[str, int] = field(default_factory=dict)
    interactions: tuple[Interaction, ...] = ()
    uncounted: frozenset[tuple[int, str]] = frozenset()
    views: Mapping[str, int] = field(default_factory=dict)
    dwell: Mapping[str, int] = field(default_factory=dict)
    saved: Mapping[str, int] = field(default_factory=dict)
    liked: Mapping[str, int] = field(default_factory=dict)
    dismissed: Mapping[str, Dismissal] = field(default_factory=dict)
    shown: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    applications: Mapping[str, Application] = field(default_factory=dict)
    submitted: Mapping[str, int] = field(default_factory=dict)
    searches: tuple[Search, ...] = ()
    session: SessionState = NO_VISIT
    visits: int = 0
    last_visit_before: int | None = None
    first_campaign: Mapping[str, str] = field(default_factory=dict)
    preferences: Preferences = NO_PREFERENCES
    corrections: Mapping[str, frozenset[str]] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)
    consents: Mapping[str, bool] = field(default_factory=dict)
    content: Mapping[str, ContentTouch] = field(default_factory=dict)
    surveys: tuple[SurveyAnswer, ...] = ()
    daily: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    tracked: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    last: Mapping[str, int] = field(default_factory=dict)
    first_seen: int | None = None
    last_seen: int | None = None
    withheld: bool = False

    @property
    def known(self) -> bool:
        """Say whether anything is held about this person."""
        return bool(self.version)

    @property
    def usable(self) -> bool:
        """Say whether something is held that may be used."""
        return bool(self.version) and not self.withheld


Kept = TypeVar("Kept", bound=Section)


def merge(
    asked: CandidateId, sections: Mapping[tuple[Topic, CandidateId], Stored], *, everything: bool = False
) -> Candidate:
    """Answer the candidate of these sections; the same whatever order they are handed over in.

    Facts of all ids count alike. Where ids contradict each other, the user's own section wins over those of browsers
    for traits and preferences; a consent taken back in a browser holds, one given there does not override the user's
    own no.

    What was taken back is left out, as if it had never been held: all of it without consent to personalisation, what was
    seen on the site without `behaviour`, what was read off a résumé without `resume`. `everything` leaves nothing out: for
    those who ask what is held.
    """
    ids = tuple(sorted({asked, *[candidate for _, candidate in sections]}, key=_users_first))
    clicks = _of(Clicks, Topic.CLICKS, ids, sections)
    sessions = _of(Sessions, Topic.SESSIONS, ids, sections)
    applications = _of(Applications, Topic.APPLICATIONS, ids, sections)
    profiles = _of(Profile, Topic.PROFILES, ids, sections)
    users = sum(map(_is_user, (candidate for candidate in ids if (Topic.PROFILES, candidate) in sections)))
    claimed, own = profiles[users:], profiles[:users]
    consents = gather.consents(claimed, own) if profiles else {}
    refused = () if everything else [name for name, given in consents.items() if not given]
    if PERSONALIZATION in refused:
        clicks, sessions, applications, profiles = [], [], [], []
    elif BEHAVIOUR in refused:
        clicks, sessions = [], []
    held: list[Section] = [*clicks, *sessions, *applications, *profiles]
    seen = [each for each in held if each.first_seen]
    last_seen = max([each.last_seen for each in seen], default=0)
    facts: dict[str, Any] = {}
    # A candidate has few of the four sections: what is not there is not asked.
    if clicks or applications:
        facts |= gather.from_both(clicks, applications)
    if clicks:
        facts |= gather.from_clicks(clicks)
    if sessions:
        facts |= gather.from_sessions(sessions, last_seen)
    if applications:
        facts |= gather.from_applications(applications)
    if profiles:
        facts |= gather.from_profiles(claimed, own, consents)
    elif consents:
        facts["consents"] = consents
    if clicks or sessions or applications:
        facts["daily"] = gather.daily(clicks, sessions, applications)
        facts["last"] = gather.last(clicks, sessions, applications)
    return Candidate(
        id=asked,
        ids=ids,
        version={f"{topic.value}/{candidate}": stored.offset for (topic, candidate), stored in sections.items()},
        withheld=bool(refused) and not _tells_anything(clicks, sessions, applications, facts),
        first_seen=min([each.first_seen for each in seen], default=None),
        last_seen=last_seen or None,
        **facts,
    )


def _tells_anything(
    clicks: Sequence[Clicks], sessions: Sequence[Sessions], applications: Sequence[Applications], facts: dict[str, Any]
) -> bool:
    if clicks or sessions or applications:
        return True
    return bool(facts.get("traits")) or facts.get("preferences", NO_PREFERENCES) != NO_PREFERENCES


def _is_user(candidate: CandidateId) -> bool:
    return candidate.startswith("u:")


def _users_first(candidate: CandidateId) -> tuple[bool, str]:
    return not _is_user(candidate), candidate


def _of(
    kind: type[Kept], topic: Topic, ids: Iterable[CandidateId], sections: Mapping[tuple[Topic, CandidateId], Stored]
) -> list[Kept]:
    """Answer the sections of one topic, the user's first."""
    found = [stored.section for candidate in ids if (stored := sections.get((topic, candidate))) is not None]
    return [section for section in found if isinstance(section, kind)]
