"""What a model is measured against: popularity, the order that was served, the prior, and whichever model decides now."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from learning.examples import Examples
from scorers.features import FEATURE_NAMES
from scorers.models import Model

Floats = NDArray[np.float64]
Ranker = Callable[[Examples], Floats]
"""Answers a score for each row."""

CANDIDATE, INCUMBENT, POPULARITY, SERVED = "model", "incumbent", "popularity", "as served"


def by_model(model: Model) -> Ranker:
    return lambda examples: model.score(examples.matrix, FEATURE_NAMES).joined


def by_popularity(history: Examples, as_of: int) -> Ranker:
    """Rank by how many people had responded to a posting before the test began."""
    responded = history.job_id[history.responded_at <= as_of]
    jobs, counts = np.unique(responded, return_counts=True)
    known = dict(zip(jobs.tolist(), counts.tolist(), strict=True))
    return lambda examples: np.array([known.get(job, 0) for job in examples.job_id.tolist()], np.float64)


def as_served(examples: Examples) -> Floats:
    return -examples.position.astype(np.float64)


def rankers(model: Model, incumbent: Model, prior: Model, history: Examples, as_of: int) -> Mapping[str, Ranker]:
    """Answer everything that is compared, by name."""
    named: dict[str, Ranker] = {CANDIDATE: by_model(model), INCUMBENT: by_model(incumbent)}
    if incumbent.name != prior.name:
        named["prior"] = by_model(prior)
    return {**named, POPULARITY: by_popularity(history, as_of), SERVED: as_served}
