"""A model that no longer sees what it was trained on, or whose chances no longer hold, is found out."""

from dataclasses import replace

import numpy as np
import pytest

from learning.drift import LARGE, LEAST_ROWS, SCORE, drift_of, reference_of
from scorers.features import FEATURE_NAMES
from scorers.trained import usable_model


@pytest.fixture(scope="module")
def watched(training):
    """The trained model, what it was trained on, and the question about the newest lists."""
    model, split = usable_model(training.model), training.split
    reference = reference_of(split.train.matrix, model.score(split.train.matrix, FEATURE_NAMES).joined)
    asked = {"places": training.interest.places, "as_of": split.as_of}
    return model, reference, split.test, asked


def moved(rows, change):
    matrix = rows.matrix.copy()
    change(matrix)
    return replace(rows, matrix=matrix)


def test_a_model_on_what_it_was_trained_on_has_full_confidence(watched, training):
    model, reference, _, asked = watched
    drift = drift_of(training.split.train, model, reference, **asked)

    assert drift is not None
    assert max(apart.psi for apart in drift.columns.values()) < 1e-9
    assert drift.confidence > 0.9


def test_while_no_list_has_had_its_time_nothing_is_said_of_calibration(watched):
    model, reference, rows, asked = watched
    drift = drift_of(rows, model, reference, **{**asked, "as_of": int(rows.at.min())})

    assert drift is not None
    assert drift.calibration.low <= 1 <= drift.calibration.high
    assert drift.confidence == np.mean([each.psi < LARGE for each in drift.columns.values()])


def test_a_feature_that_moved_is_named_first(watched):
    model, reference, rows, asked = watched
    column = FEATURE_NAMES.index("skill_match")

    def all_skilled(matrix):
        matrix[:, column] = 1.0

    drift = drift_of(moved(rows, all_skilled), model, reference, **asked)

    assert drift is not None
    assert drift.columns["skill_match"].psi > LARGE
    assert "skill_match" in [name for name, _ in drift.worst]
    assert drift.columns[SCORE].ks > 0


def test_confidence_falls_when_most_of_what_is_seen_changed(watched):
    model, reference, rows, asked = watched

    def everything(matrix):
        matrix[:] = 3.0

    drift = drift_of(moved(rows, everything), model, reference, **asked)

    assert drift is not None
    assert drift.confidence < 0.5


def test_responses_that_stay_away_are_seen_in_the_calibration(watched):
    model, reference, rows, asked = watched
    drift = drift_of(rows, model, reference, **asked)
    silent = drift_of(rows, model, reference, **{**asked, "as_of": asked["as_of"]} | {"places": [3.0] * 11})

    assert drift is not None
    assert silent is not None
    assert silent.calibration.value < drift.calibration.value
    assert silent.confidence < drift.confidence


def test_too_few_rows_say_nothing(watched):
    model, reference, rows, asked = watched

    assert drift_of(rows.where(np.arange(len(rows)) < LEAST_ROWS - 1), model, reference, **asked) is None
    assert drift_of(rows, model, {}, **asked) is None
