"""Content for the slots beside jobs: few items, so every person meets every item in one table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.contents import ContentColumns
from profiles.candidate import Candidate
from schemas.events import STAGES
from scorers.crowd import Crowd
from scorers.deeds import Floats, Ints
from scorers.policy import DAY_MS, Pin, Selector
from scorers.rerank import NOBODY, usable

STAGE_DAYS = 60.0
"""How long an application's stage speaks for itself."""
EVENT_SOON_DAYS = 14.0
INTERCEPT = -1.0
WEIGHTS = {
    "stated": 2.5, "liked": 2.0, "elsewhere": -0.8, "segment": 0.8, "stage": 2.0, "priority": 0.05, "event_soon": 0.8, "shown": -0.5,
}  # fmt: skip
"""The documented prior for content, in logits. `elsewhere`: it names facets and none suits; `shown`: log(1 + times shown)."""
_NO_LINES = np.zeros(0, np.int64)
_CEILING, _SCALE, _TIE_BITS = 64.0, float(1 << 20), 26
TAKEN = frozenset({"clicked", "registered", "sent", "opened"})


@dataclass(frozen=True, slots=True)
class ContentScores:
    """People by items: `parts` are what each of WEIGHTS adds to `logit`."""

    columns: ContentColumns
    logit: Floats
    parts: dict[str, Floats]
    says: NDArray[np.float32]
    """People by the columns' facets: how much each suits."""
    refused: NDArray[np.bool_]
    taken_at: Ints
    """When the person last took an item up, 0 for never."""
    at_stage: NDArray[np.bool_]

    def best_facet(self, person: int, line: int) -> int:
        """Answer the code of the facet of an item that suits a person most."""
        begin = self.columns.begins[line]
        end = self.columns.begins[line + 1] if line + 1 < len(self.columns.begins) else len(self.columns.facets)
        return int(self.columns.facets[begin + np.argmax(self.says[person, begin:end])])


def score_contents(crowd: Crowd) -> ContentScores:
    """Judge and score every item for every person."""
    columns = crowd.catalog.contents.columns(crowd.catalog.dictionary)
    shown, refused, taken_at = _history(crowd, columns)
    stated, liked, says = _suits(crowd, columns)
    segment = _in_segments(crowd, columns)
    at_stage = (_stages(crowd)[:, None] & columns.stages) != 0
    refused |= ~segment & columns.wants_segment.any(axis=1)
    refused |= columns.ends_at <= crowd.now
    is_event = np.zeros(len(columns.items), np.bool_)
    is_event[columns.of_kind.get("event", _NO_LINES)] = True
    refused |= (columns.starts_at > crowd.now) & ~is_event
    soon = (columns.starts_at - crowd.now) / (EVENT_SOON_DAYS * DAY_MS)
    amounts = {
        "stated": stated,
        "liked": liked,
        "elsewhere": columns.faceted & (stated == 0) & (liked < 0.05),
        "segment": segment,
        "stage": at_stage,
        "priority": np.broadcast_to(columns.priority, stated.shape),
        "event_soon": np.broadcast_to(
            np.where(is_event & (soon > 0), np.clip(1.0 - soon, 0.0, 1.0), 0.0), stated.shape
        ),
        "shown": np.log1p(shown),
    }
    parts = {name: weight * amounts[name] for name, weight in WEIGHTS.items()}
    logit = np.full(stated.shape, INTERCEPT)
    for part in parts.values():
        logit += part
    return ContentScores(columns, logit, parts, says, refused, taken_at, at_stage)


@dataclass(frozen=True, slots=True)
class Slots:
    """Every place that content selectors fill, side by side: people by the kept places of all selectors."""

    selectors: tuple[Selector, ...]
    places: tuple[slice, ...]
    """Where each selector's places are."""
    lines: Ints
    """Lines of the content columns, NOBODY after a selector's end."""
    pinned: tuple[frozenset[str], ...]


def choose_contents(crowd: Crowd, scores: ContentScores, selectors: Sequence[Selector]) -> Slots:
    """Answer the order of every selector, from one sort: its items stand together, those that may not be shown behind."""
    columns = scores.columns
    pins = [_pins_of(crowd, selector) for selector in selectors]
    pinned = tuple(frozenset(pin.item_id for pin in some) for some in pins)
    lines = [_lines_of(columns, selector) for selector in selectors]
    number = np.repeat(np.arange(len(selectors)), list(map(len, lines)))
    line = np.concatenate([_NO_LINES, *lines])
    eligible = _eligible(crowd, scores, selectors, number, line)
    utility = usable(scores.logit)[:, line]
    for of, pin, rank in ((of, pin, rank) for of, some in enumerate(pins) for rank, pin in enumerate(some)):
        at = np.flatnonzero((number == of) & (line == columns.position.get(pin.item_id, NOBODY)))
        utility[np.ix_(_addressed(crowd, pin), at)] = 60.0 - min(rank, 30)
    grade = ((_CEILING - utility) * _SCALE).astype(np.int64) << _TIE_BITS
    order = np.argsort(
        number << 56 | np.where(eligible, grade, 1 << 55) | columns.tie[line] >> (32 - _TIE_BITS), axis=1
    )
    kept: list[int] = []
    places: list[slice] = []
    begin = 0
    for of, selector in enumerate(selectors):
        count = len(lines[of])
        places.append(slice(len(kept), len(kept) + min(count, selector.keep)))
        kept.extend(range(begin, begin + min(count, selector.keep)))
        begin += count
    chosen = order[:, np.array(kept, np.int64)]
    there = eligible[np.arange(len(crowd))[:, None], chosen]
    return Slots(
        tuple(selectors), tuple(places), np.where(there, line[chosen], NOBODY) if len(line) else chosen, pinned
    )


