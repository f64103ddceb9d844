"""Whether a model would serve groups alike: its scores and the exposure it would give to well-paid work, by self-declared labels."""

from collections.abc import Sequence

import numpy as np

from learning.bias import EXPOSED, SCORED
from learning.considered import by_model
from learning.evidence import Seen
from learning.groups import Labels
from learning.impact import Cell, Floats, Measure, compare
from learning.metrics import DEPTH
from scorers.features import FEATURE_NAMES
from scorers.models import Model


def compare_groups(
    decisions: Sequence[Seen], *, model: Model, incumbent: Model, labels: Labels, well_paid: frozenset[str]
) -> tuple[Cell, ...]:
    """Answer the figures of every group, attribute by attribute; people without a label count as a group of their own.

    A row is a person: the mean joined logit of their first ten, above the median of all people's or not, and the share of attention
    that well-paid work would have; beside both what they are by the incumbent.
    """
    people = sorted({seen.candidate_id for seen in decisions})
    (above, exposed), (above_now, exposed_now) = (
        _served(decisions, people, each, well_paid) for each in (model, incumbent)
    )
    ones = np.ones(len(people))
    measures = [
        Measure(SCORED, above, ones, had_now=above_now),
        Measure(EXPOSED, exposed, ones, had_now=exposed_now),
    ]
    return compare(measures, labels.groupings(people))


def _served(
    decisions: Sequence[Seen], people: Sequence[str], model: Model, well_paid: frozenset[str]
) -> tuple[Floats, Floats]:
    """Answer by person whether their mean score lies above the median, and what share of attention well-paid work has."""
    worth = 1.0 / np.log2(np.arange(2, DEPTH + 2))
    pick = by_model(model)
    scores: dict[str, list[float]] = {each: [] for each in people}
    exposures: dict[str, list[float]] = {each: [] for each in people}
    for seen in decisions:
        joined = np.sort(model.score(seen.matrix, FEATURE_NAMES).joined)[::-1][:DEPTH]
        paid = np.array([job in well_paid for job in pick(seen)], np.float64)
        scores[seen.candidate_id].append(float(joined.mean()))
        exposures[seen.candidate_id].append(float(paid @ worth[: len(paid)] / worth[: len(paid)].sum()))
    means = np.array([np.mean(scores[each]) for each in people])
    above = (means > np.median(means)).astype(np.float64) if people else means
    return above, np.array([np.mean(exposures[each]) for each in people])
