"""One head: a line that starts from the prior, trees for what a line cannot say, and a calibration of both.

All parts are logits and add up, so contributions stay exact. The place at which a posting stood is part of the line while training and
left out of the head: it is scored as if it stood first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learning.constraints import Side, directions
from learning.logistic import Floats, fit_logistic, log_loss
from schemas.trained import HeadRecord
from scorers.features import FEATURE_NAMES
from scorers.models import Matrix
from scorers.prior import FIT_INTERCEPT, INTEREST_INTERCEPT, PRIOR

PLACES = 11
"""Places told apart: the first ten, and all behind."""
LEAST_OUTCOMES = 20
"""Of yes and of no each: with fewer the prior stays as it is."""
TREES, LEAVES = 40, 15
"""At most. Two heads of 40 trees score 1,000 rows in about 2 ms by LightGBM (docs/decisions/0005-models-on-a-topic.md)."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows with a known outcome; `weights` say how much each counts, `place` where it stood, 0 for first."""

    matrix: Matrix
    labels: Floats
    weights: Floats
    place: NDArray[np.int64]

    @property
    def enough(self) -> bool:
        yes = int(self.labels.sum())
        return min(yes, len(self.labels) - yes) >= LEAST_OUTCOMES


@dataclass(frozen=True, slots=True)
class Setting:
    """One try of the search."""

    ridge: float
    leaves: int
    rate: float
    least: int
    """Rows that a leaf needs."""


SETTINGS = tuple(Setting(*each) for each in product((10.0, 100.0), (7, LEAVES), (0.05, 0.1), (20, 100)))


@dataclass(frozen=True, slots=True)
class TrainedHead:
    """A head, how it was made and what it lost on the tuning data (log loss), beside the prior as it is."""

    record: HeadRecord
    setting: Setting | None
    trees: int
    loss: float
    prior_loss: float
    places: tuple[float, ...]
    """What standing at a place adds to the logit, against the first place."""


def prior_head(side: Side) -> HeadRecord:
    """Answer the prior's head."""
    weights = tuple(getattr(PRIOR[name], side) for name in FEATURE_NAMES)
    return HeadRecord(weights, FIT_INTERCEPT if side == "fit" else INTEREST_INTERCEPT)


def train_head(
    side: Side, train: Labelled, tune: Labelled, *, threads: int, on_step: Callable[[], None]
) -> TrainedHead:
    """Answer the head of the setting that lost least on the tuning data; the prior's where there is too little to learn from."""
    prior = prior_head(side)
    prior_loss = log_loss(_line(prior, tune.matrix), tune.labels)
    if not (train.enough and tune.enough):
        for _ in SETTINGS:
            on_step()
        return TrainedHead(prior, None, 0, prior_loss, prior_loss, ())
    lines = {ridge: _fit_line(side, train, ridge) for ridge in {setting.ridge for setting in SETTINGS}}
    tried = []
    for setting in SETTINGS:
        tried.append(_tried(side, setting, train, tune, fitted=lines[setting.ridge], threads=threads))
        on_step()
    best = min(tried, key=lambda head: head.loss)
    return replace(best, prior_loss=prior_loss)


def _tried(
    side: Side, setting: Setting, train: Labelled, tune: Labelled, *, fitted: tuple[HeadRecord, Floats], threads: int
) -> TrainedHead:
    line, places = fitted
    starts = [_line(line, some.matrix) + places[some.place] for some in (train, tune)]
    trees, count, added = _grow(side, setting, train, tune, starts=starts, threads=threads)
    scale, shift = _calibrated(starts[1] + added, tune)
    record = HeadRecord(
        weights=tuple(scale * weight for weight in line.weights),
        intercept=scale * line.intercept + shift,
        scale=scale,
        trees=trees,
    )
    loss = log_loss(scale * (starts[1] + added) + shift, tune.labels)
    return TrainedHead(record, setting, count, loss, loss, tuple((scale * places).tolist()))


