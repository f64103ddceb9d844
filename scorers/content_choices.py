"""The content that each person's slots hold, with reasons for what a page shows first.

In plain numbers, person by person: a slot has a handful of items, and few people have anything to do with any of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp, log1p
from operator import itemgetter
from typing import Any

from catalog.contents import ContentColumns
from profiles.candidate import Candidate
from schemas.consent import refused_in
from schemas.decision import SCORE_UNIT, Choice, Ranked
from schemas.override import Override
from scorers.assembly import Told
from scorers.contents import WEIGHTS, ContentScores
from scorers.crowd import Crowd
from scorers.overrides import blocked_by, pins_of
from scorers.policy import DAY_MS, Pin, Selector
from scorers.query import Query
from scorers.reasons import LEAST_TOLD

STAGE_DAYS = 60.0
"""How long an application's stage speaks for itself."""
_STATED, _LIKED, _PRIORITY = WEIGHTS["stated"], WEIGHTS["liked"], WEIGHTS["priority"]
_by_weight = itemgetter(1)
TAKEN = frozenset({"clicked", "registered", "sent", "opened"})
TOLD_LIMIT = 2
_STEEP = 60.0
"""A logit beyond this is as good as certain, and its exponential would in the end be too large for a number."""
_LIKED_CODE = {
    "occupation": "same_occupation", "category": "same_occupation", "place": "place_match", "employer": "employer_interest",
    "skill": "skill_interest", "pay": "pay_band",
}  # fmt: skip
"""What is liked is told by the dimension of the facet that suits."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A selector and the lines of what it may hold now, in the order of their ties; `pins` in that of their positions.

    `for_anybody` are the lines that need no segment and no stage.
    """

    selector: Selector
    lines: list[int]
    for_anybody: list[int]
    pins: list[Pin]


@dataclass(slots=True)
class _Standing:
    """What one person has to do with single items, by line."""

    refused: set[int] = field(default_factory=set)
    taken_at: dict[int, int] = field(default_factory=dict)
    shown: dict[int, int] = field(default_factory=dict)
    at_stage: set[int] = field(default_factory=set)
    in_segment: set[int] = field(default_factory=set)

    def added(self, line: int) -> float:
        """Answer what the person adds to an item's logit."""
        return (
            WEIGHTS["stage"] * (line in self.at_stage)
            + WEIGHTS["segment"] * (line in self.in_segment)
            + (WEIGHTS["shown"] * log1p(self.shown[line]) if line in self.shown else 0.0)
        )


_UNTOUCHED = _Standing()
"""Of most people; never changed."""


def shelves_of(crowd: Crowd, scores: ContentScores, selectors: Sequence[Selector]) -> list[Shelf]:
    """Answer what the selectors choose from."""
    return [_shelf(crowd, scores, selector) for selector in selectors]


def _shelf(crowd: Crowd, scores: ContentScores, selector: Selector) -> Shelf:
    lines, for_anybody = _stock(scores.columns, selector.kinds, staged=selector.staged)
    pins = [pin for pin in crowd.policy.pins if pin.selector == selector.name and pin.is_current(crowd.now)]
    is_open = scores.is_open.__getitem__
    return Shelf(
        selector=selector,
        lines=list(filter(is_open, lines)),
        for_anybody=list(filter(is_open, for_anybody)),
        pins=sorted(pins, key=lambda pin: (pin.position, pin.item_id)),
    )


@lru_cache(maxsize=64)
def _stock(columns: ContentColumns, kinds: tuple[str, ...], *, staged: bool) -> tuple[list[int], list[int]]:
    """Answer the lines of some kinds in the order of their ties, and those of them that need no segment and no stage."""
    lines = sorted((line for kind in kinds for line in columns.of_kind.get(kind, ())), key=columns.tie.__getitem__)
    return lines, [line for line in lines if _is_for(line, _UNTOUCHED, columns, staged=staged)]


