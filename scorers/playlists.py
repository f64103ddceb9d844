"""Playlists: what each selector of jobs makes of the same scored shortlist."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.columns import SLOTS
from scorers.crowd import Crowd, seed_of
from scorers.deeds import Floats, Ints
from scorers.features import FEATURE_NAMES
from scorers.frame import Frame, Table
from scorers.models import Opinion
from scorers.policy import Selector
from scorers.rerank import NOBODY, Grid, Ranking, Spreading, certain, explore, grid_of, pin, spread, usable

FAMILIAR = -2.5
"""What a discovery pays for each: the known employer or kind of work, whichever is better known (0 to 1)."""
NEW = 1.5
"""What a fresh release gains when posted just now."""
STILL_FRESH_DAYS = 2.0
"""A visit an hour ago would leave nothing new: what is younger than this stays a fresh release."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A batch's shortlist with the model's opinion, and laid out by person."""

    frame: Frame
    matrix: Table
    opinion: Opinion
    grid: Grid
    exploratory: NDArray[np.bool_]
    """Rows that were proposed for exploration."""

    def feature(self, name: str) -> Table:
        return self.matrix[:, FEATURE_NAMES.index(name)]


def lay_out(frame: Frame, matrix: Table, opinion: Opinion, exploratory: NDArray[np.bool_]) -> Scored:
    tie = frame.crowd.catalog.columns.tie[frame.row]
    return Scored(frame, matrix, opinion, grid_of(frame.person, len(frame.crowd), tie), exploratory)


def rank_jobs(scored: Scored, selectors: Sequence[Selector]) -> list[Ranking]:
    """Answer everybody's order for each selector; the lines of all selectors are ordered together."""
    crowd, grid = scored.frame.crowd, scored.grid
    people = len(crowd)
    if not grid.index.shape[1] or not selectors:
        return [certain(np.full((people, 0), NOBODY, np.int64)) for _ in selectors]
    worths, suits = zip(*(_worth(scored, selector) for selector in selectors), strict=True)
    eligible = np.concatenate([suit[grid.index] & grid.taken for suit in suits])
    ranked = spread(
        np.tile(grid.index, (len(selectors), 1)),
        np.concatenate([usable(worth)[grid.index] for worth in worths]),
        np.tile(grid.tie, (len(selectors), 1)),
        eligible,
        kinds=_kinds(scored.frame),
        spreading=Spreading.of([selector.diversity for selector in selectors], people),
        keep=max(selector.keep for selector in selectors),
    )
    rankings = []
    for number, selector in enumerate(selectors):
        lines = slice(number * people, (number + 1) * people)
        ranking = _explored(scored, selector, ranked[lines, : selector.keep], eligible[lines])
        _put_pins(ranking, scored.frame, selector)
        rankings.append(ranking)
    return rankings


def _explored(scored: Scored, selector: Selector, ranked: Ints, eligible: NDArray[np.bool_]) -> Ranking:
    if selector.exploration is None:
        return certain(ranked)
    pool = scored.exploratory[scored.grid.index] & eligible
    chance = np.array([seed_of(query, selector.name) for query in scored.frame.crowd.queries])
    return explore(ranked, scored.grid, pool, chance=chance, exploration=selector.exploration, keep=selector.keep)


def _worth(scored: Scored, selector: Selector) -> tuple[Floats, NDArray[np.bool_]]:
    """Answer by row what the playlist makes of it, and whether it belongs in at all."""
    frame, joined = scored.frame, scored.opinion.joined
    match selector.playlist:
        case "discoveries":
            known = np.maximum(scored.feature("employer_interest"), scored.feature("occupation_interest"))
            return joined + FAMILIAR * known.astype(np.float64), frame.done == 0
        case "fresh":
            returns = np.array([query.candidate.last_visit_before is not None for query in frame.crowd.queries])
            days = np.where(returns, STILL_FRESH_DAYS, float(selector.days))
            fresh = frame.since_visit | (frame.age_days <= days[frame.person])
            return joined + NEW * scored.feature("freshness").astype(np.float64), fresh
        case _:
            return joined, np.ones(len(joined), np.bool_)


def _kinds(frame: Frame) -> dict[str, Ints]:
    return {
        "employer": frame.facets[SLOTS["employer"].start].astype(np.int64),
        "occupation": frame.facets[SLOTS["occupation"].start].astype(np.int64),
        "title": frame.crowd.catalog.columns.title_key[frame.row],
    }


def _put_pins(ranking: Ranking, frame: Frame, selector: Selector) -> None:
    """Put the curator's choices where they belong; what a rule refused is in nobody's rows."""
    crowd: Crowd = frame.crowd
    for chosen in sorted(crowd.policy.pins, key=lambda pin: (pin.position, pin.item_id)):
        row = crowd.catalog.row(chosen.item_id)
        if (
            chosen.selector != selector.name
            or row is None
            or not chosen.is_current(crowd.now)
            or not ranking.index.shape[1]
        ):
            continue
        for position in np.flatnonzero(frame.row == row).tolist():
            person = int(frame.person[position])
            if not chosen.segments or not set(chosen.segments).isdisjoint(crowd.queries[person].segments):
                pin(ranking, person, position, chosen.position)
