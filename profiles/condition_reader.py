"""The condition language: YAML in, conditions out, every mistake with its line (docs/reference/segments.md)."""

import re
from collections.abc import Callable, Mapping

from profiles.conditions import (
    Affinity,
    Age,
    AllOf,
    AnyOf,
    Application,
    Condition,
    Count,
    Not,
    Preference,
    Range,
    Recency,
    SessionNumber,
    SessionText,
    Trait,
)
from profiles.preferences import PREFERENCE_KEYS
from profiles.sections import CAMPAIGN_PARTS, EVENT_KINDS
from profiles.tally import DAY_MS, DAYS_LIMIT
from schemas.config import Node
from schemas.events import STAGES
from schemas.jobs import EMPLOYMENT_TYPES, SENIORITIES, WORKPLACES
from schemas.traits import is_denied

AFFINITY_DIMENSIONS = (
    "occupation", "skill", "employer", "place", "pay", "employment", "workplace", "category", "seniority",
)  # fmt: skip
SESSION_NUMBERS = ("pages", "visits")
SESSION_TEXTS = (
    "device", "locale", "timezone", "locality", "region", "country", "referrer",
    *(f"{owner}.{part}" for owner in ("campaign", "first_campaign") for part in CAMPAIGN_PARTS),
)  # fmt: skip
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "workplaces": WORKPLACES,
    "employment_types": EMPLOYMENT_TYPES,
    "seniorities": SENIORITIES,
}
_RECENT = ("any", "first_visit", *EVENT_KINDS)

Resolve = Callable[[Node], Condition]
"""Answers the condition of the segment that a node names."""


def read_condition(node: Node, resolve: Resolve) -> Condition:
    """Answer the condition of a node, or raise ConfigError."""
    members = node.fields(optional=(*_JOINTS, *_LEAVES, "segment"))
    if len(members) != 1:
        names = ", ".join(members) or "nothing"
        raise node.error(f"a condition asks one thing, here: {names}", "join several by `all:` or `any:`, each an item")
    [(name, asked)] = members.items()
    if name == "segment":
        return resolve(asked)
    if name == "not":
        return Not(read_condition(asked, resolve))
    if name in _JOINTS:
        conditions = tuple(read_condition(item, resolve) for item in asked.items())
        if not conditions:
            raise asked.error(f"`{name}:` joins no conditions", "give at least one")
        return AllOf(conditions) if name == "all" else AnyOf(conditions)
    return _LEAVES[name](asked)


_JOINTS = ("all", "any", "not")


def _count(node: Node) -> Condition:
    members = node.fields(optional=("event", "tracked", "within", "at_least", "at_most"))
    if ("event" in members) == ("tracked" in members):
        raise node.error("count needs one of event and tracked", "`tracked:` counts other events by their own name")
    tracked = "tracked" in members
    named = members["tracked" if tracked else "event"]
    events = named.texts() if tracked else tuple(item.choice(EVENT_KINDS) for item in named.one_or_more())
    amount = _range(node, members, least=1.0)
    return Count(events, amount, _days(members["within"]) if "within" in members else None, tracked)


def _days(node: Node) -> int:
    days, rest = divmod(node.duration_ms(), DAY_MS)
    if rest or days > DAYS_LIMIT:
        raise node.error(f"within is {node.value}", f"counts are kept by day: give 1d to {DAYS_LIMIT}d")
    return days


def _recency(node: Node) -> Condition:
    members = node.fields(required=("event",), optional=("within", "older_than"))
    if len(members) == 1:
        raise node.error("recency needs within or older_than", "such as `within: 30d`")
    return Recency(members["event"].choice(_RECENT), _age(node, members))


def _affinity(node: Node) -> Condition:
    members = node.fields(required=("dimension", "at_least"), optional=("value", "containing"))
    if ("value" in members) == ("containing" in members):
        raise node.error("affinity needs one of value and containing", "`containing:` finds words that begin so")
    dimension = members["dimension"].choice(AFFINITY_DIMENSIONS)
    least = members["at_least"].number(minimum=0.001, maximum=1.0)
    if "value" in members:
        return Affinity(dimension, least, values=_folded(members["value"]))
    words = "|".join(re.escape(word) for word in sorted(_folded(members["containing"])))
    return Affinity(dimension, least, words=re.compile(rf"\b(?:{words})"))


