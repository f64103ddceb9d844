"""What a challenger scored on live traffic is read from the log and told beside what decided."""

from dataclasses import replace

import pytest

from learning.assessing import Question, assess
from learning.card import measured
from learning.evidence import Seen, read_evidence
from learning.examples import join
from learning.shadowing import read_shadow
from schemas.decision import Shadow
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.trained import usable_model
from tests.learning.site import WINDOWS, Site


@pytest.fixture(scope="module")
def shadowed_site(training):
    """A house in which the prior decides and the trained model scores beside it."""
    return Site(people=40, seed=5, challenger=usable_model(training.model)).run(4)


@pytest.fixture(scope="module")
def shadowing(shadowed_site, training):
    joined = join(shadowed_site.log, WINDOWS)
    model = usable_model(training.model)
    question = Question(model, PriorModel(), PriorModel(), 0, training.interest.places, without_groups=True)
    assessment = assess(shadowed_site.log, joined, question)
    assert measured(assessment)["shadowing"]["model"] == model.name
    assert assessment.shadowing is not None
    return assessment.shadowing


def test_every_decision_that_it_scored_beside_is_compared_by_its_logged_scores(shadowing):
    assert (shadowing.alike.decisions, shadowing.people) == (160, 40)
    assert shadowing.skew < 1e-9
    assert 0 < shadowing.alike.first_ten.value < 1
    assert -1 < shadowing.alike.correlation.value < 1


def test_what_its_order_would_earn_and_how_its_probabilities_hold_is_told(shadowing):
    assert shadowing.off_policy is not None
    assert shadowing.off_policy.snips.low <= shadowing.off_policy.snips.value <= shadowing.off_policy.snips.high
    # The newest lists are left out: their people may still respond.
    judged = {name: sum(each.rows) for name, each in shadowing.calibrations.items()}
    assert judged == {"challenger": judged["decided"], "decided": judged["challenger"]}
    assert 100 < judged["decided"] < 160


def test_a_challenger_that_scores_as_what_decides_is_alike_in_everything(shadowed_site):
    joined, prior = join(shadowed_site.log, WINDOWS), PriorModel()
    seen = [_as_challenger(each) for each in read_evidence(shadowed_site.log, lambda _: True)]

    found = read_shadow(seen, joined.examples, prior, places=(), as_of=joined.as_of)

    assert found is not None
    assert (found.alike.first_ten.value, found.alike.first.value) == (1, 1)
    assert found.alike.correlation.value == pytest.approx(1)
    assert found.calibrations["challenger"] == found.calibrations["decided"]


def test_a_model_that_scored_beside_nothing_has_nothing_to_tell(site, joined, training):
    seen = list(read_evidence(site.log, lambda _: True))[-50:]

    assert read_shadow(seen, joined.examples, usable_model(training.model), places=(), as_of=joined.as_of) is None


def _as_challenger(seen: Seen) -> Seen:
    scores = PriorModel().score(seen.matrix, FEATURE_NAMES).joined
    return replace(seen, scores=scores, shadow=Shadow(PriorModel().name, tuple(scores.tolist())))
