"""The report says how many bounds are broken before anything else."""

from benchmarks.__main__ import PARTS, report
from benchmarks.conditions import Moment, conditions
from benchmarks.figures import Chapter, told, within


def test_a_broken_bound_is_told_in_the_first_lines_and_how_fast_the_machine_was_at_the_end():
    chapter = Chapter("Freshness", (within("p99", 40.0, "ms", limit=30.0), told("p50", 5.0, "ms")), "How.")

    written = report({"date": "today"}, [(chapter, Moment(load=1.5, loop_ms=61.2))])

    assert "1 bounds do not hold (NO below)." in written.splitlines()[2]
    assert "## Freshness" in written
    assert "At the end: load average 1.5; Python adds up a million squares in 61 ms." in written


def test_conditions_name_what_was_run_where_and_on_what():
    told_ = conditions("python -m benchmarks", {"Redis": "7.0.15"})

    assert {"command", "date", "processor", "system", "servers", "packages"} == set(told_)
    assert "Redis 7.0.15" in told_["servers"]
    assert "faust-streaming 0.15" in told_["packages"]


def test_every_part_can_be_asked_for_by_name():
    assert {"worker", "http", "freshness", "memory"} <= set(PARTS)
