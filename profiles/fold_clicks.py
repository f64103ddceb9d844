"""What clicks do to their section."""

from typing import assert_never

from profiles import ring
from profiles.fit import fit_text, fit_time
from profiles.newest import add_newest, put_newest
from profiles.rooms import (
    CONTENT_SHOWINGS,
    DWELL_LIMIT_MS,
    ENGAGEMENTS,
    MARKS,
    REASON_ROOM,
    SHOWING_ROOM,
    SHOWINGS,
    TOUCHED,
)
from profiles.sections import (
    CLICK_KINDS,
    CONTENT_ACTIONS,
    DISMISSED,
    DISMISSED_BECAUSE,
    LIKED,
    READ_UNCOUNTED,
    SAVED,
    SHARED,
    VIEWED,
    VIEWED_UNCOUNTED,
    Clicks,
)
from profiles.seen import seen_at, usable
from profiles.tally import tallied
from schemas.events import ClickEvent, ContentTouched, JobMarked, JobRead, JobsShown, JobViewed
from schemas.ids import is_usable_id

_KIND = {name: index for index, name in enumerate(CLICK_KINDS)}
_CONTENT_KIND = {action: _KIND[f"content_{action}"] for action in CONTENT_ACTIONS}
_CONTENT_CODE = {action: index for index, action in enumerate(CONTENT_ACTIONS)}
_MARKS = {
    "saved": (SAVED, 1),
    "unsaved": (SAVED, 0),
    "liked": (LIKED, 1),
    "unliked": (LIKED, 0),
    "dismissed": (DISMISSED, 1),
    "restored": (DISMISSED, 0),
}
_UNCOUNTED = -1


def fold_clicks(section: Clicks, event: ClickEvent) -> Clicks:
    """Answer the section after one click; a message that was counted changes nothing."""
    at = fit_time(event.at)
    counted = ring.entry_of(at, event.id)
    if ring.holds(section.ring, counted):
        return section
    engagements, marks, showings = section.engagements, section.marks, section.showings
    touched, content_showings = section.touched, section.content_showings
    match event:
        case JobViewed(job_id=job):
            kind = _KIND["job_viewed"]
            what = VIEWED if event.counted else VIEWED_UNCOUNTED
            engagements = add_newest(engagements, (at, usable(job), what), ENGAGEMENTS)
        case JobsShown(job_ids=jobs):
            kind = _KIND["job_shown"]
            if shown := _showing(at, jobs):
                showings = add_newest(showings, shown, SHOWINGS)
        case JobRead(job_id=job, dwell_ms=dwell):
            kind = _KIND["job_read"]
            read = max(0, min(dwell, DWELL_LIMIT_MS))
            what = read if event.counted else READ_UNCOUNTED - read // 10
            engagements = add_newest(engagements, (at, usable(job), what), ENGAGEMENTS)
        case JobMarked(job_id=job, mark="shared"):
            kind = _KIND["job_shared"]
            engagements = add_newest(engagements, (at, usable(job), SHARED), ENGAGEMENTS)
        case JobMarked():
            kind = _KIND.get(f"job_{event.mark}", _UNCOUNTED)
            marks = put_newest(marks, _mark(at, event), MARKS, key=2)
        case ContentTouched(content_id=content, action="shown"):
            kind = _CONTENT_KIND["shown"]
            content_showings = add_newest(content_showings, (at, usable(content)), CONTENT_SHOWINGS)
        case ContentTouched(content_id=content, action=action):
            kind = _CONTENT_KIND[action]
            touched = put_newest(touched, (at, usable(content), _CONTENT_CODE[action]), TOUCHED)
        case _:
            assert_never(event)
    # What we sent is no sign that the candidate was here.
    sent = kind == _CONTENT_KIND["sent"]
    first, last = (section.first_seen, section.last_seen) if sent else seen_at(section, at)
    return Clicks(
        first,
        last,
        ring.with_entry(section.ring, counted),
        section.tally if kind == _UNCOUNTED else tallied(section.tally, at, kind, kinds=len(CLICK_KINDS)),
        section.last if kind == _UNCOUNTED else _last(section.last, kind, at),
        engagements,
        marks,
        showings,
        touched,
        content_showings,
    )


def _showing(at: int, jobs: tuple[str, ...]) -> tuple[int, tuple[str, ...]] | None:
    """Answer what is kept of a list: as many jobs as a showing has room for; None when no id is usable."""
    room, kept = SHOWING_ROOM, []
    for job in jobs:
        room -= len(job) + 3
        if room < -3:
            break
        kept.append(job)
    if not all(map(is_usable_id, kept)):
        return _showing(at, tuple(filter(is_usable_id, jobs)))
    return (at, tuple(kept)) if kept else None


def _mark(at: int, event: JobMarked) -> tuple[int, str, int, int | str]:
    job = usable(event.job_id)
    reason = fit_text(event.reason, REASON_ROOM) if event.reason and event.mark == "dismissed" else ""
    return (at, job, DISMISSED_BECAUSE, reason) if reason else (at, job, *_MARKS[event.mark])


def _last(times: tuple[int, ...], kind: int, at: int) -> tuple[int, ...]:
    return times if times[kind] >= at else (*times[:kind], at, *times[kind + 1 :])