def content_choices(crowd: Crowd, scores: ContentScores, shelves: Sequence[Shelf], person: int) -> list[Choice]:
    """Answer one person's choices."""
    if not shelves:
        return []
    query, columns = crowd.queries[person], scores.columns
    standing = standing_of(query, columns, crowd.now)
    logits: list[float] = scores.logit[person].tolist()
    if standing is not _UNTOUCHED:
        for line in standing.at_stage | standing.in_segment | standing.shown.keys():
            logits[line] += standing.added(line)
    says = _Says(crowd, scores, person, standing)
    overrides = crowd.overrides[person]
    refused = refused_in(query.candidate.consents) if columns.sent_by else ()
    blocked = {*blocked_by(overrides), *(item for channel in refused for item in columns.sent_by.get(channel, ()))}
    for boost in (override for override in overrides if override.kind == "boost"):
        place = says.position_of(boost.item_id)
        if place >= 0:
            logits[place] += boost.logits
            says.overridden[place] = boost.logits
    choices = []
    for shelf in shelves:
        chosen = _chosen(shelf, logits, standing, columns, crowd.now)
        if blocked:
            chosen = [line for line in chosen if says.names[line] not in blocked]
        pinned = _pinned(shelf, query, columns, chosen) if shelf.pins else []
        if overrides:
            pinned = _overridden(pinned, overrides, shelf, says, chosen)
        if pinned:
            chosen = [*pinned, *(line for line in chosen if line not in pinned)]
        items = _ranked(chosen[: shelf.selector.keep], pinned, logits, shelf.selector, says) if chosen else ()
        choices.append(Choice(shelf.selector.name, "CONTENT", items))
    return choices


def _ranked(
    lines: list[int], pinned: Sequence[int], logits: Sequence[float], selector: Selector, says: "_Says"
) -> Ranked:
    return Ranked(
        ids=[says.names[line] for line in lines],
        scores=[round(SCORE_UNIT / (1.0 + exp(min(-logits[line], _STEEP)))) for line in lines],
        sources=[_source(line, pinned, says) for line in lines]
        if pinned or says.overridden
        else ["content"] * len(lines),
        told=[says.told(line) for line in lines[: selector.explained]],
    )


def _overridden(
    pinned: list[int], overrides: Sequence[Override], shelf: Shelf, says: "_Says", chosen: Sequence[int]
) -> list[int]:
    """Put what colleagues pinned for this person before a curator's pins; only what may be shown."""
    for pin in pins_of(overrides, shelf.selector.name):
        place = says.position_of(pin.item_id)
        if place in chosen:
            says.overridden.setdefault(place, 0.0)
            pinned = [each for each in pinned if each != place]
            pinned.insert(pin.position - 1, place)
    return pinned


def _source(line: int, pinned: Sequence[int], says: "_Says") -> str:
    if line in says.overridden:
        return "override"
    return "pin" if line in pinned else "content"


def _chosen(shelf: Shelf, logits: Sequence[float], standing: _Standing, columns: ContentColumns, now: int) -> list[int]:
    """Answer the lines that may fill a selector's place, best first."""
    if standing is _UNTOUCHED:
        return sorted(shelf.for_anybody, key=logits.__getitem__, reverse=True)
    selector = shelf.selector
    allowed = [
        line
        for line in shelf.lines
        if line not in standing.refused and _is_for(line, standing, columns, staged=selector.staged)
    ]
    if selector.again_after_days and standing.taken_at:
        before = now - int(selector.again_after_days * DAY_MS)
        allowed = [line for line in allowed if standing.taken_at.get(line, 0) <= before]
    allowed.sort(key=logits.__getitem__, reverse=True)
    return allowed


def _is_for(line: int, standing: _Standing, columns: ContentColumns, *, staged: bool) -> bool:
    """Say whether an item that names segments or stages is for this person."""
    item = columns.items[line]
    if item.segments and line not in standing.in_segment:
        return False
    return not (staged and item.stages) or line in standing.at_stage