def _lines_of(columns: ContentColumns, selector: Selector) -> Ints:
    return np.concatenate([_NO_LINES, *(columns.of_kind.get(kind, _NO_LINES) for kind in selector.kinds)])


def _eligible(
    crowd: Crowd, scores: ContentScores, selectors: Sequence[Selector], number: Ints, line: Ints
) -> NDArray[np.bool_]:
    """Say for each person and each (selector, item) whether the item may fill the selector's place."""
    staged = np.array([of.staged for of in selectors], np.bool_)[number]
    again = np.array([int(of.again_after_days * DAY_MS) for of in selectors], np.int64)[number]
    eligible = ~scores.refused[:, line]
    eligible &= ~staged | scores.at_stage[:, line] | (scores.columns.stages[line] == 0)
    eligible &= (again == 0) | (np.asarray(scores.taken_at[:, line] <= crowd.now - again))
    return eligible


def _pins_of(crowd: Crowd, selector: Selector) -> list[Pin]:
    """Answer the pins of a selector that are in force, the one to stand first first."""
    pins = (pin for pin in crowd.policy.pins if pin.selector == selector.name and pin.is_current(crowd.now))
    return sorted(pins, key=lambda pin: (pin.position, pin.item_id))


def _addressed(crowd: Crowd, pin: Pin) -> Ints:
    """Answer the people whom a pin is for."""
    wanted = set(pin.segments)
    return np.flatnonzero([not wanted or not wanted.isdisjoint(query.segments) for query in crowd.queries])


def _history(crowd: Crowd, columns: ContentColumns) -> tuple[Floats, NDArray[np.bool_], Ints]:
    shape = (len(crowd), len(columns.items))
    shown, refused, taken_at = np.zeros(shape), np.zeros(shape, np.bool_), np.zeros(shape, np.int64)
    for person, query in enumerate(crowd.queries):
        for content, touch in query.candidate.content.items():
            line = columns.position.get(content)
            if line is not None:
                shown[person, line] = touch.shown
                refused[person, line] = touch.action == "dismissed"
                taken_at[person, line] = touch.at if touch.action in TAKEN else 0
        for answer in query.candidate.surveys:
            line = columns.position.get(answer.survey_id)
            if line is not None:
                refused[person, line] = True
    return shown, refused, taken_at


def _suits(crowd: Crowd, columns: ContentColumns) -> tuple[Floats, Floats, NDArray[np.float32]]:
    """Answer how far each item's best facet was stated and liked, and what each facet says: people by facets."""
    taste = crowd.taste
    if not len(columns.items):
        nothing = np.zeros((len(crowd), 0))
        return nothing, nothing, nothing.astype(np.float32)
    # A word that came with the content itself may be newer than the tables: nobody can have liked it.
    known = columns.facets < len(taste.local)
    local = np.where(known, taste.local[np.where(known, columns.facets, 0)], 0)
    liked, searched, stated = taste.tables[:, local[None, :] + (np.arange(len(crowd)) * taste.width)[:, None]]
    liked = np.maximum(liked, searched)
    best = [np.maximum.reduceat(table, columns.begins, axis=1).astype(np.float64) for table in (stated, liked)]
    return best[0], best[1], 2 * stated + liked


def _in_segments(crowd: Crowd, columns: ContentColumns) -> NDArray[np.bool_]:
    member = np.zeros((len(crowd), len(columns.segments)), np.bool_)
    for person, query in enumerate(crowd.queries):
        for name in query.segments:
            number = columns.segments.get(name)
            if number is not None:
                member[person, number] = True
    inside = (member[:, None, :] & columns.wants_segment[None, :, :]).any(axis=2)
    return np.asarray(inside)


def _stages(crowd: Crowd) -> Ints:
    """Answer bits of the stages at which each person's applications stand."""
    return np.array([_stage_bits(query.candidate, crowd.now) for query in crowd.queries], np.int64)


def _stage_bits(candidate: Candidate, now: int) -> int:
    bits = 0
    for standing in candidate.applications.values():
        if now - standing.at <= STAGE_DAYS * DAY_MS:
            bits |= 1 << STAGES.index(standing.stage)
    return bits
