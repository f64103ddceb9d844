"""What a trained model's lists would have earned is estimated from the log that another model made."""

import numpy as np
import pytest

from learning.evidence import opinions_of, read_evidence
from learning.examples import UNKNOWN
from learning.off_policy import lists_of
from scorers.models import PriorModel
from scorers.trained import usable_model


def test_a_models_lists_are_worth_about_what_their_order_earns(site, joined, training):
    split = training.split
    decisions = list(read_evidence(site.log, lambda _: True))
    asked = {"places": training.interest.places, "as_of": split.as_of}
    trained = lists_of(split.test, decisions, opinions_of(usable_model(training.model)), **asked)
    prior = lists_of(split.test, decisions, opinions_of(PriorModel()), **asked)

    assert trained is not None
    assert prior is not None
    assert 0 < trained.supported < prior.supported <= 1
    assert trained.dr.low < trained.dr.value < trained.dr.high
    # The prior made the log, but for diversity and exploration: it would earn about what was earned.
    labels = split.test.interest(split.as_of)
    earned = (labels == 1).sum() / len(np.unique(split.test.list_number[labels != UNKNOWN]))
    assert prior.snips.value == pytest.approx(earned, rel=0.2)
