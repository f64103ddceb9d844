"""Whether a model would serve groups alike: its scores and the exposure it would give to well-paid work, by self-declared labels."""

from collections.abc import Sequence

import numpy as np

from learning.bias import EXPOSED, SCORED
from learning.considered import Pick
from learning.evidence import Seen
from learning.groups import Labels
from learning.impact import Cell, Measure, compare
from learning.metrics import DEPTH
from scorers.features import FEATURE_NAMES
from scorers.models import Model


def compare_groups(
    decisions: Sequence[Seen], *, model: Model, pick: Pick, labels: Labels, well_paid: frozenset[str]
) -> tuple[Cell, ...]:
    """Answer the figures of every group, attribute by attribute; people without a label count as a group of their own.

    A row is a person: the mean joined logit of their first ten, above the median of all people's or not, and the share of attention
    that well-paid work would have.
    """
    worth = 1.0 / np.log2(np.arange(2, DEPTH + 2))
    scores: dict[str, list[float]] = {}
    exposures: dict[str, list[float]] = {}
    for seen in decisions:
        joined = np.sort(model.score(seen.matrix, FEATURE_NAMES).joined)[::-1][:DEPTH]
        paid = np.array([job in well_paid for job in pick(seen)], np.float64)
        scores.setdefault(seen.candidate_id, []).append(float(joined.mean()))
        exposures.setdefault(seen.candidate_id, []).append(float(paid @ worth[: len(paid)] / worth[: len(paid)].sum()))
    people = sorted(scores)
    means = np.array([np.mean(scores[each]) for each in people])
    ones = np.ones(len(people))
    above = (means > np.median(means)).astype(np.float64) if people else ones
    exposed = np.array([np.mean(exposures[each]) for each in people])
    measures = [Measure(SCORED, above, ones), Measure(EXPOSED, exposed, ones)]
    return compare(measures, labels.groupings(people))
