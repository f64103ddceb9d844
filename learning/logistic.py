"""Logistic regression by Newton's method, with a pull of its own on each coefficient."""

import numpy as np
from numpy.typing import NDArray

from scorers.models import probability

Floats = NDArray[np.float64]

STEPS = 50
ENOUGH = 1e-9


def fit_logistic(
    columns: Floats, labels: Floats, *, ridge: Floats, weights: Floats | None = None, offset: Floats | None = None
) -> Floats:
    """Answer the coefficients that minimise the log loss plus half of `ridge` times their squares."""
    weighed = np.ones(len(labels)) if weights is None else weights
    shift = np.zeros(len(labels)) if offset is None else offset
    coefficients = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        chances = probability(columns @ coefficients + shift)
        slope = columns.T @ (weighed * (chances - labels)) + ridge * coefficients
        bend = (columns * (weighed * chances * (1.0 - chances))[:, None]).T @ columns + np.diag(ridge + _FLOOR)
        step = np.linalg.solve(bend, slope)
        # Far from the goal a whole step may overshoot: no coefficient moves by more than two logits at once.
        coefficients -= step * min(1.0, 2.0 / max(float(np.abs(step).max(initial=0.0)), ENOUGH))
        if np.abs(step).max(initial=0.0) < ENOUGH:
            break
    return coefficients


def log_loss(logits: Floats, labels: Floats, weights: Floats | None = None) -> float:
    """Answer the mean log loss, in nats."""
    losses = np.logaddexp(0.0, logits) - labels * logits
    return float(np.average(losses, weights=weights)) if len(losses) else 0.0


_FLOOR = 1e-9
"""Keeps the equations solvable where a column says nothing."""
