"""The reasons of a trained model hold: take away what a reason speaks of, and the score falls."""

import numpy as np

from learning.evidence import read_evidence
from scorers.features import FEATURE_NAMES
from scorers.reasons import LEAST_TOLD, REASON_OF, REASONS_LIMIT
from scorers.trained import usable_model


def test_without_what_a_reason_speaks_of_the_score_falls(site, training):
    model = usable_model(training.model)
    rows = np.concatenate([seen.matrix[:10] for seen in read_evidence(site.log, lambda _: True)][::20])
    before = model.score(rows, FEATURE_NAMES).joined
    parts = model.contributions(rows, FEATURE_NAMES)
    held = told = 0
    columns = {
        code: [FEATURE_NAMES.index(name) for name, of in REASON_OF.items() if of == code] for code in REASON_OF.values()
    }
    weights = np.array([parts[:, some].sum(axis=1) for some in columns.values()])
    heaviest = np.argsort(-weights, axis=0)[:REASONS_LIMIT]
    for number, some in enumerate(columns.values()):
        spoken = (heaviest == number).any(axis=0) & (weights[number] >= LEAST_TOLD)
        without = rows.copy()
        without[:, some] = 0.0
        falls = model.score(without, FEATURE_NAMES).joined < before
        told += int(spoken.sum())
        held += int((falls & spoken).sum())

    assert told > 500
    assert held >= 0.95 * told
