"""Live statistics: places are taken out of views, and little evidence is drawn to the kind's mean."""

import pytest

from catalog.statistics import Figures, ItemCounts, Slots

HOUR = 3_600_000
LAYOUT = Slots(
    half_lives_ms=(HOUR, 24 * HOUR), era=512, groups=2, width=8, elsewhere=4, saved=5, applied=6, dismissed=7
)
NOW = 512 * 24 * HOUR * 40


def counted(**postings: dict[int, float]) -> Figures:
    """Answer the figures of postings, told by slot; all of it happened just now."""
    counts = ItemCounts(LAYOUT)
    eras = [NOW // (512 * half_life) for half_life in LAYOUT.half_lives_ms]
    assert all(era * 512 * half_life == NOW for era, half_life in zip(eras, LAYOUT.half_lives_ms, strict=True))
    for job, slots in postings.items():
        counts.put(job, eras, [slots.get(slot, 0.0) for slot in range(LAYOUT.width) for _ in LAYOUT.half_lives_ms])
    return counts.figures({"nurse": 1, "midwife": 1, "driver": 2}, NOW)


TOP, BELOW, VIEWED_TOP, VIEWED_BELOW, ELSEWHERE, SAVED, APPLIED, DISMISSED = range(8)


def test_a_posting_at_the_bottom_is_as_good_as_one_at_the_top_that_is_opened_as_often_for_its_place():
    found = counted(
        usual={TOP: 500, VIEWED_TOP: 200, BELOW: 500, VIEWED_BELOW: 50},
        high={TOP: 1000, VIEWED_TOP: 400},
        low={BELOW: 1000, VIEWED_BELOW: 100},
    )

    assert found.appeal[found.rows["high"]] == pytest.approx(found.appeal[found.rows["low"]], rel=0.02)
    assert found.examined.tolist() == pytest.approx([1.0, 0.25])


def test_what_is_opened_more_than_others_at_its_place_appeals_more():
    found = counted(liked={TOP: 1000, VIEWED_TOP: 400}, shunned={TOP: 1000, VIEWED_TOP: 100})

    assert found.appeal[found.rows["liked"]] == pytest.approx(1.6, rel=0.05)
    assert found.appeal[found.rows["shunned"]] == pytest.approx(0.4, rel=0.05)


def test_a_new_posting_is_taken_for_a_usual_one_of_its_kind():
    found = counted(
        nurse={ELSEWHERE: 1000, APPLIED: 300}, driver={ELSEWHERE: 1000, APPLIED: 10}, midwife={ELSEWHERE: 1}
    )

    assert found.applied_rate[found.rows["midwife"]] == pytest.approx(0.3, abs=0.03)
    assert found.applied_rate[found.rows["driver"]] == pytest.approx(0.01, abs=0.005)


def test_views_from_no_list_are_views_but_say_nothing_of_places():
    found = counted(found={TOP: 10, VIEWED_TOP: 5, ELSEWHERE: 45})

    assert found.viewed[0].tolist() == [50, 50]
    assert found.appeal[0] == pytest.approx(1.0)


def test_nothing_counted_is_no_trouble():
    assert counted().rows == {}


def test_counts_are_halved_as_time_passes():
    counts = ItemCounts(LAYOUT)
    counts.put("j", [NOW // (512 * HOUR), NOW // (512 * 24 * HOUR)], [1.0, 1.0] * LAYOUT.width)

    assert counts.figures({}, NOW + HOUR).saved[0].tolist() == pytest.approx([0.5, 0.5 ** (1 / 24)])
