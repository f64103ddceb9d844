"""What is asked: a decision for a person, and then a slot of it in a request's circumstances."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from profiles.candidate import Candidate
from schemas.events import Moment


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Where and on what the person is right now; `moment` is `schemas.events.moment_of` the request's context.

    `local_hour` is the hour of the day (0 to 23) where the person is, None when nobody worked it out.
    """

    moment: Moment = field(default_factory=Moment)
    page_type: str | None = None
    local_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One person to decide for. `decision_id` comes from the caller; `segments` are those the person is in."""

    candidate: Candidate
    decision_id: str
    segments: tuple[str, ...] = ()
    context: RequestContext | None = None


@dataclass(frozen=True, slots=True)
class SelectorRequest:
    """One slot that a page wants filled.

    `count` None means what the policy says. `filter` keeps items that have one of the values, in every facet named. `candidates` ranks only
    these. `offset` skips what an earlier page of the answer had. `item_id` is the posting that the page shows: never answered itself.
    """

    name: str
    count: int | None = None
    item_id: str | None = None
    filter: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: frozenset[str] = frozenset()
    candidates: tuple[str, ...] | None = None
    properties: tuple[str, ...] = ()
    offset: int = 0
