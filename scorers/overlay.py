"""A request laid over a stored decision: what of it this page may show now, in this place, on this device."""

from collections.abc import Mapping, Sequence
from itertools import islice

from catalog.index import Catalog
from schemas.content import Content
from schemas.decision import Choice, Decision, RankedItem
from scorers.overlay_postings import COUNT_LIMIT, Postings
from scorers.overrides import blocked_now
from scorers.policy import Policy, Selector
from scorers.query import RequestContext, SelectorRequest


def overlay(  # noqa: PLR0917  the order is the contract between the rooms
    decision: Decision, request: SelectorRequest, context: RequestContext, catalog: Catalog, policy: Policy, now: int
) -> Choice | None:
    """Answer what one slot shows, None when there is no such selector."""
    return lay(decision, request, context, catalog, policy, now)[0]


def lay(  # noqa: PLR0917  same
    decision: Decision, request: SelectorRequest, context: RequestContext, catalog: Catalog, policy: Policy, now: int
) -> tuple[Choice | None, bool]:
    """Answer what one slot shows, and whether more is behind it.

    Rules are asked again, by the catalogue as it is now and the limits that the decision carries: a posting deleted a moment ago is
    gone. What was stored comes first; where a filter, a page or `candidates` want more, like postings are looked up.
    """
    selector = policy.selector(request.name)
    if selector is None:
        return None, False
    count = min(request.count or selector.count, COUNT_LIMIT)
    choice = decision.choice(selector.name)
    stored = choice.items if choice is not None else ()
    if selector.kind == "CONTENT":
        blocked = {*blocked_now(decision, policy.overrides, now), *_refused(decision, stored, catalog)}
        suiting = (
            item
            for item in stored
            if item.id not in blocked and _is_shown(catalog.content(item.id), request, context, selector, now)
        )
        items = list(islice(suiting, request.offset + count + 1))
    else:
        postings = Postings(decision, stored, request=request, context=context, catalog=catalog, policy=policy, now=now)
        items = postings.ranked(request.offset + count + 1)
    shown = tuple(items[request.offset : request.offset + count])
    return Choice(selector.name, selector.kind, shown), len(items) > request.offset + count


def _refused(decision: Decision, stored: Sequence[RankedItem], catalog: Catalog) -> set[str]:
    """Answer the items that are sent in a way that the person said no to."""
    if not decision.refused:
        return set()
    return {item.id for item in stored if (held := catalog.content(item.id)) and held.channel in decision.refused}


def _is_shown(
    content: Content | None, request: SelectorRequest, context: RequestContext, selector: Selector, now: int
) -> bool:
    """Say whether a stored content item may be shown on this page."""
    if (
        content is None
        or content.kind not in selector.kinds
        or not content.is_current(now)
        or content.id in request.exclude
    ):
        return False
    if request.candidates is not None and content.id not in request.candidates:
        return False
    return _suits_moment(content, context) and all(
        _meets(content, name, values) for name, values in request.filter.items()
    )


def _suits_moment(content: Content, context: RequestContext) -> bool:
    """Say whether the item is meant for this device and hour; `devices` and `hours` of a payload, such as [6, 22], say so."""
    devices, hours = content.payload.get("devices"), content.payload.get("hours")
    device, hour = context.moment.device, context.local_hour
    if isinstance(devices, Sequence) and device is not None and device not in devices:
        return False
    if not isinstance(hours, Sequence) or len(hours) != 2 or hour is None:
        return True
    begin, end = hours
    return bool(begin <= hour < end if begin <= end else hour >= begin or hour < end)


def _meets(content: Content, name: str, values: Sequence[str]) -> bool:
    if name == "kind":
        return content.kind in values
    if name == "language":
        return content.language in values
    wanted = {value.casefold() for value in values}
    facets: Mapping[str, tuple[str, ...]] = content.facets
    return not wanted.isdisjoint(value.casefold() for value in facets.get(name, ()))
