"""Playlists: what each selector of jobs makes of the same scored shortlist."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from catalog.columns import SLOTS
from scorers.boosts import positions_of
from scorers.crowd import seed_of
from scorers.deeds import Floats, Ints
from scorers.features import COLUMN_OF
from scorers.floors import OTHERS, floored
from scorers.frame import Frame, Table
from scorers.models import Opinion
from scorers.overrides import pins_of
from scorers.policy import Pin, Selector
from scorers.rerank import KINDS, LAST, Ranking, Spreading, explore, keys_of, pin, spread, usable

FAMILIAR = -2.5
"""What a discovery pays for each: the known employer or kind of work, whichever is better known (0 to 1)."""
NEW = 1.5
"""What a fresh release gains when posted just now."""
STILL_FRESH_DAYS = 2.0
"""A visit an hour ago would leave nothing new: what is younger than this stays a fresh release."""
NOBODY = -1
"""After the end of a line."""
DEPTH = 2
"""So many times what is kept is looked at, for kinds to be spread out."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A batch's shortlist with the model's opinion. Rows are sorted by person; `starts` says where each person's begin, and the end."""

    frame: Frame
    matrix: Table
    opinion: Opinion
    worth: Floats
    """What rows are ordered by, in logits, before a playlist makes something of it."""
    starts: list[int]
    tie: Ints
    exploratory: NDArray[np.bool_]
    """Rows that were proposed for exploration."""

    def feature(self, name: str) -> Table:
        return self.matrix[:, COLUMN_OF[name]]


def lay_out(frame: Frame, matrix: Table, opinion: Opinion, worth: Floats, exploratory: NDArray[np.bool_]) -> Scored:
    starts: list[int] = frame.person.searchsorted(np.arange(len(frame.crowd) + 1)).tolist()
    return Scored(frame, matrix, opinion, worth, starts, frame.crowd.catalog.columns.tie[frame.row], exploratory)


def rank_jobs(scored: Scored, selectors: Sequence[Selector]) -> list[list[Ranking]]:
    """Answer everybody's order for each selector, by selector; the lines of all selectors are ordered together."""
    people = len(scored.frame.crowd)
    if not selectors or not len(scored.tie):
        return [[Ranking([]) for _ in range(people)] for _ in selectors]
    suits = [_worth(scored, selector) for selector in selectors]
    worth = usable(np.array([worth for worth, _ in suits]))
    keys = keys_of(worth, scored.tie)
    for line, (_, eligible) in zip(keys, suits, strict=True):
        if eligible is not None:
            line[~eligible] = LAST
    depth = DEPTH * max(selector.keep for selector in selectors)
    chosen = _best_first(scored, keys, depth)
    number = np.arange(len(selectors)).repeat(people)[:, None]
    ranked = spread(
        np.where(chosen < 0, -np.inf, worth[number, chosen]),
        np.where(chosen < 0, 0, _kinds(scored.frame)[:, chosen]),
        Spreading.of([selector.diversity for selector in selectors], people),
    )
    orders = chosen[np.arange(len(chosen))[:, None], ranked].tolist()
    rankings = []
    for of, selector in enumerate(selectors):
        whole = [_ended(order) for order in orders[of * people : (of + 1) * people]]
        lines = [line[: selector.keep] for line in _held_up(whole, scored, selector)]
        some = _explored(scored, selector, lines, keys[of])
        _put_pins(some, scored, selector)
        rankings.append(some)
    return rankings


def _best_first(scored: Scored, keys: Ints, depth: int) -> Ints:
    """Answer each line's positions by their keys, NOBODY after its end: selectors times people by depth."""
    starts = np.array(scored.starts)
    people, width = len(starts) - 1, max([end - start for start, end in pairwise(scored.starts)])
    if people * width == keys.shape[1]:
        padded = keys.reshape(len(keys), people, width)
    else:
        person = scored.frame.person
        padded = np.full((len(keys), people, width), LAST)
        padded[:, person, np.arange(len(person)) - starts[person]] = keys
    order = padded.argsort(axis=2)[..., :depth]
    # What may not be shown stands last, so the number of what may says where a line ends.
    there = np.arange(order.shape[-1]) < np.add.reduce(padded < LAST, axis=2)[..., None]
    return np.where(there, order + starts[:-1, None], NOBODY).reshape(-1, order.shape[-1])


