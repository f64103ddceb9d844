"""Drift: whether what a model sees, and what comes of it, is still what it was when it was trained.

Each feature and the score are compared by tenths: PSI (population stability index; 0.1 is a change, 0.25 a large one) and KS (the largest
distance of the two cumulative shares). Calibration is what was responded to over what was expected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learning.examples import UNKNOWN, Examples
from learning.judging import judge
from learning.metrics import Figure, interval
from learning.rankers import CANDIDATE, INCUMBENT, as_served, by_model
from scorers.features import FEATURE_NAMES
from scorers.models import Matrix, Model, probability

SCORE = "score"
LARGE = 0.25
"""A PSI from here on counts as another population."""
LEAST_ROWS = 500
"""With fewer rows in the window nothing is said: chance alone would look like drift."""
_LEAST_SHARE = 1e-4

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Apart:
    """How far a column is from what it was."""

    psi: float
    ks: float


@dataclass(frozen=True, slots=True)
class Drift:
    """A window against the training. `calibration` is responses over expected responses; `confidence` is 1 for a model as it was.

    Confidence is the smaller of two: the share of columns whose PSI is below LARGE, and how near calibration is to 1, which counts
    only where its interval leaves 1 out.
    """

    rows: int
    columns: Mapping[str, Apart]
    responses: Figure
    calibration: Figure
    ndcg: Figure
    confidence: float

    @property
    def worst(self) -> Sequence[tuple[str, Apart]]:
        """Answer the columns that moved most, the worst first."""
        return sorted(self.columns.items(), key=lambda pair: -pair[1].psi)[:5]


def reference_of(matrix: Matrix, scores: Floats) -> dict[str, Any]:
    """Answer what columns look like: for each the edges of its tenths, and the share of rows in each."""
    return {name: _tenths(values) for name, values in _columns(matrix, scores)}


def drift_of(
    window: Examples, model: Model, reference: Mapping[str, Any], *, places: Sequence[float], as_of: int
) -> Drift | None:
    """Compare a window of shown postings with a model's reference; None where there are too few, or nothing to compare with."""
    if len(window) < LEAST_ROWS or not reference:
        return None
    opinion = model.score(window.matrix, FEATURE_NAMES)
    columns = {name: _apart(reference[name], values) for name, values in _columns(window.matrix, opinion.joined)}
    labels = window.interest(as_of)
    known = window.where(labels != UNKNOWN)
    responded = (labels[labels != UNKNOWN] == 1).astype(np.float64)
    people = np.array([known.lists[number].person for number in known.list_number.tolist()], np.str_)
    expected = _expected(known, model, places)
    # The ratio by resampling people of its parts: each row weighs its share of what was expected.
    ratio = interval(responded / max(float(expected.mean()), 1e-9), people) if len(known) else Figure(1.0, 0.0, 2.0)
    judged = judge(
        window, {CANDIDATE: by_model(model), INCUMBENT: as_served}, model=model, prior=model, as_of=as_of, places=places
    )
    return Drift(
        rows=len(window),
        columns=columns,
        responses=interval(responded, people),
        calibration=ratio,
        ndcg=judged.ranking[CANDIDATE]["ndcg"],
        confidence=min(_stable(columns), _calibrated(ratio)),
    )


def _columns(matrix: Matrix, scores: Floats) -> list[tuple[str, Floats]]:
    features = [(name, matrix[:, number].astype(np.float64)) for number, name in enumerate(FEATURE_NAMES)]
    return [*features, (SCORE, scores)]


def _tenths(values: Floats) -> dict[str, list[float]]:
    edges = np.unique(np.quantile(values, np.arange(1, 10) / 10)) if len(values) else np.zeros(0)
    return {"edges": edges.tolist(), "shares": _shares(values, edges).tolist()}


def _shares(values: Floats, edges: Floats) -> Floats:
    # At an edge a value belongs below it: most features are exactly 0 for most rows.
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    return counts / max(len(values), 1)


def _apart(reference: Mapping[str, Sequence[float]], values: Floats) -> Apart:
    before = np.array(reference["shares"])
    now = _shares(values, np.array(reference["edges"]))
    ks = float(np.abs(np.cumsum(before) - np.cumsum(now)).max())
    before, now = np.maximum(before, _LEAST_SHARE), np.maximum(now, _LEAST_SHARE)
    return Apart(psi=float(((now - before) * np.log(now / before)).sum()), ks=ks)


def _expected(rows: Examples, model: Model, places: Sequence[float]) -> Floats:
    """Answer the chance of a response of each row where it stood."""
    logits = model.score(rows.matrix, FEATURE_NAMES).interest
    if places:
        logits = logits + np.array(places)[np.minimum(rows.position, len(places)) - 1]
    return probability(logits)


def _stable(columns: Mapping[str, Apart]) -> float:
    return float(np.mean([each.psi < LARGE for each in columns.values()]))


def _calibrated(ratio: Figure) -> float:
    if ratio.low <= 1.0 <= ratio.high:
        return 1.0
    return min(ratio.value, 1.0 / ratio.value) if ratio.value > 0 else 0.0
