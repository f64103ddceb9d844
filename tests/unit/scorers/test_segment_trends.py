"""What trends in a segment: shares of its members' looks, drawn to everybody's; for its members, with a reason, of enough people."""

import pytest

from profiles.store import TREND_HOURS
from profiles.trails import Trail
from scorers.models import PriorModel
from scorers.pipeline import Stages, decide
from scorers.policy import Policy, Shortlisting
from scorers.reasons import explain
from scorers.segment_trends import (
    HALF_LIFE_HOURS,
    KEPT,
    LEAST_LOOKERS,
    LEAST_PEOPLE,
    PEOPLE_LIMIT,
    PRIOR_LOOKS,
    SegmentLooks,
    SegmentTrend,
)
from scorers.sources.trending import SEGMENTS_OF_A_PERSON, Trending
from scorers.trends import Trends
from tests.unit.scorers.builders import HOUR, NOW, a_catalog, a_job, a_person, a_query, chosen, decided

NOW_HOUR = NOW // HOUR
COOKS = {"cooks": "Cooking"}


def a_look(*jobs: str, hour: int = NOW_HOUR, segments: tuple[str, ...] = ("cooks",)) -> Trail:
    return Trail(jobs, (hour,) * len(jobs), segments)


def shares(*trails: Trail, names=COOKS, segment: str = "cooks") -> dict[str, float]:
    looks = SegmentLooks(names)
    for number, trail in enumerate(trails):
        looks.put(f"p-{number}", trail)
    found = looks.trends(NOW).get(segment)
    return {} if found is None else dict(found.shares)


def test_a_share_is_the_segments_own_drawn_to_everybodys():
    members = [a_look("soup")] * 30 + [a_look("bread")] * 10
    others = [a_look("bus", segments=())] * 40

    own, all_soup = 40, 30 / 80
    assert shares(*members, *others) == pytest.approx({
        "soup": (30 + PRIOR_LOOKS * all_soup) / (own + PRIOR_LOOKS),
        "bread": (10 + PRIOR_LOOKS * 10 / 80) / (own + PRIOR_LOOKS),
    })  # fmt: skip


def test_a_look_counts_half_after_a_half_life_and_nothing_in_the_end():
    fresh = [a_look("new")] * LEAST_PEOPLE
    half = a_look("old", hour=NOW_HOUR - int(HALF_LIFE_HOURS))

    found = shares(*fresh, *[half] * LEAST_PEOPLE)
    assert found["old"] / found["new"] == pytest.approx(0.5)
    assert "old" not in shares(*fresh, *[a_look("old", hour=NOW_HOUR - TREND_HOURS)] * LEAST_PEOPLE)


def test_a_segment_of_too_few_people_has_no_trend():
    assert shares(*[a_look("soup")] * LEAST_PEOPLE)
    assert shares(*[a_look("soup")] * (LEAST_PEOPLE - 1), *[a_look("soup", segments=())] * 30) == {}


def test_what_too_few_members_looked_at_is_not_told():
    crowd = [a_look("soup")] * LEAST_PEOPLE

    assert "rare" not in shares(*crowd, *[a_look("rare")] * (LEAST_LOOKERS - 1), a_look("rare", segments=()))
    assert "rare" in shares(*crowd, *[a_look("rare")] * LEAST_LOOKERS)


def test_somebody_who_looks_again_is_one_person():
    looks = SegmentLooks(COOKS)
    for _ in range(LEAST_PEOPLE):
        looks.put("ada", a_look("soup"))

    assert looks.trends(NOW) == {}


def test_a_segment_that_is_not_configured_is_not_counted():
    assert shares(*[a_look("soup", segments=("drivers",))] * LEAST_PEOPLE, segment="drivers") == {}


def test_the_people_who_moved_last_are_counted_and_no_more():
    late = [a_look("bread")] * PEOPLE_LIMIT

    assert set(shares(*[a_look("soup")] * LEAST_PEOPLE, *late)) == {"bread"}


def test_of_a_trend_the_hottest_are_kept_and_equals_by_their_id():
    jobs = tuple(f"j-{number:03}" for number in range(KEPT + 9))

    assert tuple(shares(*[a_look(*jobs[::-1])] * LEAST_PEOPLE)) == jobs[:KEPT]


JOBS = [a_job(f"j-{number}", title="Nurse", employer=f"e-{number}") for number in range(30)]
TRENDS = Trends({"j-1": 9.0}, {"cooks": SegmentTrend("Cooking", {f"j-{number}": 0.01 for number in (20, 21, 22)})})


def proposed(*segments: str, trends: Trends = TRENDS) -> set[str]:
    ((_, recall),) = decide(
        [a_query(a_person(), segments=segments)], catalog=a_catalog(*JOBS), policy=Policy(shortlisting=Shortlisting(trending=2)),
        model=PriorModel(), trends=trends, now=NOW, stages=Stages(sources=(Trending(),)),
    )  # fmt: skip
    return set(recall().considered)


def test_a_member_is_proposed_what_trends_in_the_segment_and_others_are_not():
    assert proposed("cooks") == {"j-1", "j-20", "j-21"}
    assert proposed("drivers") == {"j-1"}
    assert proposed() == {"j-1"}


def test_what_trends_in_a_segment_is_proposed_where_nothing_else_trends():
    assert proposed("cooks", trends=Trends({}, TRENDS.of_segments)) == {"j-20", "j-21"}


def test_who_is_in_many_segments_is_proposed_what_trends_in_the_first_of_them():
    keys = [f"s-{number}" for number in range(SEGMENTS_OF_A_PERSON + 2)]
    trends = Trends({}, {key: SegmentTrend(key, {f"j-{number}": 0.1}) for number, key in enumerate(keys)})

    assert proposed(*keys, trends=trends) == {f"j-{number}" for number in range(SEGMENTS_OF_A_PERSON)}


def test_a_posting_that_left_the_catalogue_trends_nowhere():
    assert proposed("cooks", trends=Trends({}, {"cooks": SegmentTrend("Cooking", {"gone": 0.5})})) == set()


def test_a_member_is_told_that_it_trends_in_the_segment_and_that_no_score_is_made_of_it():
    member, other = (
        chosen(decided(a_person(), a_catalog(*JOBS[18:24]), trends=TRENDS, segments=segments))
        for segments in (("cooks",), ())
    )
    told = {
        item.id: [reason for reason in item.reasons if reason.code == "trending_in_segment"] for item in member.items
    }
    named = [reason for reasons in told.values() for reason in reasons]

    assert {job for job, reasons in told.items() if reasons} == {"j-20", "j-21", "j-22"}
    assert {(explain(reason), reason.weight) for reason in named} == {("Trending now in “Cooking”", 0.0)}
    assert not [reason for item in other.items for reason in item.reasons if reason.code == "trending_in_segment"]
    assert {item.id: item.score for item in member.items} == {item.id: item.score for item in other.items}
