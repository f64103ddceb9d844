"""Counts of postings: whatever the order, the batches and the clocks, they say how much happened of late."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.counts import (
    APPLIED,
    DAY_MS,
    DISMISSED,
    ELSEWHERE,
    ERA,
    HALF_LIVES_MS,
    HOUR_MS,
    LAYOUT,
    SAVED,
    SHOWN,
    VIEWED,
    WINDOWS,
    MemoryCounts,
    Tally,
)
from schemas.events import ApplicationMoved, JobMarked, JobRead, JobsShown, JobViewed

NOW = 1_763_900_000_000


def value_at(packed: bytes, slot: int, now: int) -> list[float]:
    """Answer a slot's counts by window as of `now`."""
    row = LAYOUT.unpack(packed)
    first = len(WINDOWS) * (1 + slot)
    return [
        row[first + window] * 2.0 ** -((now - row[window] * ERA * half_life) / half_life)
        for window, half_life in enumerate(HALF_LIVES_MS)
    ]


async def counted(*batches) -> dict[str, bytes]:
    kept = MemoryCounts("g1")
    for batch in batches:
        tally = Tally()
        for event in batch:
            tally.add(event, event.at)
        kept.add(tally.counts)
    return dict((await kept.changes(None, 0)).counts)


def viewed(at: int, place: int | None = None) -> JobViewed:
    return JobViewed(at=at, id=f"m-{at}", job_id="j", position=place)


async def test_a_count_is_halved_every_hour_day_and_week():
    row = (await counted([viewed(NOW - HOUR_MS, 1)]))["j"]

    assert value_at(row, VIEWED, NOW) == pytest.approx([0.5, 0.5 ** (1 / 24), 0.5 ** (1 / 168)])
    assert value_at(row, VIEWED, NOW + DAY_MS)[1] == pytest.approx(0.5 * 0.5 ** (1 / 24))


async def test_everything_that_happens_to_a_posting_has_its_slot():
    row = (
        await counted(
            [
                JobsShown(at=NOW, id="a", job_ids=("x", "y", "z", "j")),
                viewed(NOW, 4),
                viewed(NOW),
                JobMarked(at=NOW, id="b", job_id="j", mark="saved"),
                JobMarked(at=NOW, id="c", job_id="j", mark="dismissed"),
                ApplicationMoved(at=NOW, id="d", job_id="j", stage="submitted"),
                JobRead(at=NOW, id="e", job_id="j", dwell_ms=10),
            ]
        )
    )["j"]

    once = [slot for slot in range(DISMISSED + 1) if value_at(row, slot, NOW)[2] == pytest.approx(1.0)]
    assert once == [SHOWN + 2, VIEWED + 2, ELSEWHERE, SAVED, APPLIED, DISMISSED]


@given(st.lists(st.integers(NOW - 60 * DAY_MS, NOW), min_size=1, max_size=12), st.integers(1, 5), st.randoms())
async def test_counts_are_the_same_in_any_order_and_any_batches(times, size, chance):
    shuffled = chance.sample(times, len(times))
    events = [viewed(at, 1) for at in shuffled]

    there = await counted([viewed(at, 1) for at in sorted(times)])
    here = await counted(*[events[start : start + size] for start in range(0, len(events), size)])

    assert value_at(here["j"], VIEWED, NOW) == pytest.approx(value_at(there["j"], VIEWED, NOW), rel=1e-9, abs=1e-12)


async def test_what_nobody_heard_of_for_long_counts_nothing_beside_what_happens_now():
    row = (await counted([viewed(NOW - 400 * DAY_MS, 1)], [viewed(NOW, 1)]))["j"]

    assert value_at(row, VIEWED, NOW) == pytest.approx([1.0, 1.0, 1.0])
