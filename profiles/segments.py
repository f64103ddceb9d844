"""Segments: named conditions, read from YAML, under which a candidate belongs to an audience."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from profiles.candidate import Candidate
from profiles.condition_reader import read_condition
from profiles.conditions import Affinities, Condition, Subject, rests_on
from profiles.verdict import Verdict
from schemas.config import ConfigError, Node, did_you_mean, read_yaml
from schemas.denylist import denied_features

__all__ = ["ConfigError", "SegmentRule", "Verdict", "evaluate", "evaluate_all", "load_segments"]

SEGMENTS_LIMIT = 200
TRENDING_LIMIT = 16
WHEREABOUTS = frozenset({"locale", "timezone", "locality", "region", "country"})
"""Circumstances of a visit that stand for nationality and ethnicity."""
IAB_AUDIENCES: Mapping[str, str] = {
    "304": "Job Market",
    "338": "Careers",
    "339": "Apprenticeships",
    "342": "Remote Working",
    "343": "Vocational Training",
    "344": "Education",
}
"""The ids of the IAB Audience Taxonomy 1.1 (interest tier) that may leave the house."""

_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """One segment. `exportable` ones may be told to partners (with consent); `iab` is their id in IAB Audience 1.1.

    What members of `trending` ones look at is shown to other members.
    """

    key: str
    name: str
    condition: Condition
    exportable: bool = False
    iab: str | None = None
    description: str = ""
    trending: bool = False


def load_segments(text: str, file: str) -> tuple[SegmentRule, ...]:
    """Answer the segments of a YAML file in its order, or raise ConfigError with file and line."""
    listed = read_yaml(text, file).fields(required=("segments",))["segments"].mapping()
    if len(listed) > SEGMENTS_LIMIT:
        raise next(iter(listed.values())).error(f"{len(listed)} segments", f"at most {SEGMENTS_LIMIT} are evaluated")
    book = _Book(listed)
    rules = tuple(_rule(key, node, book) for key, node in listed.items())
    trending = [listed[rule.key] for rule in rules if rule.trending]
    if len(trending) > TRENDING_LIMIT:
        raise trending[-1].error(f"{len(trending)} segments trend", f"at most {TRENDING_LIMIT} are counted")
    return rules


def evaluate(rule: SegmentRule, candidate: Candidate, affinities: Affinities, now: int) -> Verdict:
    """Say whether the candidate belongs to the segment at `now` (ms), and until when time alone cannot change that."""
    return rule.condition.verdict(Subject(candidate, affinities, now))


def evaluate_all(
    rules: Iterable[SegmentRule], candidate: Candidate, affinities: Affinities, now: int
) -> dict[str, Verdict]:
    """Answer the verdict of each segment by its key, in the order of the rules."""
    subject = Subject(candidate, affinities, now)
    return {rule.key: rule.condition.verdict(subject) for rule in rules}


class _Book:
    """The conditions by segment, each read once; a segment may rest on another one, not on itself."""

    def __init__(self, listed: Mapping[str, Node]) -> None:
        self._listed = listed
        self._read: dict[str, Condition] = {}
        self._open: list[str] = []

    def condition(self, key: str, asked_by: Node) -> Condition:
        if key in self._read:
            return self._read[key]
        if key in self._open:
            circle = " -> ".join([*self._open[self._open.index(key) :], key])
            raise asked_by.error(f"segments rest on each other: {circle}", "take one of them out")
        self._open.append(key)
        fields = self._listed[key].fields(
            required=("name", "when"), optional=("description", "exportable", "iab", "trending")
        )
        self._read[key] = read_condition(fields["when"], self._resolve)
        self._open.pop()
        return self._read[key]

    def _resolve(self, node: Node) -> Condition:
        key = node.text()
        if key not in self._listed:
            raise node.error(f"there is no segment {key!r}", did_you_mean(key, self._listed))
        return self.condition(key, node)


def _rule(key: str, node: Node, book: _Book) -> SegmentRule:
    if not _KEY.fullmatch(key):
        raise node.error(f"the key {key!r}", "1 to 40 lower case letters, digits and hyphens, a letter first")
    condition = book.condition(key, node)
    fields = node.mapping()
    exportable = fields["exportable"].truth() if "exportable" in fields else False
    return SegmentRule(
        key=key,
        name=fields["name"].text(),
        condition=condition,
        exportable=exportable,
        iab=_iab(fields["iab"], exportable=exportable) if "iab" in fields else None,
        description=fields["description"].text() if "description" in fields else "",
        trending="trending" in fields and _trends(fields["trending"], key, condition),
    )


def _trends(node: Node, key: str, condition: Condition) -> bool:
    if not node.truth():
        return False
    denied = [name for name in (key, *rests_on(condition)) if name in WHEREABOUTS or denied_features([name])]
    if denied:
        raise node.error(
            f"{denied[0]} is or stands for a protected attribute", "what trends is told by what people do and look for"
        )
    return True


def _iab(node: Node, *, exportable: bool) -> str:
    audience = str(node.value)
    if audience not in IAB_AUDIENCES:
        offered = ", ".join(f"{number} {name}" for number, name in IAB_AUDIENCES.items())
        raise node.error(f"IAB audience {audience} may not be used", f"interest audiences that fit: {offered}")
    if not exportable:
        raise node.error("an IAB id on a segment that is not exportable", "set `exportable: true` or leave it out")
    return audience
