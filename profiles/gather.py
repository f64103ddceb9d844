"""Reading the sections of several ids together: plain records out of packed facts, each person's newest word."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from profiles.consent import usable_traits
from profiles.facts import (
    Application,
    ContentTouch,
    Dismissal,
    Interaction,
    InteractionKind,
    Search,
    SurveyAnswer,
)
from profiles.preferences import read_preferences
from profiles.sections import (
    APPLICATION_KINDS,
    CAMPAIGN_PARTS,
    CLICK_KINDS,
    CONTENT_ACTIONS,
    DISMISSED,
    DISMISSED_BECAUSE,
    FIRST_STAGE,
    LIKED,
    READ_UNCOUNTED,
    SAVED,
    SESSION_KINDS,
    SHARED,
    STAGES,
    VIEWED_UNCOUNTED,
    Applications,
    Clicks,
    Profile,
    Sessions,
)
from profiles.tally import DAY_MS, counts
from profiles.visits import VISIT_GAP_MS, SessionState, visits_of
from schemas.events import CORRECTION, Moment

_MARK_KINDS: Mapping[int, tuple[InteractionKind, InteractionKind]] = {
    SAVED: ("unsaved", "saved"),
    LIKED: ("unliked", "liked"),
    DISMISSED: ("restored", "dismissed"),
    DISMISSED_BECAUSE: ("restored", "dismissed"),
}
_NO_SESSIONS = Sessions()
_newest_key = itemgetter(0, 1, 2)


def from_both(clicks: Sequence[Clicks], applications: Sequence[Applications]) -> dict[str, Any]:
    """Answer what was done with postings, and how often each job was viewed and how long it was read (ms)."""
    done = interactions(clicks, applications)
    views: dict[str, int] = {}
    dwell: dict[str, int] = {}
    for _, kind, job, dwell_ms in done:
        if kind == "viewed":
            views[job] = views.get(job, 0) + 1
        elif kind == "read":
            dwell[job] = dwell.get(job, 0) + dwell_ms
    return {"interactions": done, "views": views, "dwell": dwell}


def from_clicks(clicks: Sequence[Clicks]) -> dict[str, Any]:
    return {**marks(clicks), "shown": shown(clicks), "content": content(clicks), "uncounted": uncounted(clicks)}


def from_sessions(sessions: Sequence[Sessions], last_seen: int) -> dict[str, Any]:
    return {
        **visits(sessions, last_seen),
        "searches": searches(sessions),
        "first_campaign": first_campaign(sessions),
        "tracked": tracked(sessions),
    }


def from_applications(applications: Sequence[Applications]) -> dict[str, Any]:
    standing, submitted = stages(applications)
    return {"applications": standing, "submitted": submitted, "surveys": surveys(applications)}


def from_profiles(claimed: Sequence[Profile], own: Sequence[Profile], consents: Mapping[str, bool]) -> dict[str, Any]:
    preferences = said(claimed, own, "preferences")
    traits = usable_traits(said(claimed, own, "traits"), consents)
    # A résumé states skills and occupations as well as a form does; what the form says wins.
    stated: dict[str, Any] = {name: traits[name] for name in ("skills", "occupations") if name in traits}
    return {
        "preferences": read_preferences({**stated, **preferences}),
        "corrections": corrections(preferences),
        "traits": traits,
        "consents": consents,
    }


def interactions(clicks: Sequence[Clicks], applications: Sequence[Applications]) -> tuple[Interaction, ...]:
    """Answer what was done with postings, newest first."""
    done: list[Interaction] = []
    for section in clicks:
        for at, job, what in section.engagements.entries:
            if what >= 0:
                done.append(Interaction(at, "read", job, what))
            elif what <= READ_UNCOUNTED:
                done.append(Interaction(at, "read", job, 10 * (READ_UNCOUNTED - what)))
            else:
                done.append(Interaction(at, "shared" if what == SHARED else "viewed", job))
        done += [
            Interaction(at, _MARK_KINDS[dimension][bool(value)], job)
            for at, job, dimension, value in section.marks.entries
        ]
    for moves in applications:
        done += [Interaction(at, STAGES[code - FIRST_STAGE], job) for at, code, job in moves.history.entries]
    done.sort(reverse=True)
    return tuple(done)


def uncounted(clicks: Sequence[Clicks]) -> frozenset[tuple[int, str]]:
    """Answer when which postings were looked at under a no to being counted."""
    return frozenset(
        (at, job) for section in clicks for at, job, what in section.engagements.entries if what <= VIEWED_UNCOUNTED
    )


def marks(clicks: Sequence[Clicks]) -> dict[str, dict[str, Any]]:
    """Answer which jobs are saved, liked, dismissed: for each job the newest word counts."""
    saved: dict[str, int] = {}
    liked: dict[str, int] = {}
    dismissed: dict[str, Dismissal] = {}
    for at, job, dimension, value in _oldest_first([section.marks.entries for section in clicks]):
        held: dict[str, Any] = saved if dimension == SAVED else liked if dimension == LIKED else dismissed
        if not value:
            held.pop(job, None)
        elif held is dismissed:
            held[job] = Dismissal(at, value if isinstance(value, str) else None)
        else:
            held[job] = at
    return {"saved": saved, "liked": liked, "dismissed": dismissed}


def shown(clicks: Sequence[Clicks]) -> dict[str, tuple[int, int]]:
    """Answer how often each job was among the newest lists, and when last."""
    found: dict[str, tuple[int, int]] = {}
    for at, jobs in _oldest_first([section.showings.entries for section in clicks]):
        for job in jobs:
            before = found.get(job)
            found[job] = (before[0] + 1, at) if before else (1, at)
    return found


def content(clicks: Sequence[Clicks]) -> dict[str, ContentTouch]:
    touches: dict[str, ContentTouch] = {}
    for at, item, code in _oldest_first([section.touched.entries for section in clicks]):
        touches[item] = ContentTouch(CONTENT_ACTIONS[code], at, 0)
    for at, item in _oldest_first([section.content_showings.entries for section in clicks]):
        action, last, count = touches.get(item, _UNTOUCHED)
        touches[item] = ContentTouch(action, last if action else at, count + 1)
    return touches


_UNTOUCHED = ContentTouch(None, 0, 0)


def stages(applications: Sequence[Applications]) -> tuple[dict[str, Application], dict[str, int]]:
    """Answer where each job's application stands, and when each was submitted."""
    standing: dict[str, Application] = {}
    submitted: dict[str, int] = {}
    moved = [
        (at, code, job, number, sent)
        for section in applications
        for at, job, number, sent, code in section.stages.entries
    ]
    for at, code, job, number, sent in sorted(moved):
        before = standing.get(job)
        standing[job] = Application(
            STAGES[code - FIRST_STAGE], at, number or (before.application_id if before else None)
        )
        if sent:
            submitted[job] = at
    return standing, submitted


