"""A rate counts from the first tenth to the end."""

import pytest

from benchmarks.progress import steady_rate


def test_what_came_before_the_first_tenth_is_not_counted():
    marks = [(0.0, 0), (10.0, 5), (10.5, 10), (11.5, 60), (12.5, 100), (20.0, 100)]

    assert steady_rate(marks, 100) == (100 - 10) / 2.0


def test_a_backlog_that_was_gone_at_the_first_look_has_no_rate():
    with pytest.raises(ValueError, match="more records"):
        steady_rate([(0.0, 100)], 100)
