"""Somebody's segments in the shapes that ad servers and CDPs take as they are."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import orjson

from api.cloudevents import rfc3339

Format = Literal["plain", "ortb2", "gam", "pps"]
FORMATS: tuple[str, ...] = get_args(Format)
IAB_AUDIENCE = 4
"""OpenRTB's segtax number of the IAB Audience Taxonomy 1.1."""
SELLER = "careerstream"


@dataclass(frozen=True, slots=True)
class Membership:
    """One segment that somebody is in; times in milliseconds since the epoch, `until` None: no end is known."""

    key: str
    since: int | None = None
    until: int | None = None
    exportable: bool = True
    iab: str | None = None


def formatted(memberships: Sequence[Membership], shape: Format, *, known: bool, now: int) -> dict[str, Any]:
    """Answer the body in one of the shapes; only exportable segments leave in an ad server's."""
    return _SHAPES[shape](memberships, known, now)


def weak_etag(body: Mapping[str, Any]) -> str:
    """Answer an entity tag for what is told, whenever it is told."""
    told = {name: value for name, value in body.items() if name != "updatedAt"}
    return f'W/"{hashlib.blake2b(orjson.dumps(told), digest_size=12).hexdigest()}"'


def _plain(memberships: Sequence[Membership], known: bool, now: int) -> dict[str, Any]:  # noqa: FBT001  # one signature for all shapes
    return {
        "profile": {"known": known},
        "segments": [_described(membership) for membership in memberships],
        "updatedAt": rfc3339(now),
    }


def _ortb2(memberships: Sequence[Membership], _known: bool, _now: int) -> dict[str, Any]:  # noqa: FBT001  # as above
    exported = _exported(memberships)
    codes = _codes(exported)
    data: list[dict[str, Any]] = []
    if codes:
        data.append({"name": SELLER, "ext": {"segtax": IAB_AUDIENCE}, "segment": [{"id": code} for code in codes]})
    if exported:
        data.append({"name": SELLER, "segment": [{"id": membership.key} for membership in exported]})
    return {"user": {"data": data}}


def _gam(memberships: Sequence[Membership], _known: bool, _now: int) -> dict[str, Any]:  # noqa: FBT001  # as above
    return {"keyValues": {"seg": [membership.key for membership in _exported(memberships)]}}


def _pps(memberships: Sequence[Membership], _known: bool, _now: int) -> dict[str, Any]:  # noqa: FBT001  # as above
    codes = _codes(_exported(memberships))
    signals = [{"taxonomy": "IAB_AUDIENCE_1_1", "values": codes}] if codes else []
    return {"PublisherProvidedTaxonomySignals": signals}


def _exported(memberships: Sequence[Membership]) -> list[Membership]:
    return [membership for membership in memberships if membership.exportable]


def _codes(memberships: Sequence[Membership]) -> list[str]:
    return sorted({membership.iab for membership in memberships if membership.iab})


def _described(membership: Membership) -> dict[str, Any]:
    body: dict[str, Any] = {"key": membership.key}
    if membership.since is not None:
        body["since"] = rfc3339(membership.since)
    if membership.until is not None:
        body["expires"] = rfc3339(membership.until)
    return body


_SHAPES: Mapping[Format, Callable[[Sequence[Membership], bool, int], dict[str, Any]]] = {
    "plain": _plain,
    "ortb2": _ortb2,
    "gam": _gam,
    "pps": _pps,
}