def surveys(applications: Sequence[Applications]) -> tuple[SurveyAnswer, ...]:
    newest: dict[str, SurveyAnswer] = {}
    answered = [answer for section in applications for answer in section.surveys.entries]
    for at, survey, score in sorted(
        answered, key=lambda answer: (*answer[:2], answer[2] is not None, answer[2] or 0.0)
    ):
        newest.pop(survey, None)
        newest[survey] = SurveyAnswer(at, survey, score)
    return tuple(reversed(newest.values()))


def searches(sessions: Sequence[Sessions]) -> tuple[Search, ...]:
    made = _newest_first([section.searches.entries for section in sessions])
    return tuple(
        [Search(at, query, dict(zip(filters[::2], filters[1::2], strict=True))) for at, query, filters in made]
    )


def visits(sessions: Sequence[Sessions], last_seen: int) -> dict[str, Any]:
    """Answer the newest visit, how many are remembered, and when the one before ended."""
    found = visits_of(_newest_first([section.pages.entries for section in sessions]))
    moment = _moment(sessions)
    if not found:
        return {"session": SessionState(id=moment.session_id, moment=moment)}
    newest = found[0]
    campaign = max([section.campaign for section in sessions])
    current = SessionState(
        moment.session_id,
        newest.started_at,
        last_seen if 0 < last_seen - newest.last_at <= VISIT_GAP_MS else newest.last_at,
        newest.page_count,
        max([section.page for section in sessions])[1],
        moment,
        campaign_of(campaign) if campaign and campaign[0] >= newest.started_at else {},
    )
    ended = next((visit.last_at for visit in found if visit.last_at < newest.started_at), None)
    return {"session": current, "visits": len(found), "last_visit_before": ended}