def _ended(line: list[int]) -> list[int]:
    """Answer a line without what stands for nobody."""
    return line[: line.index(NOBODY)] if line and line[-1] < 0 else line


def _held_up(lines: list[list[int]], scored: Scored, selector: Selector) -> list[list[int]]:
    """Answer the lines with the selector's floors kept, as far as the lines hold what they ask for."""
    if selector.floors is None:
        return lines
    by, at_least = selector.floors.by, selector.floors.at_least
    find = scored.frame.crowd.catalog.dictionary.find
    group = {find(by, value): number for number, value in enumerate(at_least)}
    values = scored.frame.facets[SLOTS[by].start]
    shares = list(at_least.values())
    groups = ([group.get(code, OTHERS) if code else OTHERS for code in values[line].tolist()] for line in lines)
    return [[line[place] for place in floored(of_line, shares)] for line, of_line in zip(lines, groups, strict=True)]


def _explored(scored: Scored, selector: Selector, ranked: list[list[int]], keys: Ints) -> list[Ranking]:
    """Put what chance draws among the ranked; who is drawn from a pool of equals must not depend on their order, so it is that of ties."""
    exploration = selector.exploration
    if exploration is None:
        return [Ranking(line) for line in ranked]
    (pool,) = (scored.exploratory & (keys < LAST)).nonzero()
    ends: list[int] = pool.searchsorted(scored.starts).tolist()
    members = list(zip(scored.tie[pool].tolist(), pool.tolist(), strict=True))
    return [
        explore(
            line,
            [position for _, position in sorted(members[ends[person] : ends[person + 1]])],
            chance=seed_of(query, selector.name),
            exploration=exploration,
            keep=selector.keep,
        )
        for person, (line, query) in enumerate(zip(ranked, scored.frame.crowd.queries, strict=True))
    ]


def _worth(scored: Scored, selector: Selector) -> tuple[Floats, NDArray[np.bool_] | None]:
    """Answer by row what the playlist makes of it, and whether it belongs in at all, None where all do."""
    frame, worth = scored.frame, scored.worth
    match selector.playlist:
        case "discoveries":
            known = np.maximum(scored.feature("employer_interest"), scored.feature("occupation_interest"))
            return worth + FAMILIAR * known.astype(np.float64), ~np.logical_or.reduce(frame.done, axis=0)
        case "fresh":
            visits = [query.candidate.last_visit_before for query in frame.crowd.queries]
            days = np.array([float(selector.days) if visit is None else STILL_FRESH_DAYS for visit in visits])
            fresh = frame.since_visit | (frame.age_days <= days[frame.person])
            return worth + NEW * scored.feature("freshness").astype(np.float64), fresh
        case _:
            return worth, None


def _kinds(frame: Frame) -> Ints:
    """Answer the KINDS of all rows."""
    kinds = np.empty((len(KINDS), len(frame.row)), np.int64)
    kinds[0], kinds[1] = frame.facets[SLOTS["employer"].start], frame.facets[SLOTS["occupation"].start]
    kinds[2] = frame.crowd.catalog.columns.title_key[frame.row]
    return kinds


def _put_pins(rankings: list[Ranking], scored: Scored, selector: Selector) -> None:
    """Put the curator's choices where they belong; what a rule refused is in nobody's rows."""
    frame, crowd = scored.frame, scored.frame.crowd
    for chosen in _current_pins(scored, selector):
        row = crowd.catalog.row(chosen.item_id)
        for position in () if row is None else np.flatnonzero(frame.row == row).tolist():
            person = int(frame.person[position])
            if not chosen.segments or not set(chosen.segments).isdisjoint(crowd.queries[person].segments):
                pin(rankings[person], position, chosen.position, selector.keep)
    for person, overrides in enumerate(crowd.overrides):
        for override in pins_of(overrides, selector.name):
            for position in positions_of(frame, person, override.item_id):
                pin(rankings[person], position, override.position, selector.keep)


def _current_pins(scored: Scored, selector: Selector) -> list[Pin]:
    crowd = scored.frame.crowd
    pins = (pin for pin in crowd.policy.pins if pin.selector == selector.name and pin.is_current(crowd.now))
    return sorted(pins, key=lambda pin: (pin.position, pin.item_id))
