"""Judging a model on data that it did not see: its ranking, its probabilities, and for whom they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from learning.examples import UNKNOWN, Examples
from learning.metrics import Calibration, Figure, Quality, auc, best_gain, calibration, interval, quality
from learning.rankers import CANDIDATE, INCUMBENT, Ranker
from scorers.features import FEATURE_NAMES
from scorers.models import Model, probability

FIGURES = tuple(each.name for each in fields(Quality))
LEAST_LISTS = 30
"""A segment with fewer lists is named in no table: its interval would be as wide as the scale."""
SEGMENTS_LIMIT = 20

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Side:
    """One head's probabilities against what happened."""

    rows: int
    positives: int
    auc: float
    prior_auc: float
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything measured. `ranking` is by ranker and figure; `gain` is the model's nDCG less the incumbent's, list by list."""

    lists: int
    people: int
    ranking: Mapping[str, Mapping[str, Figure]]
    gain: Figure
    interest: Side
    fit: Side
    segments: Mapping[str, tuple[int, Figure, Figure]]
    """By segment: lists, nDCG, and the gain over the incumbent."""


def judge(
    test: Examples, named: Mapping[str, Ranker], *, model: Model, prior: Model, as_of: int, places: Sequence[float] = ()
) -> Judgement:
    """Judge on the lists that somebody responded to: only there an order can be right or wrong.

    `places` is what standing at a place adds to the logit of a response: where few look, a response counts for those who did not.
    """
    labels = test.interest(as_of)
    known = test.where(labels != UNKNOWN)
    relevant = labels[labels != UNKNOWN] == 1
    worth = known.worth(as_of) * _unseen(known, places)
    parts = _answered(known.list_number, relevant)
    people = np.array([known.lists[known.list_number[part[0]]].person for part in parts], np.str_)
    counted = _Counted(people, np.array([best_gain(worth[part]) for part in parts]))
    tables = {name: _table(ranker(known), known, worth, parts) for name, ranker in named.items()}
    return Judgement(
        lists=len(parts),
        people=len(np.unique(people)),
        ranking={name: _with_intervals(table, counted) for name, table in tables.items()},
        gain=counted.mean(tables[CANDIDATE][:, 0] - tables[INCUMBENT][:, 0]),
        interest=_side(test, labels, model=model, prior=prior, side="interest"),
        fit=_side(test, test.fit(as_of), model=model, prior=prior, side="fit"),
        segments=_by_segment(known, parts, counted, tables),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """Whose each list is, and how much it counts: what the best order of it gathers.

    So a response far down, which speaks for those who did not look, speaks for them between lists, too. Lists that counted alike would
    take that back: most hold one response, and one response fills any list. An order would then be good for being the one served.
    """

    people: NDArray[np.str_]
    weights: Floats

    def mean(self, values: Floats) -> Figure:
        return interval(values, self.people, weights=self.weights)

    def of(self, numbers: list[int]) -> "_Counted":
        return _Counted(self.people[numbers], self.weights[numbers])


def _unseen(rows: Examples, places: Sequence[float]) -> Floats:
    """Answer the weight of a response by its place, at most MOST_WEIGHT, so that one odd click does not decide."""
    if not places:
        return np.ones(len(rows))
    adds = np.array(places)[np.minimum(rows.position, len(places)) - 1]
    weights: Floats = np.minimum(np.exp(-adds), MOST_WEIGHT)
    return weights


MOST_WEIGHT = 10.0


def _answered(list_number: NDArray[np.int64], relevant: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Answer the rows of each list in which something was responded to, and something was not."""
    starts = np.flatnonzero(np.diff(list_number, prepend=-1))
    parts = np.split(np.arange(len(list_number)), starts[1:]) if len(starts) else []
    return [part for part in parts if 0 < relevant[part].sum() < len(part)]


def _table(scores: Floats, rows: Examples, worth: Floats, parts: list[NDArray[np.int64]]) -> Floats:
    """Answer lists by figures; equal scores are ordered by the posting's id, which says nothing about it."""
    ties = np.unique(rows.job_id, return_inverse=True)[1].astype(np.float64)
    lines = [astuple(quality(scores[part], worth[part], ties=ties[part])) for part in parts]
    return np.array(lines, np.float64).reshape(-1, len(FIGURES))


def _with_intervals(table: Floats, counted: _Counted) -> Mapping[str, Figure]:
    return {name: counted.mean(table[:, column]) for column, name in enumerate(FIGURES)}


def _side(test: Examples, labels: NDArray[np.int8], *, model: Model, prior: Model, side: str) -> Side:
    rows = test.where(labels != UNKNOWN)
    happened = labels[labels != UNKNOWN] == 1
    mine: Floats = getattr(model.score(rows.matrix, FEATURE_NAMES), side)
    theirs: Floats = getattr(prior.score(rows.matrix, FEATURE_NAMES), side)
    # Probabilities are of postings that stand first: only there what happened can be held against them.
    first = rows.position == 1 if side == "interest" else np.ones(len(rows), np.bool_)
    return Side(
        rows=len(rows),
        positives=int(happened.sum()),
        auc=auc(mine, happened),
        prior_auc=auc(theirs, happened),
        calibration=calibration(probability(mine[first]), happened[first]),
    )


def _by_segment(
    rows: Examples, parts: list[NDArray[np.int64]], counted: _Counted, tables: Mapping[str, Floats]
) -> Mapping[str, tuple[int, Figure, Figure]]:
    members: dict[str, list[int]] = {}
    for number, part in enumerate(parts):
        for segment in rows.lists[rows.list_number[part[0]]].segments:
            members.setdefault(segment, []).append(number)
    found = {}
    for segment, numbers in sorted(members.items(), key=lambda pair: -len(pair[1]))[:SEGMENTS_LIMIT]:
        if len(numbers) >= LEAST_LISTS:
            mine, theirs = tables[CANDIDATE][numbers, 0], tables[INCUMBENT][numbers, 0]
            some = counted.of(numbers)
            found[segment] = (len(numbers), some.mean(mine), some.mean(mine - theirs))
    return found