def _moment(sessions: Sequence[Sessions]) -> Moment:
    if len(sessions) == 1:
        return sessions[0].moment
    return max(sessions, key=lambda section: (section.moment_at, repr(section.moment)), default=_NO_SESSIONS).moment


def campaign_of(kept: tuple[Any, ...]) -> dict[str, str]:
    return {part: text for part, text in zip(CAMPAIGN_PARTS, kept[1:], strict=True) if text} if kept else {}


def first_campaign(sessions: Sequence[Sessions]) -> dict[str, str]:
    return campaign_of(min((section.first_campaign for section in sessions if section.first_campaign), default=()))


def daily(
    clicks: Sequence[Clicks], sessions: Sequence[Sessions], applications: Sequence[Applications]
) -> dict[str, dict[int, int]]:
    """Answer how often each kind of event happened on each day."""
    found: dict[str, dict[int, int]] = {}
    tallies = [(CLICK_KINDS, section.tally) for section in clicks] + [
        (SESSION_KINDS, section.tally) for section in sessions
    ]
    for names, tally in tallies:
        for day, kind, count in counts(tally, kinds=len(names)):
            _add(found, names[kind], day, count)
    for section in applications:
        for at, code, _ in section.history.entries:
            _add(found, APPLICATION_KINDS[code - FIRST_STAGE], at // DAY_MS, 1)
    return found


def tracked(sessions: Sequence[Sessions]) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for section in sessions:
        for day, name, count in section.tracked.entries:
            _add(found, name, day, count)
    return found


def last(
    clicks: Sequence[Clicks], sessions: Sequence[Sessions], applications: Sequence[Applications]
) -> dict[str, int]:
    """Answer when each kind of event happened last."""
    times: list[tuple[str, int]] = []
    for section in clicks:
        times += zip(CLICK_KINDS, section.last, strict=True)
    for visited in sessions:
        times += zip(SESSION_KINDS, visited.last, strict=True)
    times += [
        (APPLICATION_KINDS[code - FIRST_STAGE], at) for moves in applications for at, code, _ in moves.history.entries
    ]
    newest: dict[str, int] = {}
    for kind, at in times:
        if at > newest.get(kind, 0):
            newest[kind] = at
    return newest


def said(claimed: Sequence[Profile], own: Sequence[Profile], collection: str) -> dict[str, Any]:
    """Answer traits or preferences by name; the user's own word beats a browser's, a None takes back."""
    held: dict[str, Any] = {}
    for sections in (claimed, own):
        entries = chain.from_iterable(getattr(section, collection).entries for section in sections)
        held.update((name, value) for _, name, _, value in sorted(entries, key=_newest_key))
    return {name: value for name, value in held.items() if value is not None}


def corrections(preferences: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Answer by dimension the values that the candidate said are guessed wrongly."""
    found: dict[str, frozenset[str]] = {}
    for key, value in preferences.items():
        if key.startswith(CORRECTION) and isinstance(value, str):
            dimension = key.removeprefix(CORRECTION).partition("~")[0]
            found[dimension] = found.get(dimension, frozenset()) | {value}
    return found


def consents(claimed: Sequence[Profile], own: Sequence[Profile]) -> dict[str, bool]:
    """Answer what the candidate agreed to by purpose. Of two answers at one time the no counts."""
    held: dict[str, tuple[int, int]] = {}
    for sections, may_give in ((own, True), (claimed, False)):
        mine = {entry[1] for section in own for entry in section.consents.entries} if not may_give else set()
        for at, purpose, given in chain.from_iterable(section.consents.entries for section in sections):
            if given and purpose in mine:
                continue
            held[purpose] = max(held.get(purpose, (0, 0)), (at, -given))
    return {purpose: given < 0 for purpose, (_, given) in held.items()}


def _newest_first(collections: list[tuple[Any, ...]]) -> Sequence[Any]:
    return collections[0] if len(collections) == 1 else sorted(chain.from_iterable(collections), reverse=True)


def _oldest_first(collections: list[tuple[Any, ...]]) -> Iterable[Any]:
    return reversed(collections[0]) if len(collections) == 1 else sorted(chain.from_iterable(collections))


def _add(found: dict[str, dict[int, int]], name: str, day: int, count: int) -> None:
    days = found.setdefault(name, {})
    days[day] = days.get(day, 0) + count
