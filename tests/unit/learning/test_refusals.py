"""What must not, or cannot, be learned from stops the training with a sentence."""

import pytest

from learning.constraints import ForbiddenFeatures, check_features
from learning.examples import join
from learning.training import TooLittle, split_by_time, train
from scorers.features import FEATURE_NAMES
from tests.learning.site import WINDOWS, Site


def test_a_feature_that_stands_for_a_protected_attribute_stops_the_training():
    with pytest.raises(ForbiddenFeatures, match="zip_code_match"):
        check_features((*FEATURE_NAMES, "zip_code_match"))


def test_a_log_without_outcomes_is_too_little():
    site = Site(people=3, responds=False)

    with pytest.raises(TooLittle, match="0 responses"):
        train(join(site.run(3).log, WINDOWS), fit_share=0.4, trained_at=1)


def test_a_log_without_served_lists_is_too_little():
    with pytest.raises(TooLittle, match="no served list of jobs to learn from"):
        split_by_time(join(Site(people=1).log, WINDOWS))
