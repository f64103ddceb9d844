"""How fast a model scores: asked where it is trained, by the gate, and where it is to decide."""

import time

import numpy as np

from scorers.features import FEATURE_NAMES
from scorers.models import Matrix, Model


def quickest_ms(model: Model, rows: Matrix, *, count: int, tries: int) -> float:
    """Answer the best of some tries in milliseconds of this thread's processor time, for `count` rows: the given ones, over and over."""
    some = np.asfortranarray(np.resize(rows, (count, rows.shape[1])))
    times = []
    for _ in range(tries):
        started = time.thread_time_ns()
        model.score(some, FEATURE_NAMES)
        times.append((time.thread_time_ns() - started) / 1e6)
    return min(times)