def _preference(node: Node) -> Condition:
    members = node.fields(required=("key",), optional=("includes", "exists", "at_least", "at_most"))
    key = members["key"].choice(PREFERENCE_KEYS)
    if {"at_least", "at_most"} & members.keys():
        if key != "salary_min":
            raise node.error(f"{key} is no amount", "at_least and at_most are for salary_min")
        return Preference(key, amount=_range(node, members))
    if "includes" in members:
        asked = members["includes"]
        if key == "salary_min":
            raise asked.error("salary_min is an amount", "ask with at_least or at_most")
        for item in asked.one_or_more() if key in _CHOICES else ():
            item.choice(_CHOICES[key])
        return Preference(key, includes=_folded(asked))
    return _negated_unless(members, node, Preference(key))


def _trait(node: Node) -> Condition:
    members = node.fields(required=("key",), optional=("equals", "exists"))
    key = members["key"].text()
    if is_denied(key):
        raise members["key"].error(f"{key} is or stands for a protected attribute", "such traits are never kept")
    if "equals" not in members:
        return _negated_unless(members, node, Trait(key))
    values = tuple(item.value for item in members["equals"].one_or_more())
    if not values or any(value is None or isinstance(value, list | dict) for value in values):
        raise members["equals"].error("equals needs a text, a number or true or false", "or a list of them")
    return Trait(key, values)


def _application(node: Node) -> Condition:
    members = node.fields(required=("stage",), optional=("within", "older_than"))
    return Application(frozenset(item.choice(STAGES) for item in members["stage"].one_or_more()), _age(node, members))


def _session(node: Node) -> Condition:
    members = node.fields(optional=(*SESSION_TEXTS, *SESSION_NUMBERS))
    if not members:
        raise node.error("session asks nothing", "such as `device: mobile`")
    asked: list[Condition] = []
    for name, member in members.items():
        if name in SESSION_TEXTS:
            asked.append(SessionText(name, _folded(member)))
        else:
            asked.append(SessionNumber(name, _range(member, member.fields(optional=("at_least", "at_most")))))
    return asked[0] if len(asked) == 1 else AllOf(tuple(asked))


_LEAVES: Mapping[str, Callable[[Node], Condition]] = {
    "count": _count,
    "recency": _recency,
    "affinity": _affinity,
    "preference": _preference,
    "trait": _trait,
    "application": _application,
    "session": _session,
}


def _range(node: Node, members: Mapping[str, Node], *, least: float | None = None) -> Range:
    """Read at_least and at_most; without either, `least` or an error."""
    given = {name: members[name].number(minimum=0) for name in ("at_least", "at_most") if name in members}
    if not given and least is None:
        raise node.error(f"{node.name} needs at_least or at_most", "such as `at_least: 3`")
    chosen = Range(given.get("at_least", (least if not given else None) or 0.0), given.get("at_most", float("inf")))
    if chosen.least > chosen.most:
        raise node.error(f"at_least {chosen.least:g} is more than at_most {chosen.most:g}", "nothing is in between")
    return chosen


def _age(node: Node, members: Mapping[str, Node]) -> Age:
    within = members["within"].duration_ms() if "within" in members else None
    older_than = members["older_than"].duration_ms() if "older_than" in members else 0
    if within is not None and older_than >= within:
        raise node.error("older_than is not shorter than within", "nothing is in between")
    return Age(within, older_than)


def _negated_unless(members: Mapping[str, Node], node: Node, condition: Condition) -> Condition:
    if "exists" not in members:
        raise node.error(f"{node.name} needs a question", "such as `exists: true`")
    return condition if members["exists"].truth() else Not(condition)


def _folded(node: Node) -> frozenset[str]:
    words = frozenset(text.casefold() for text in node.texts())
    if not words:
        raise node.error(f"{node.name} is empty", "give at least one")
    return words
