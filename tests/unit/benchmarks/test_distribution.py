"""Percentiles are measurements, not interpolations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.distribution import distribution, median, percentile

MEASUREMENTS = st.lists(st.floats(0, 1e6), min_size=1)


def test_of_a_hundred_measurements_the_99th_is_p99():
    measured = distribution(range(100, 0, -1))

    assert (measured.count, measured.p50, measured.p99, measured.worst) == (100, 50, 99, 100)


def test_one_measurement_is_every_percentile():
    assert distribution([7.0]).p99 == median([7.0]) == 7.0


def test_without_measurements_there_is_no_distribution():
    with pytest.raises(ValueError, match="nothing was measured"):
        distribution([])


@given(MEASUREMENTS, st.integers(1, 100))
def test_a_percentile_is_a_measurement_that_its_share_does_not_exceed(measurements, share):
    ordered = sorted(measurements)

    found = percentile(ordered, share)

    assert found in measurements
    assert sum(value <= found for value in ordered) * 100 >= share * len(ordered)
