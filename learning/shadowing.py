"""What a challenger scored on live traffic, beside the model that decided: read from the log, where it lay and was shown to nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learning.evidence import Seen
from learning.examples import UNKNOWN, Examples
from learning.metrics import DEPTH, Calibration, Figure, calibration, interval, rank_correlation
from learning.off_policy import Estimates, lists_of
from scorers.features import FEATURE_NAMES
from scorers.models import Model, Opinion, probability

LEAST_DECISIONS = 30
"""Of a segment with fewer nothing is told."""
SEGMENTS_LIMIT = 20

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike two orders are: the share of the first ten in both, how often the first is the same, Spearman's correlation over all."""

    decisions: int
    first_ten: Figure
    first: Figure
    correlation: Figure


@dataclass(frozen=True, slots=True)
class Shadowing:
    """A challenger's logged scores against those that decided.

    `skew` is by how much the logged scores differ from the model's scores of the logged features. `calibrations` hold the probability of
    the joined score, by "challenger" and "decided", against responses to what stood first.
    """

    model: str
    people: int
    alike: Alike
    segments: Mapping[str, Alike]
    off_policy: Estimates | None
    """Responses that a list in the challenger's logged order would earn."""
    calibrations: Mapping[str, Calibration]
    skew: float


def read_shadow(
    decisions: Sequence[Seen], test: Examples, model: Model, *, places: Sequence[float], as_of: int
) -> Shadowing | None:
    """Compare what `model` scored as challenger in these decisions; None where it scored beside nothing of them."""
    shadowed = {
        seen.decision_id: seen for seen in decisions if seen.shadow is not None and seen.shadow.model == model.name
    }
    if not shadowed:
        return None
    table = np.array([_alike(seen, _scores(seen)) for seen in shadowed.values()])
    people = np.array([seen.candidate_id for seen in shadowed.values()], np.str_)
    logged = _Logged(model, shadowed)
    return Shadowing(
        model=model.name,
        people=len(np.unique(people)),
        alike=_told(table, people),
        segments=_by_segment(list(shadowed), table, people, test),
        off_policy=lists_of(test, list(shadowed.values()), logged.opinion, places=places, as_of=as_of),
        calibrations=_calibrations(shadowed, test, as_of),
        skew=max(
            float(np.max(np.abs(model.score(seen.matrix, FEATURE_NAMES).joined - _scores(seen)), initial=0.0))
            for seen in shadowed.values()
        ),
    )


@dataclass(frozen=True, slots=True)
class _Logged:
    """The challenger's opinion as it was logged; what it guesses of responses is the model's own."""

    model: Model
    shadowed: Mapping[str, Seen]

    def opinion(self, seen: Seen) -> Opinion:
        return self.model.score(seen.matrix, FEATURE_NAMES)._replace(joined=_scores(self.shadowed[seen.decision_id]))


def _scores(seen: Seen) -> Floats:
    return np.array(seen.shadow.scores if seen.shadow else (), np.float64)


def _alike(seen: Seen, scores: Floats) -> tuple[float, float, float]:
    mine, theirs = (np.argsort(-each, kind="stable")[:DEPTH] for each in (scores, seen.scores))
    return (
        len(set(mine.tolist()) & set(theirs.tolist())) / len(mine),
        float(mine[0] == theirs[0]),
        rank_correlation(scores, seen.scores),
    )


def _told(table: Floats, people: NDArray[np.str_]) -> Alike:
    known = np.isfinite(table[:, 2])
    return Alike(
        len(table),
        interval(table[:, 0], people),
        interval(table[:, 1], people),
        interval(table[known, 2], people[known]),
    )


def _by_segment(names: Sequence[str], table: Floats, people: NDArray[np.str_], test: Examples) -> Mapping[str, Alike]:
    segments = {shown.base: shown.segments for shown in test.lists}
    members: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        for segment in segments.get(name, ()):
            members.setdefault(segment, []).append(row)
    largest = sorted(members.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:SEGMENTS_LIMIT]
    return {name: _told(table[rows], people[rows]) for name, rows in largest if len(rows) >= LEAST_DECISIONS}


def _calibrations(shadowed: Mapping[str, Seen], test: Examples, as_of: int) -> Mapping[str, Calibration]:
    labels = test.interest(as_of)
    first = np.flatnonzero((test.position == 1) & (labels != UNKNOWN))
    found: list[tuple[float, float, bool]] = []
    for row in first.tolist():
        seen = shadowed.get(test.lists[test.list_number[row]].base)
        if seen is not None:
            at = seen.job_ids.index(str(test.job_id[row]))
            found.append((float(_scores(seen)[at]), float(seen.scores[at]), bool(labels[row] == 1)))
    columns = np.array(found, np.float64).reshape(-1, 3)
    happened = columns[:, 2] > 0
    return {
        name: calibration(probability(columns[:, column]), happened)
        for column, name in enumerate(("challenger", "decided"))
    }
