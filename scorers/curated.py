"""The last rung: a curator's pins and the newest postings, under the same rules, without any opinion about the person."""

from dataclasses import replace

import numpy as np

from catalog.index import Catalog
from schemas.decision import Choice, Decision, RankedItem, Reason
from scorers.limits import NO_LIMITS, Limits, limits_to_json
from scorers.overrides import blocked_by, mark_of, pins_of
from scorers.policy import Policy, Selector
from scorers.rules import RULES, Case, judge

LOOKED_AT = 4
"""So many times what is kept are looked at, for rules refuse some."""
_EDITORIAL = (Reason("editorial"),)
_OVERRIDE = (Reason("override"),)


def curated_decision(
    decision_id: str, candidate_id: str, *, catalog: Catalog, policy: Policy, now: int, limits: Limits = NO_LIMITS
) -> Decision:
    """Answer what can be shown when nothing else can: no model, no profile, no trends. Raises nothing that rules raise."""
    catalog.advance(now)
    said = policy.overrides.for_everybody(now)
    limits = replace(limits, blocked=blocked_by(said))
    return Decision(
        id=decision_id,
        candidate_id=candidate_id,
        decided_at=now,
        version={},
        choices=tuple(_choice(selector, catalog, policy, limits, now) for selector in policy.selectors),
        policy=policy.version + mark_of(said),
        catalogue=catalog.revision,
        rung="curated",
        limits=limits_to_json(limits),
    )


def _choice(selector: Selector, catalog: Catalog, policy: Policy, limits: Limits, now: int) -> Choice:
    pins = [pin for pin in policy.pins if pin.selector == selector.name and pin.is_current(now) and not pin.segments]
    pinned = [pin.item_id for pin in sorted(pins, key=lambda pin: (pin.position, pin.item_id))]
    plain = _contents(selector, catalog, now) if selector.kind == "CONTENT" else _newest(selector, catalog)
    overridden = [pin.item_id for pin in pins_of(policy.overrides.for_everybody(now), selector.name)]
    ids = list(dict.fromkeys([*overridden, *pinned, *plain]))
    allowed = (
        [item for item in ids if item not in limits.blocked]
        if selector.kind == "CONTENT"
        else _allowed(ids, catalog, policy, limits, now)
    )
    shown = [item for item in allowed if selector.kind == "RECS" or item in plain][: selector.keep]
    return Choice(
        selector.name,
        selector.kind,
        tuple(_ranked(item, overridden, pinned) for item in shown),
    )


def _ranked(item: str, overridden: list[str], pinned: list[str]) -> RankedItem:
    if item in overridden:
        return RankedItem(item, 0.0, 1.0, "override", _OVERRIDE)
    return RankedItem(item, 0.0, 1.0, "pin", _EDITORIAL) if item in pinned else RankedItem(item, 0.0, 1.0, "curated")


def _newest(selector: Selector, catalog: Catalog) -> list[str]:
    return [catalog.ids[row] for row in reversed(catalog.newest(LOOKED_AT * selector.keep))]


def _contents(selector: Selector, catalog: Catalog, now: int) -> list[str]:
    """Answer items that are for everybody, by the curator's priority."""
    offered = [
        item
        for item in catalog.contents.items.values()
        if item.kind in selector.kinds and item.is_current(now) and not item.segments and not item.stages
    ]
    return [item.id for item in sorted(offered, key=lambda item: (-item.priority, item.id))]


def _allowed(ids: list[str], catalog: Catalog, policy: Policy, limits: Limits, now: int) -> list[str]:
    rows = [(item, row) for item in ids if (row := catalog.row(item)) is not None]
    if not rows:
        return []
    asked = np.array([row for _, row in rows], np.int64)
    case = Case(catalog, (limits,), np.zeros(len(rows), np.int64), asked, policy.rules, now)
    verdict = judge(RULES, case)[0].tolist()
    return [item for (item, _), refused in zip(rows, verdict, strict=True) if refused < 0]
