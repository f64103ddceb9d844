"""The figures that models are judged by."""

import numpy as np
import pytest

from learning.metrics import auc, calibration, interval, ndcg, rank_correlation


def test_figures_are_those_of_the_textbook():
    assert ndcg(np.array([0.0, 1.0, 0.0])) == pytest.approx(1 / np.log2(3))
    assert ndcg(np.array([3.0, 0.0, 1.0])) == pytest.approx((3 + 0.5) / (3 + 1 / np.log2(3)))
    assert auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])) == 0.75
    assert auc(np.array([1.0, 1.0]), np.array([True, False])) == 0.5
    assert np.isnan(auc(np.array([1.0]), np.array([True])))


def test_probabilities_that_hold_have_no_calibration_error():
    chances = np.repeat([0.0, 1.0], 50)

    assert calibration(chances, chances > 0.5).error == 0


def test_an_interval_draws_people_not_lists():
    values, people = np.array([0.0, 1.0] * 50), np.array(["a", "b"] * 50)

    assert interval(values, people).low == 0
    assert interval(values, np.arange(100).astype(str)).low > 0.3


def test_rank_correlation_is_spearmans():
    up = np.array([1.0, 2.0, 3.0, 4.0])

    assert rank_correlation(up, up**3) == pytest.approx(1)
    assert rank_correlation(up, -up) == pytest.approx(-1)
    assert rank_correlation(up, np.array([1.0, 1.0, 2.0, 2.0])) == pytest.approx(2 / 5**0.5)
    assert np.isnan(rank_correlation(up, np.ones(4)))
