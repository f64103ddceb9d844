"""A figure that does not hold says NO."""

from benchmarks.figures import amount, at_least, beside, table, told, within


def test_a_figure_at_its_limit_holds_and_one_past_it_does_not():
    assert within("p99", 30.0, "ms", limit=30.0).holds is True
    assert within("p99", 30.1, "ms", limit=30.0).holds is False


def test_a_rate_below_its_limit_does_not_hold():
    assert at_least("rate", 5_000.0, "events/s", limit=5_000.0).holds is True
    assert at_least("rate", 4_999.0, "events/s", limit=5_000.0).holds is False


def test_a_share_of_a_rival_is_what_must_hold():
    half = beside("rate", 5_100.0, "events/s", rival="bare loop", reference=10_000.0, at_least=0.5)
    less = beside("rate", 4_900.0, "events/s", rival="bare loop", reference=10_000.0, at_least=0.5)

    assert (half.holds, less.holds) == (True, False)
    assert half.ratio == 0.51


def test_a_rival_without_a_bound_gives_a_ratio_and_no_verdict():
    figure = beside("rate", 50.0, "requests/s", rival="bare route", reference=100.0)

    assert (figure.ratio, figure.holds) == (0.5, None)


def test_one_failure_breaks_a_limit_of_none():
    assert within("failures", 0, "", limit=0).holds is True
    assert within("failures", 1, "", limit=0).holds is False


def test_the_table_says_no_in_capitals():
    rows = table((within("p50", 12.0, "ms", limit=10.0), told("p90", 20.0, "ms"))).splitlines()

    assert rows[2] == "| p50 | 12.0 ms | ≤ 10.0 ms | 1.20 | NO |"
    assert rows[3] == "| p90 | 20.0 ms | - | - | - |"


def test_the_table_names_a_rival_and_the_share_that_was_wanted():
    row = table([beside("rate", 6.0, "ms", rival="bare hop", reference=2.0, at_most=3)]).splitlines()[2]

    assert row == "| rate | 6.00 ms | ≤ 3 x bare hop: 2.00 ms | 3.00 | yes |"


def test_numbers_have_three_digits_that_count():
    assert [amount(value, "") for value in (12_345.6, 45.67, 1.234, 0.01234)] == ["12,346", "45.7", "1.23", "0.0123"]
