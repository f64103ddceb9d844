"""Training learns what the outcomes say, undoes what the place in the list did, and respects what it must."""

from dataclasses import replace

import numpy as np
import pytest

from learning.constraints import FALLING, RISING
from learning.examples import NEVER
from learning.judging import judge
from learning.rankers import rankers
from learning.training import STEPS, train
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.trained import usable_model


def test_a_trained_model_may_decide(training):
    assert usable_model(training.model).name == training.model.name


def test_both_heads_predict_held_out_outcomes_better_than_the_prior(training):
    assert training.interest.loss < training.interest.prior_loss
    assert training.fit.loss < training.fit.prior_loss


def test_the_trained_model_ranks_held_out_lists_better_than_the_prior(training):
    prior, split = PriorModel(), training.split
    model = usable_model(training.model)
    named = rankers(model, prior, prior, split.train, split.test_from)

    judged = judge(split.test, named, model=model, prior=prior, as_of=split.as_of, places=training.interest.places)

    ranked = judged.ranking
    assert ranked["model"]["ndcg"].value > ranked["incumbent"]["ndcg"].value
    assert judged.gain.low > 0, "the gate would not see it"
    assert judged.interest.auc > judged.interest.prior_auc


def test_lower_places_are_found_to_be_looked_at_less(training):
    places = training.interest.places

    assert places[0] == 0
    assert np.mean(places[5:10]) < np.mean(places[1:4]) < 0


def test_the_same_log_trains_the_same_model_and_tells_its_progress_to_the_end(joined, training):
    steps = []
    again = train(joined, fit_share=0.4, trained_at=joined.as_of, on_step=lambda: steps.append(1))

    assert again.model == training.model
    assert len(steps) == STEPS


def test_a_side_without_outcomes_is_as_loud_beside_the_other_as_by_the_prior(joined):
    never = np.full(len(joined.examples), NEVER)
    nobody_applied = replace(joined.examples, submitted_at=never, wanted_at=never, rejected_at=never)
    training = train(replace(joined, examples=nobody_applied), fit_share=0.4, trained_at=joined.as_of)
    matrix = training.split.tune.matrix

    def loudness(model):
        opinion = model.score(matrix, FEATURE_NAMES)
        return opinion.fit.std() / opinion.interest.std()

    assert training.fit.setting is None
    assert loudness(usable_model(training.model)) == pytest.approx(loudness(PriorModel()))


def test_nothing_that_trains_has_seen_the_newest_lists(training):
    split = training.split

    assert split.train.at.max() < split.tune_from <= split.tune.at.min()
    assert split.tune.at.max() < split.test_from <= split.test.at.min()


@pytest.mark.parametrize("side", ["fit", "interest"])
def test_more_of_what_must_not_hurt_never_lowers_a_head(training, side):
    model, rows = usable_model(training.model), training.split.test.matrix[:300]
    for directions, sign in ((RISING, 1), (FALLING, -1)):
        for name in directions[side]:
            column = FEATURE_NAMES.index(name)
            more = rows.copy()
            more[:, column] = np.minimum(more[:, column] + np.float32(0.3), 1.0)
            risen = more[:, column] >= rows[:, column]
            apart = getattr(model.score(more, FEATURE_NAMES), side) - getattr(model.score(rows, FEATURE_NAMES), side)

            assert (sign * apart[risen] >= -1e-9).all(), name
