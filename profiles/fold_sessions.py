"""What pages, searches and other events do to the section of sessions."""

from collections.abc import Mapping
from typing import Any, assert_never
from zlib import crc32

import orjson

from profiles import ring, sections
from profiles.fit import fit_optional, fit_text, fit_time
from profiles.newest import Newest, add_newest
from profiles.rooms import (
    CAMPAIGN_ROOM,
    FILTER_ROOM,
    FILTERS_LIMIT,
    MOMENT_ROOMS,
    NAME_ROOM,
    PAGE_ROOM,
    PAGES,
    QUERY_ROOM,
    REFERRER_ROOM,
    SEARCHES,
    TRACKED,
    TRACKED_COUNT_LIMIT,
    WEATHER_ROOM,
)
from profiles.sections import CAMPAIGN_PARTS, NOWHERE, SESSION_KINDS, Sessions
from profiles.seen import seen_at
from profiles.tally import DAY_MS, tallied
from schemas.events import JobSearched, Moment, PageViewed, SessionEvent, Tracked

_PAGE_VIEWED, _JOB_SEARCHED, _EVENT_TRACKED = range(len(SESSION_KINDS))


def fold_sessions(section: Sessions, event: SessionEvent) -> Sessions:
    """Answer the section after one event of a visit; a message that was counted changes nothing."""
    at = fit_time(event.at)
    counted = ring.entry_of(at, event.id)
    if ring.holds(section.ring, counted):
        return section
    pages, page, searches, tracked = section.pages, section.page, section.searches, section.tracked
    match event:
        case PageViewed():
            kind = _PAGE_VIEWED
            pages = add_newest(pages, (at, session_tag(event.moment.session_id)), PAGES)
            page = max(page, (at, fit_text(event.name or event.path or "", PAGE_ROOM)))
        case JobSearched():
            kind = _JOB_SEARCHED
            searches = add_newest(searches, (at, fit_text(event.query, QUERY_ROOM), _filters(event.filters)), SEARCHES)
        case Tracked(name=name):
            kind = _EVENT_TRACKED
            tracked = _counted(tracked, at // DAY_MS, fit_text(name, NAME_ROOM))
        case _:
            assert_never(event)
    first, last = seen_at(section, at)
    moment_at, moment = _newest_moment(section, at, event.moment)
    campaign = _campaign(at, event.moment.campaign)
    held = section.last
    return Sessions(
        first,
        last,
        ring.with_entry(section.ring, counted),
        tallied(section.tally, at, kind, kinds=len(SESSION_KINDS)),
        held if held[kind] >= at else (*held[:kind], at, *held[kind + 1 :]),
        pages,
        page,
        moment_at,
        moment,
        min(section.first_campaign or campaign, campaign) if campaign else section.first_campaign,
        max(section.campaign, campaign),
        searches,
        tracked,
    )


def session_tag(session_id: str | None) -> int:
    """Answer 1 … 65535 for a session id, 0 for none: enough to tell a handful of visits apart."""
    return crc32(session_id.encode("utf-8", "replace")) % 65_535 + 1 if session_id else 0


def _newest_moment(section: Sessions, at: int, moment: Moment) -> tuple[int, Moment]:
    if at < section.moment_at:
        return section.moment_at, section.moment
    members = _members(moment)
    if members == sections.moment_members(section.moment):
        return (at if section.moment != NOWHERE else 0), section.moment
    fitted = _fitted(members)
    if fitted == NOWHERE or (at == section.moment_at and _rank(fitted) <= _rank(section.moment)):
        return section.moment_at, section.moment
    return at, fitted


def _members(moment: Moment) -> tuple[Any, ...]:
    """Answer the circumstances without the campaign, as far as they are kept at all."""
    *texts, latitude, longitude, weather, referrer = sections.moment_members(moment)
    return (*texts, _degrees(latitude, 90), _degrees(longitude, 180), weather, _host(referrer))


def _rank(moment: Moment) -> bytes:
    return orjson.dumps(sections.moment_members(moment))


def _fitted(members: tuple[Any, ...]) -> Moment:
    *texts, latitude, longitude, weather, referrer = members
    session_id, device, timezone, locale, locality, region, country = map(fit_optional, texts, MOMENT_ROOMS)
    return Moment(
        session_id=session_id,
        device=device,
        timezone=timezone,
        locale=locale,
        locality=locality,
        region=region,
        country=country,
        latitude=latitude,
        longitude=longitude,
        weather=fit_optional(weather, WEATHER_ROOM),
        referrer=fit_optional(referrer, REFERRER_ROOM),
    )


def _degrees(value: float | None, limit: int) -> float | None:
    """Answer degrees with two decimals, about a kilometre: a commute needs no street. Never a negative zero."""
    return float(round(value, 2)) + 0.0 if value is not None and -limit <= value <= limit else None


def _host(referrer: str | None) -> str | None:
    """Answer the referring site alone: paths and queries may name a person."""
    return referrer.partition("//")[2].partition("/")[0] or referrer.partition("/")[0] if referrer else None


def _campaign(at: int, campaign: Mapping[str, str]) -> tuple[Any, ...]:
    if not campaign:
        return ()
    parts = tuple([fit_text(campaign.get(part, ""), CAMPAIGN_ROOM) for part in CAMPAIGN_PARTS])
    return (at, *parts) if any(parts) else ()


def _filters(filters: Mapping[str, str]) -> tuple[str, ...]:
    kept = sorted(filters.items())[:FILTERS_LIMIT]
    return tuple(fit_text(part, FILTER_ROOM) for pair in kept for part in pair)


def _counted(tracked: Newest, day: int, name: str) -> Newest:
    """Answer the counts with one more event of that name on that day.

    Which (day, name) are kept depends on the names and days alone, newest day first: an order by use would forget a
    count and then begin it anew.
    """
    for index, (held_day, held_name, count) in enumerate(tracked.entries):
        if held_day == day and held_name == name:
            grown = (day, name, min(count + 1, TRACKED_COUNT_LIMIT))
            return tracked._replace(entries=(*tracked.entries[:index], grown, *tracked.entries[index + 1 :]))
    return add_newest(tracked, (day, name, 1), TRACKED)
