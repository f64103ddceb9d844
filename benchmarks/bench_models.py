"""Scoring by a trained model, on one thread: two heads as large as training lets them grow; `python -m benchmarks.bench_models`.

The rows are random, half of them zeros; the least of many runs of the thread's own processor time.
"""

import time
from functools import partial

import lightgbm
import numpy as np

from benchmarks.distribution import median
from benchmarks.figures import Chapter, Figure, table, told, within
from learning.gate import LIMITS_MS, measure_speed
from learning.heads import LEAVES, TREES
from scorers.features import FEATURE_NAMES
from scorers.models import BoostedModel, Head, Matrix
from scorers.trees import load_trees

ROWS = 20_000
RUNS = 40


def measure(_ground: object = None) -> Chapter:
    """Answer the figures of scoring and of explaining."""
    chance = np.random.default_rng(1)
    rows = chance.random((ROWS, len(FEATURE_NAMES))).astype(np.float32)
    rows[chance.random(rows.shape) < 0.5] = 0
    model = _model(rows, chance)
    figures: list[Figure] = [
        within(f"score {count} rows, both heads", found, "ms", limit=LIMITS_MS[count])
        for count, found in measure_speed(model, rows).items()
    ]
    explained = np.ascontiguousarray(rows[:6])
    figures.append(
        told("explain 6 rows, both heads", _timed(partial(model.contributions, explained, FEATURE_NAMES)), "ms")
    )
    return Chapter("Trained models", tuple(figures), __doc__ or "")


def _model(rows: Matrix, chance: np.random.Generator) -> BoostedModel:
    weights = tuple(chance.normal(0, 1, len(FEATURE_NAMES)).tolist())
    heads = [Head(weights, -1.0, 1.0, load_trees(_grown(rows, seed), len(FEATURE_NAMES))) for seed in (0, 7)]
    return BoostedModel("bench", FEATURE_NAMES, heads[0], heads[1])


def _grown(rows: Matrix, seed: int) -> str:
    said = rows[:, seed] * 3 + rows[:, seed + 1] * rows[:, seed + 2] * 4 - 3
    labels = np.random.default_rng(seed).random(len(rows)) < 1 / (1 + np.exp(-said))
    options = {"objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.05, "num_threads": 1, "verbosity": -1}
    return str(lightgbm.train(options, lightgbm.Dataset(rows, labels.astype(float)), TREES).model_to_string())


def _timed(run) -> float:
    times = []
    for _ in range(RUNS):
        started = time.thread_time_ns()
        run()
        times.append((time.thread_time_ns() - started) / 1e6)
    return median(times)


if __name__ == "__main__":
    print(table(measure().figures))
