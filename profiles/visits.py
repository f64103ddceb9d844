"""Visits, derived from page moments: one session id is one visit; without ids, pages within 30 minutes are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.events import Moment

VISIT_GAP_MS = 30 * 60_000
NOWHERE = Moment()


@dataclass(frozen=True, slots=True)
class SessionState:
    """The newest visit. `id` and `moment` are what the SDK told last; `page_count` 0 means that no page was ever seen.

    `campaign` is the one that this visit came by, empty when it came by none; `page` the newest page's name or path.
    """

    id: str | None = None
    started_at: int = 0
    last_at: int = 0
    page_count: int = 0
    page: str = ""
    moment: Moment = NOWHERE
    campaign: Mapping[str, str] = field(default_factory=dict)


class Visit(NamedTuple):
    started_at: int
    last_at: int
    page_count: int


def visits_of(pages: Sequence[tuple[int, int]]) -> list[Visit]:
    """Answer the visits, newest first, out of (at, tag of the session id or 0), newest first."""
    visits: list[list[int]] = []
    named: dict[int, list[int]] = {}
    newer = 0
    for at, tag in pages:
        visit = named.get(tag) if tag else None
        if visit is None and visits and visits[-1][0] - at <= VISIT_GAP_MS and not (tag and newer):
            visit = visits[-1]
        if visit is None:
            visit = [at, at, 0]
            visits.append(visit)
        visit[0] = at
        visit[2] += 1
        if tag:
            named[tag] = visit
        newer = tag
    return [Visit(*visit) for visit in visits]
