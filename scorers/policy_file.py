"""The policy's files: selectors.yaml and pins.yaml, checked when they are read, with file and line."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeVar, cast

from schemas.config import Node, read_yaml
from schemas.content import CONTENT_KINDS
from scorers.policy import (
    PLAYLISTS,
    Diversity,
    Exploration,
    Floors,
    Interest,
    Pin,
    Playlist,
    Policy,
    RuleOptions,
    Selector,
    Shortlisting,
    Strictness,
)
from scorers.rules import RULES

KINDS = ("employer", "occupation", "title")
FLOORED = ("workplace", "seniority", "pay", "region")
"""Dimensions of which a posting has one value, so that it is in one group."""
FLOORS_LIMIT = 8
Numbers = TypeVar("Numbers", Interest, Shortlisting)
_SECTIONS = ("selectors", "rules", "interest", "shortlist", "fit_share", "fit_within_pay")


def load_policy(*, selectors: tuple[str, str], pins: tuple[str, str]) -> Policy:
    """Answer the policy of both files, each given as text and name; ConfigError says what to put right and where."""
    root = read_yaml(*selectors).fields(required=("selectors",), optional=_SECTIONS[1:])
    read = tuple(_selector(name, node) for name, node in root["selectors"].mapping().items())
    known = {selector.name: selector for selector in read}
    pinned = read_yaml(*pins).fields(optional=("pins",))
    standard = Policy()
    return Policy(
        version=f"{zlib.crc32((selectors[0] + pins[0]).encode()):08x}",
        selectors=read,
        pins=tuple(_pin(node, known) for node in pinned["pins"].items()) if "pins" in pinned else (),
        interest=_numbers(root["interest"], Interest()) if "interest" in root else standard.interest,
        rules=_rules(root["rules"]) if "rules" in root else standard.rules,
        shortlisting=_numbers(root["shortlist"], Shortlisting()) if "shortlist" in root else standard.shortlisting,
        fit_share=root["fit_share"].number(minimum=0, maximum=1) if "fit_share" in root else standard.fit_share,
        fit_within_pay=root["fit_within_pay"].truth() if "fit_within_pay" in root else standard.fit_within_pay,
    )


def _selector(name: str, node: Node) -> Selector:
    shape = ("playlist", "kinds", *_OF_EITHER, *_OF_JOBS, *_OF_CONTENT)
    members = node.fields(optional=shape)
    if ("playlist" in members) == ("kinds" in members):
        raise node.error(f"{name} must have one of playlist and kinds", "playlist for postings, kinds for content")
    of_jobs = "playlist" in members
    for member in _OF_CONTENT if of_jobs else _OF_JOBS:
        if member in members:
            noun = "postings" if of_jobs else "content"
            raise members[member].error(f"{member} does not belong to a selector of {noun}")
    return Selector(name=name, **{_FIELD.get(key, key): _READ[key](member) for key, member in members.items()})


def _diversity(node: Node) -> Diversity:
    members = node.fields(optional=(*KINDS, "within", "at_most"))
    given: dict[str, Any] = {kind: members[kind].number(minimum=0, maximum=10) for kind in KINDS if kind in members}
    if "within" in members:
        given["within"] = members["within"].integer(minimum=1, maximum=40)
    if "at_most" in members:
        most = members["at_most"].fields(optional=KINDS)
        given["at_most"] = MappingProxyType(
            {kind: count.integer(minimum=1, maximum=40) for kind, count in most.items()}
        )
    return Diversity(**given)


def _floors(node: Node) -> Floors:
    members = node.fields(required=("by", "at_least"))
    shares = {value: share.number(minimum=0.01, maximum=1) for value, share in members["at_least"].mapping().items()}
    if not 1 <= len(shares) <= FLOORS_LIMIT or sum(shares.values()) > 1.0 + 1e-9:
        raise members["at_least"].error(
            f"{len(shares)} shares that add up to {sum(shares.values()):g}",
            f"give up to {FLOORS_LIMIT} values such as REMOTE: 0.25, of 1 together at most",
        )
    return Floors(by=members["by"].choice(FLOORED), at_least=MappingProxyType(shares))


def _exploration(node: Node) -> Exploration:
    members = node.fields(optional=("position", "pool", "share"))
    given: dict[str, Any] = {}
    if "position" in members:
        given["position"] = members["position"].integer(minimum=1, maximum=40)
    if "pool" in members:
        given["pool"] = members["pool"].integer(minimum=1, maximum=50)
    if "share" in members:
        # 0 would make a probability that nothing can be learned from; leave the section out instead.
        given["share"] = members["share"].number(minimum=0.001, maximum=1)
    return Exploration(**given)


def _up_to(most: int) -> Callable[[Node], int]:
    return lambda node: node.integer(minimum=1, maximum=most)


_OF_EITHER = ("count", "keep", "explained")
_OF_JOBS = ("diversity", "floors", "exploration", "days")
_OF_CONTENT = ("staged", "again_after")
_FIELD = {"again_after": "again_after_days"}
_READ: Mapping[str, Callable[[Node], Any]] = {
    "playlist": lambda node: cast("Playlist", node.choice(PLAYLISTS)),
    "kinds": lambda node: tuple(item.choice(CONTENT_KINDS) for item in node.one_or_more()),
    "count": _up_to(100),
    "keep": _up_to(40),
    "explained": _up_to(40),
    "diversity": _diversity,
    "floors": _floors,
    "exploration": _exploration,
    "days": _up_to(365),
    "staged": Node.truth,
    "again_after": lambda node: node.duration_ms() / 86_400_000,
}


def _rules(node: Node) -> RuleOptions:
    names = tuple(rule.name for rule in RULES)
    facts = ("unknown_pay", "unknown_credentials", "unknown_region")
    members = node.fields(optional=(*facts, "off"))
    given: dict[str, Any] = {
        fact: cast("Strictness", members[fact].choice(("require", "warn"))) for fact in facts if fact in members
    }
    if "off" in members:
        given["off"] = tuple(item.choice(names) for item in members["off"].one_or_more())
    return RuleOptions(**given)


def _numbers(node: Node, standard: Numbers) -> Numbers:
    """Read a section of numbers: the names, and which are whole, are those of the standard's fields."""
    names = [member.name for member in fields(standard)]
    given: dict[str, Any] = {}
    for name, member in node.fields(optional=names).items():
        whole = isinstance(getattr(standard, name), int)
        given[name] = member.integer(minimum=1, maximum=1000) if whole else member.number(minimum=0.001, maximum=1000)
    return type(standard)(**given)


def _pin(node: Node, selectors: dict[str, Selector]) -> Pin:
    members = node.fields(required=("selector", "item"), optional=("position", "segments", "from", "until"))
    name = members["selector"].choice(selectors)
    most = selectors[name].keep
    return Pin(
        selector=name,
        item_id=members["item"].text(),
        position=members["position"].integer(minimum=1, maximum=most) if "position" in members else 1,
        segments=members["segments"].texts() if "segments" in members else (),
        starts_at=_time(members["from"]) if "from" in members else None,
        ends_at=_time(members["until"]) if "until" in members else None,
    )


def _time(node: Node) -> int:
    """Read a date (midnight UTC) or a time with its offset."""
    try:
        at = datetime.fromisoformat(node.text())
    except ValueError as error:
        raise node.error(
            f"{node.name} is {node.value!r}", "give a date such as 2026-05-01 or 2026-05-01T08:00:00+02:00"
        ) from error
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
