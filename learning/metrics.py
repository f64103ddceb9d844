"""How good a ranking is: figures of one list, of all rows, and their intervals by resampling people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDS = 1000
DRAWS_AT_ONCE = 200_000
"""Of an interval: a round by itself costs more for being asked for than for being drawn."""
BINS = 10
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one list: a column for each, a row for each list."""

    ndcg: float
    average_precision: float
    reciprocal_rank: float
    hit_1: float
    hit_3: float
    hit_10: float


def quality(scores: Floats, worth: Floats, *, ties: Floats) -> Quality:
    """Answer the figures of one list, in which what is worth more than 0 is relevant.

    What is not finite ranks last, equal scores by `ties`.
    nDCG counts what each is worth: an application more than a look.
    """
    order = np.lexsort((ties, -np.where(np.isfinite(scores), scores, -np.inf)))
    found = worth[order] > 0
    ranks = np.flatnonzero(found) + 1
    return Quality(
        ndcg=ndcg(worth[order]),
        average_precision=float(np.mean(np.arange(1, len(ranks) + 1) / ranks)) if len(ranks) else 0.0,
        reciprocal_rank=1.0 / ranks[0] if len(ranks) else 0.0,
        hit_1=float(found[:1].any()),
        hit_3=float(found[:3].any()),
        hit_10=float(found[:DEPTH].any()),
    )


def ndcg(worth: Floats, depth: int = DEPTH) -> float:
    """Answer nDCG of a ranking that says what each of its items is worth."""
    most = best_gain(worth, depth)
    return _gain(worth, depth) / most if most else 0.0


def best_gain(worth: Floats, depth: int = DEPTH) -> float:
    """Answer the DCG of the best order."""
    return _gain(np.sort(worth)[::-1], depth)


def _gain(worth: Floats, depth: int) -> float:
    first = worth[:depth]
    return float(first @ (1.0 / np.log2(np.arange(2, len(first) + 2))))


def auc(scores: Floats, labels: NDArray[np.bool_]) -> float:
    """Answer the chance that a relevant row scores above another; half for ties; NaN when there is one kind only."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return float("nan")
    return float((_ranks(scores)[labels].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def rank_correlation(mine: Floats, theirs: Floats) -> float:
    """Answer Spearman's correlation, equals at their mean rank; NaN where one of them says the same of everything."""
    ranks = [_ranks(each) - _ranks(each).mean() for each in (mine, theirs)]
    spread = float(np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return float(ranks[0] @ ranks[1]) / spread if spread else float("nan")


def _ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks


@dataclass(frozen=True, slots=True)
class Calibration:
    """Predicted against observed: in ten bins with equally many rows, and the mean distance."""

    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    rows: tuple[int, ...]
    error: float


def calibration(chances: Floats, labels: NDArray[np.bool_]) -> Calibration:
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    predicted = [float(chances[part].mean()) for part in parts]
    observed = [float(labels[part].mean()) for part in parts]
    rows = [len(part) for part in parts]
    apart = np.abs(np.array(predicted) - np.array(observed))
    error = float(np.average(apart, weights=rows)) if rows else float("nan")
    return Calibration(tuple(predicted), tuple(observed), tuple(rows), error)


def interval(
    values: Floats, people: NDArray[np.str_], *, weights: Floats | None = None, seed: int = 1, rounds: int = ROUNDS
) -> Figure:
    """Answer the (weighted) mean with its interval: people are drawn anew, not lists, for one person's lists are alike."""
    if not len(values):
        return Figure(float("nan"), float("nan"), float("nan"))
    _, who = np.unique(people, return_inverse=True)
    weighed = np.ones(len(values)) if weights is None else weights
    sums, counts = np.bincount(who, values * weighed), np.bincount(who, weighed)
    chance = np.random.default_rng(seed)
    at_once = max(1, DRAWS_AT_ONCE // len(sums))
    means = []
    for start in range(0, rounds, at_once):
        drawn = chance.integers(0, len(sums), (min(at_once, rounds - start), len(sums)))
        means.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [0.025, 0.975])
    return Figure(float(np.average(values, weights=weighed)), float(low), float(high))
