"""Whether a model's inputs give away what nobody told it: a self-declared group, predicted from features or from scores.

A row is a person: the mean and the greatest value of each feature over everything that was considered for them. Trees learn on four fifths
of the people and are asked about the rest; the figure is the area under the ROC curve (AUC), .5 where nothing is given away.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import lightgbm
import numpy as np
from numpy.typing import NDArray

from learning.evidence import Seen
from learning.groups import Labels
from learning.impact import LEAST_PEOPLE, LEAST_SHARE, QUANTILE, SURE, UNKNOWN, holm
from learning.metrics import DEPTH, Figure, auc
from scorers.features import FEATURE_NAMES
from scorers.models import Model

MOST_AUC = 0.6
FOLDS = 5
OVERLAP = math.sqrt(1 + FOLDS / (FOLDS - 1))
"""By how much the error of a mean over folds is greater than of as many people: what trees learn from overlaps (Nadeau and Bengio 2003).
Of labels drawn by a coin the mean AUC of 150 people strays by 1.33 times Mann and Whitney's error."""
_ROUNDS = 40
_OPTIONS: dict[str, Any] = {
    "objective": "binary", "num_leaves": 7, "learning_rate": 0.1, "min_data_in_leaf": 10, "num_threads": 1, "verbosity": -1,
    "deterministic": True, "seed": 1,
}  # fmt: skip

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Proxy:
    """How well a group is told from the others that declared something, by the inputs.

    `chance` is the probability that nothing given away would look so, corrected after Holm (1979) for all that was asked.
    """

    attribute: str
    value: str
    people: int
    inputs: Literal["features", "scores"]
    auc: Figure
    chance: float

    @property
    def gives_away(self) -> bool:
        """Say whether the group can be predicted, and not by chance."""
        return self.auc.value > MOST_AUC and self.chance <= SURE


def find_proxies(decisions: Sequence[Seen], *, model: Model, labels: Labels) -> tuple[Proxy, ...]:
    """Answer the figure of each group that is large enough to be judged, attribute by attribute; of two, telling one tells the other."""
    people, features, scores = _by_person(decisions, model)
    found: list[Proxy] = []
    for grouping in labels.groupings(people)[: len(labels.attributes)]:
        declared = grouping.values != UNKNOWN
        values = grouping.values[declared]
        names = sorted(set(values.tolist()))
        for value in names[:1] if len(names) == 2 else names:
            mine = values == value
            least = max(LEAST_PEOPLE, LEAST_SHARE * len(people))
            if least <= mine.sum() <= len(mine) - LEAST_PEOPLE:
                found += _proxies(grouping.attribute, value, mine, features[declared], scores[declared])
    chances = holm([each.chance for each in found], len(found))
    return tuple(replace(each, chance=chance) for each, chance in zip(found, chances, strict=True))


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
    yes, no = int(mine.sum()), int((~mine).sum())
    # What trees foretell is wrong below .5; scores tell as much where they are lower.
    told, foretold = auc(scores, mine), _foretold(features, mine)
    either = max(told, 1 - told)
    figure, chance = _figure(foretold, yes, no, OVERLAP), _chance(foretold, yes, no, OVERLAP)
    yield Proxy(attribute, value, yes, "features", figure, chance)
    yield Proxy(attribute, value, yes, "scores", _figure(either, yes, no), min(1.0, 2 * _chance(either, yes, no)))


def _chance(value: float, yes: int, no: int, wider: float = 1.0) -> float:
    """Answer how likely an AUC as great is of what says nothing (Mann and Whitney 1947)."""
    errors = (value - 0.5) / (wider * math.sqrt((yes + no + 1) / (12 * yes * no)))
    return 0.5 * math.erfc(errors / math.sqrt(2))


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


def _figure(value: float, yes: int, no: int, wider: float = 1.0) -> Figure:
    """Answer an AUC with its interval (Hanley and McNeil 1982)."""
    both_yes, both_no = value / (2 - value), 2 * value**2 / (1 + value)
    spread = value * (1 - value) + (yes - 1) * (both_yes - value**2) + (no - 1) * (both_no - value**2)
    wide = wider * QUANTILE * math.sqrt(max(spread, 0.0) / (yes * no))
    return Figure(value, max(value - wide, 0.0), min(value + wide, 1.0))