def _fit_line(side: Side, train: Labelled, ridge: float) -> tuple[HeadRecord, Floats]:
    """Answer a line and what each place adds: the prior's line scaled, plus what the outcomes say against it, each feature pulled to 0."""
    prior = prior_head(side)
    features = train.matrix.astype(np.float64)
    prior_line = features @ np.array(prior.weights)
    places = np.eye(PLACES)[train.place][:, 1:] if side == "interest" else np.zeros((len(features), PLACES - 1))
    columns = np.column_stack([features, prior_line, np.ones(len(features)), places])
    pulls = np.concatenate([np.full(len(FEATURE_NAMES), ridge), [1e-6, 1e-6], np.ones(PLACES - 1)])
    free = np.ones(len(FEATURE_NAMES), np.bool_)
    ways = np.array(directions(side, FEATURE_NAMES))
    while True:
        held = np.where(free, 1.0, 0.0)
        columns[:, : len(FEATURE_NAMES)] = features * held
        found = fit_logistic(columns, train.labels, ridge=pulls, weights=train.weights)
        shrunk = max(float(found[len(FEATURE_NAMES)]), 0.0)
        weights = shrunk * np.array(prior.weights) + np.where(free, found[: len(FEATURE_NAMES)], 0.0)
        wrong = free & (weights * ways < 0)
        if not wrong.any():
            break
        # What moves the wrong way goes back to what the prior says of it, and the rest is fitted around that.
        free &= ~wrong
    intercept = float(found[len(FEATURE_NAMES) + 1])
    return HeadRecord(tuple(weights.tolist()), intercept), np.concatenate([[0.0], found[-(PLACES - 1) :]])


def _grow(
    side: Side, setting: Setting, train: Labelled, tune: Labelled, *, starts: Sequence[Floats], threads: int
) -> tuple[str, int, Floats]:
    """Answer trees for what the line leaves over, their number, and what they add on the tuning data."""
    import lightgbm  # noqa: PLC0415  half a second, for those who train

    def data(some: Labelled, start: Floats) -> Any:
        return lightgbm.Dataset(some.matrix, some.labels, weight=some.weights, init_score=start, free_raw_data=False)

    learn = data(train, starts[0])
    booster = lightgbm.train(
        {
            "objective": "binary",
            "num_leaves": setting.leaves,
            "learning_rate": setting.rate,
            "min_data_in_leaf": setting.least,
            "lambda_l2": 5.0,
            "monotone_constraints": directions(side, FEATURE_NAMES),
            "boost_from_average": False,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": threads,
            "verbosity": -1,
        },
        learn,
        num_boost_round=TREES,
        valid_sets=[lightgbm.Dataset(tune.matrix, tune.labels, init_score=starts[1], reference=learn)],
        callbacks=[lightgbm.early_stopping(10, verbose=False)],
    )
    best = int(booster.best_iteration)
    added: Floats = np.asarray(booster.predict(tune.matrix, raw_score=True, num_iteration=best), np.float64)
    if log_loss(starts[1] + added, tune.labels) >= log_loss(starts[1], tune.labels):
        return "", 0, np.zeros(len(tune.labels))
    return booster.model_to_string(num_iteration=best), best, added


def _calibrated(logits: Floats, tune: Labelled) -> tuple[float, float]:
    """Answer Platt's scale and shift, on rows that were not trained on; the order of scores stays (the scale is above 0)."""
    columns = np.column_stack([logits, np.ones(len(logits))])
    scale, shift = fit_logistic(columns, tune.labels, ridge=np.full(2, 1e-6))
    return (float(scale), float(shift)) if scale > LEAST_SCALE else (LEAST_SCALE, float(shift))


LEAST_SCALE = 0.05


def _line(head: HeadRecord, matrix: Matrix) -> Floats:
    line: Floats = matrix.astype(np.float64) @ np.array(head.weights) + head.intercept
    return line
