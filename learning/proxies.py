"""Whether a model's inputs give away what nobody told it: a self-declared group, predicted from features or from scores.

A row is a person: the mean and the greatest value of each feature over everything that was considered for them. Trees learn on four fifths
of the people and are asked about the rest; the figure is the area under the ROC curve (AUC), .5 where nothing is given away.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import lightgbm
import numpy as np
from numpy.typing import NDArray

from learning.evidence import Seen
from learning.groups import Labels
from learning.impact import LEAST_PEOPLE, LEAST_SHARE, QUANTILE, UNKNOWN
from learning.metrics import DEPTH, Figure, auc
from scorers.features import FEATURE_NAMES
from scorers.models import Model

MOST_AUC = 0.6
FOLDS = 5
_ROUNDS = 40
_OPTIONS: dict[str, Any] = {
    "objective": "binary", "num_leaves": 7, "learning_rate": 0.1, "min_data_in_leaf": 10, "num_threads": 1, "verbosity": -1,
    "deterministic": True, "seed": 1,
}  # fmt: skip

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Proxy:
    """How well a group is told from the others that declared something, by the inputs."""

    attribute: str
    value: str
    people: int
    inputs: Literal["features", "scores"]
    auc: Figure

    @property
    def gives_away(self) -> bool:
        """Say whether the group can be predicted, and not by chance."""
        return self.auc.value > MOST_AUC and self.auc.low > 0.5


def find_proxies(decisions: Sequence[Seen], *, model: Model, labels: Labels) -> tuple[Proxy, ...]:
    """Answer the figure of each group that is large enough to be judged, attribute by attribute."""
    people, features, scores = _by_person(decisions, model)
    found: list[Proxy] = []
    for grouping in labels.groupings(people)[: len(labels.attributes)]:
        declared = grouping.values != UNKNOWN
        values = grouping.values[declared]
        for value in sorted(set(values.tolist())):
            mine = values == value
            least = max(LEAST_PEOPLE, LEAST_SHARE * len(people))
            if least <= mine.sum() <= len(mine) - LEAST_PEOPLE:
                found += _proxies(grouping.attribute, value, mine, features[declared], scores[declared])
    return tuple(found)


def _by_person(decisions: Sequence[Seen], model: Model) -> tuple[list[str], Floats, Floats]:
    rows: dict[str, list[Floats]] = {}
    scores: dict[str, list[float]] = {}
    for seen in decisions:
        matrix = seen.matrix.astype(np.float64)
        rows.setdefault(seen.candidate_id, []).append(np.concatenate([matrix.mean(axis=0), matrix.max(axis=0)]))
        best = np.sort(model.score(seen.matrix, FEATURE_NAMES).joined)[::-1][:DEPTH]
        scores.setdefault(seen.candidate_id, []).append(float(best.mean()))
    people = sorted(rows)
    width = 2 * len(FEATURE_NAMES)
    return (
        people,
        np.array([np.mean(rows[each], axis=0) for each in people]).reshape(-1, width),
        np.array([np.mean(scores[each]) for each in people]),
    )


def _proxies(attribute: str, value: str, mine: NDArray[np.bool_], features: Floats, scores: Floats) -> Iterator[Proxy]:
    count = int(mine.sum())
    told = auc(scores, mine)
    yield Proxy(attribute, value, count, "features", _figure(_foretold(features, mine), count, len(mine) - count))
    yield Proxy(attribute, value, count, "scores", _figure(max(told, 1 - told), count, len(mine) - count))


def _foretold(features: Floats, mine: NDArray[np.bool_]) -> float:
    """Answer the mean AUC of the parts that were not learned from, each with its share of the group."""
    fold = np.empty(len(mine), np.int64)
    for side in (mine, ~mine):
        fold[side] = np.random.default_rng(1).permutation(int(side.sum())) % FOLDS
    found = []
    for number in range(FOLDS):
        learned, asked = fold != number, fold == number
        data = lightgbm.Dataset(features[learned], mine[learned].astype(np.float64), params={"verbosity": -1})
        trees = lightgbm.train(_OPTIONS, data, _ROUNDS)
        found.append(auc(np.asarray(trees.predict(features[asked])), mine[asked]))
    return float(np.mean(found))


def _figure(value: float, yes: int, no: int) -> Figure:
    """Answer an AUC with its interval (Hanley and McNeil 1982)."""
    both_yes, both_no = value / (2 - value), 2 * value**2 / (1 + value)
    spread = value * (1 - value) + (yes - 1) * (both_yes - value**2) + (no - 1) * (both_no - value**2)
    wide = QUANTILE * math.sqrt(max(spread, 0.0) / (yes * no))
    return Figure(value, max(value - wide, 0.0), min(value + wide, 1.0))