def _pinned(shelf: Shelf, query: Query, columns: ContentColumns, chosen: Sequence[int]) -> list[int]:
    """Answer the lines that a curator pinned for this person, as far as they may be shown."""
    lines = [
        columns.position.get(pin.item_id, -1)
        for pin in shelf.pins
        if not pin.segments or not set(pin.segments).isdisjoint(query.segments)
    ]
    return [line for line in dict.fromkeys(lines) if line in chosen]


def standing_of(query: Query, columns: ContentColumns, now: int) -> _Standing:
    candidate = query.candidate
    if not (candidate.content or candidate.surveys or candidate.applications or query.segments):
        return _UNTOUCHED
    standing = _Standing()
    _note_touches(candidate, columns, standing)
    for stage in stages_of(candidate, now):
        standing.at_stage.update(columns.of_stage.get(stage, ()))
    for segment in query.segments:
        standing.in_segment.update(columns.of_segment.get(segment, ()))
    return standing


def _note_touches(candidate: Candidate, columns: ContentColumns, standing: _Standing) -> None:
    """Note what a person did with single items."""
    for content, touch in candidate.content.items():
        line = columns.position.get(content)
        if line is None:
            continue
        standing.shown[line] = touch.shown
        if touch.action == "dismissed":
            standing.refused.add(line)
        if touch.action in TAKEN:
            standing.taken_at[line] = touch.at
    answered = (columns.position.get(answer.survey_id) for answer in candidate.surveys)
    standing.refused.update(line for line in answered if line is not None)


def stages_of(candidate: Candidate, now: int) -> set[str]:
    """Answer the stages at which a person's applications stand."""
    recent = (standing for standing in candidate.applications.values() if now - standing.at <= STAGE_DAYS * DAY_MS)
    return {standing.stage for standing in recent}


class _Says:
    """Tells one person why an item is shown."""

    def __init__(self, crowd: Crowd, scores: ContentScores, person: int, standing: _Standing) -> None:
        self._columns, self._dictionary = scores.columns, crowd.catalog.dictionary
        self._stated: list[float] = scores.stated[person].tolist()
        self._liked: list[float] = scores.liked[person].tolist()
        self._facets: list[float] = scores.says[person].tolist()
        self._standing = standing
        self.names = scores.columns.names
        self.overridden: dict[int, float] = {}

    def position_of(self, item_id: str) -> int:
        """Answer an item's line, -1 for one that is not there."""
        return self._columns.position.get(item_id, -1)

    def told(self, line: int) -> Told:
        """Answer the heaviest parts of an item's logit."""
        heavy: list[tuple[str, float]] = []
        if (stated := _STATED * self._stated[line]) >= LEAST_TOLD:
            heavy.append(("stated_preference", stated))
        if (liked := _LIKED * self._liked[line]) >= LEAST_TOLD:
            heavy.append(("liked", liked))
        if line in self._standing.at_stage:
            heavy.append(("application_stage", WEIGHTS["stage"]))
        if line in self._standing.in_segment:
            heavy.append(("segment", WEIGHTS["segment"]))
        if (priority := _PRIORITY * self._columns.items[line].priority) >= LEAST_TOLD:
            heavy.append(("editorial", priority))
        heavy.sort(key=_by_weight, reverse=True)
        told: list[Any] = ["override", "", self.overridden[line]] if line in self.overridden else []
        for code, weight in heavy[:TOLD_LIMIT]:
            told += (*self._spoken(code, line), round(weight, 3))
        return told

    def _spoken(self, code: str, line: int) -> tuple[str, str]:
        """Answer code and detail of a reason."""
        if code not in {"stated_preference", "liked"}:
            return code, ""
        begin, end = self._columns.spans[line]
        best = max(range(begin, end), key=self._facets.__getitem__)
        facet = self._columns.codes[best]
        named = code
        if code == "liked":
            named = _LIKED_CODE.get(self._dictionary.dimension(facet), "similar_to_viewed")
        return named, self._dictionary.label(facet)
