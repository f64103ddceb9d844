from pathlib import Path

import pytest

from profiles.segments import ConfigError, Verdict, evaluate, evaluate_all, load_segments
from schemas.events import Moment, Tracked
from tests.unit.profiles.builders import (
    DAY,
    HOUR,
    NOW,
    a_candidate,
    a_mark,
    a_move,
    a_page,
    a_preference,
    a_search,
    a_view,
    traits,
)

SHIPPED = Path(__file__).parents[3] / "careerstream" / "config" / "segments.yaml"
TODAY = NOW // DAY * DAY
"""The beginning of the day of NOW."""


def a_rule(condition: str):
    [rule] = load_segments(f"segments:\n  it:\n    name: It\n    when: {condition}\n", "s.yaml")
    return rule


def verdict(condition: str, *events, now: int = NOW, affinities=None) -> Verdict:
    return evaluate(a_rule(condition), a_candidate(*events), affinities or {}, now)


def problem(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        load_segments(text, "s.yaml")
    return str(raised.value)


def test_a_count_holds_until_the_midnight_at_which_a_day_leaves_its_window():
    views = [a_view(at=NOW - 2 * DAY), a_view(at=NOW - DAY), a_view(at=NOW)]

    assert verdict("{count: {event: job_viewed, within: 7d, at_least: 3}}", *views) == (True, TODAY + 5 * DAY)
    assert verdict("{count: {event: job_viewed, within: 7d, at_least: 4}}", *views) == (False, None)
    assert verdict("{count: {event: job_viewed, within: 2d, at_least: 2}}", *views) == (True, TODAY + DAY)


def test_a_count_at_most_begins_to_hold_when_enough_days_left():
    views = [a_view(at=NOW - DAY), a_view(at=NOW), a_view(at=NOW)]

    assert verdict("{count: {event: job_viewed, within: 7d, at_most: 0}}", *views) == (False, TODAY + 7 * DAY)
    assert verdict("{count: {event: job_viewed, within: 7d, at_most: 2}}", *views) == (False, TODAY + 6 * DAY)
    assert verdict("{count: {event: job_viewed, within: 7d, at_most: 3}}", *views) == (True, None)


def test_a_count_of_nothing_is_zero():
    assert verdict("{count: {event: job_viewed, within: 7d}}") == (False, None)
    assert verdict("{count: {event: job_viewed, within: 7d, at_most: 0}}") == (True, None)


def test_a_count_without_a_window_never_turns_by_time():
    assert verdict("{count: {event: [job_viewed, job_searched], at_least: 2}}", a_view(), a_search("x")) == (True, None)


def test_other_events_are_counted_by_their_own_name():
    chat = Tracked(at=NOW, id="m", moment=Moment(), name="Chat Opened")

    assert verdict("{count: {tracked: Chat Opened, within: 1d}}", chat) == (True, TODAY + DAY)


def test_recency_holds_up_to_its_window_and_not_at_its_end():
    condition = "{recency: {event: job_saved, within: 14d}}"
    saved = a_mark("saved", at=NOW)

    assert verdict(condition, saved) == (True, NOW + 14 * DAY)
    assert verdict(condition, saved, now=NOW + 14 * DAY - 1).holds
    assert verdict(condition, saved, now=NOW + 14 * DAY) == (False, None)


def test_what_never_was_is_neither_recent_nor_long_ago():
    assert verdict("{recency: {event: job_saved, within: 14d}}", a_view()) == (False, None)
    assert verdict("{recency: {event: any, older_than: 14d}}") == (False, None)


def test_long_ago_begins_to_hold_when_it_is_old_enough():
    assert verdict("{recency: {event: any, older_than: 30d, within: 60d}}", a_view()) == (False, NOW + 30 * DAY)
    assert verdict("{recency: {event: any, older_than: 30d, within: 60d}}", a_view(), now=NOW + 30 * DAY) == (
        True,
        NOW + 60 * DAY,
    )


def test_the_first_visit_is_the_first_sign_of_the_candidate():
    condition = "{recency: {event: first_visit, within: 1d}}"

    assert verdict(condition, a_view(at=NOW - 2 * DAY), a_view()) == (False, None)


def test_an_affinity_is_found_by_value_or_by_the_beginning_of_a_word_and_looked_at_again_later():
    liked = {"category": {"Technology, Data & Innovation": 0.4}}

    assert verdict("{affinity: {dimension: category, containing: [tech, x], at_least: 0.4}}", affinities=liked) == (
        True,
        NOW + 6 * HOUR,
    )
    assert verdict("{affinity: {dimension: category, containing: ech, at_least: 0.4}}", affinities=liked) == (
        False,
        None,
    )
    value = '"technology, data & innovation"'
    assert verdict(f"{{affinity: {{dimension: category, value: {value}, at_least: 0.5}}}}", affinities=liked) == (
        False,
        NOW + 6 * HOUR,
    )


def test_preferences_are_asked_in_the_words_of_the_typed_view():
    said = [a_preference("workplace", "Remote"), a_preference("salary_min", "65,000"), a_preference("place", "Rome")]

    assert verdict("{preference: {key: workplaces, includes: [REMOTE, HYBRID]}}", *said).holds
    assert verdict("{preference: {key: places, includes: rome}}", *said).holds
    assert verdict("{preference: {key: salary_min, at_least: 60000}}", *said).holds
    assert not verdict("{preference: {key: salary_min, at_most: 60000}}", *said).holds
    assert verdict("{preference: {key: skills, exists: false}}", *said).holds
    assert not verdict("{preference: {key: currency, includes: USD}}", *said).holds


def test_a_trait_is_compared_with_its_type():
    given = traits(plan="pro", visits=1)

    assert verdict("{trait: {key: plan, equals: [pro, basic]}}", given).holds
    assert verdict("{trait: {key: visits, equals: 1}}", given).holds
    assert not verdict("{trait: {key: visits, equals: true}}", given).holds
    assert verdict("{trait: {key: plan, exists: true}}", given).holds
    assert not verdict("{trait: {key: company, exists: true}}", given).holds


def test_any_application_at_a_stage_is_enough_and_the_longest_one_counts():
    condition = "{application: {stage: [started], older_than: 1d, within: 14d}}"
    moves = [
        a_move("started", "j-1", at=NOW - 2 * DAY),
        a_move("started", "j-2", at=NOW - DAY),
        a_move("submitted", "j-3"),
    ]

    assert verdict(condition, *moves) == (True, NOW + 13 * DAY)
    assert verdict(condition, a_move("started", at=NOW)) == (False, NOW + DAY)
    assert verdict(condition, a_move("submitted", at=NOW - 2 * DAY)) == (False, None)


def test_a_session_is_asked_for_its_circumstances_and_its_size():
    page = a_page(device="mobile", campaign={"source": "LinkedIn"})

    assert verdict("{session: {device: mobile, campaign.source: linkedin, pages: {at_least: 1}}}", page).holds
    assert not verdict("{session: {device: desktop}}", page).holds
    assert not verdict("{session: {device: mobile}}").holds
    assert verdict("{session: {visits: {at_most: 1}}}", page).holds


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{all: [{recency: {event: any, within: 1d}}, {recency: {event: any, within: 2d}}]}", (True, NOW + DAY)),
        ("{any: [{recency: {event: any, within: 1d}}, {recency: {event: any, within: 2d}}]}", (True, NOW + 2 * DAY)),
        (
            "{all: [{recency: {event: any, older_than: 1d}}, {recency: {event: any, older_than: 2d}}]}",
            (False, NOW + 2 * DAY),
        ),
        (
            "{any: [{recency: {event: any, older_than: 1d}}, {recency: {event: any, older_than: 2d}}]}",
            (False, NOW + DAY),
        ),
        ("{not: {recency: {event: any, within: 1d}}}", (False, NOW + DAY)),
        ("{all: [{recency: {event: job_saved, within: 1d}}, {recency: {event: any, older_than: 2d}}]}", (False, None)),
        (
            "{any: [{recency: {event: job_saved, within: 1d}}, {recency: {event: any, within: 2d}}]}",
            (True, NOW + 2 * DAY),
        ),
    ],
)
def test_joined_conditions_know_when_the_first_of_them_can_turn_the_whole(condition, expected):
    assert verdict(condition, a_view()) == expected


def test_a_segment_may_rest_on_another_one_wherever_it_stands():
    text = """
segments:
  second: {name: Second, when: {not: {segment: first}}}
  first: {name: First, when: {count: {event: job_viewed, at_least: 1}}}
"""
    rules = load_segments(text, "s.yaml")

    assert {key: verdict.holds for key, verdict in evaluate_all(rules, a_candidate(a_view()), {}, NOW).items()} == {
        "second": False,
        "first": True,
    }


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("{cont: {}}", "unknown 'cont' in when (did you mean 'count'?)"),
        ("{}", "a condition asks one thing, here: nothing (join several by `all:` or `any:`, each an item)"),
        ("{not: {segment: nowhere}}", "there is no segment 'nowhere' (known: it)"),
        ("{segment: it}", "segments rest on each other: it -> it (take one of them out)"),
        ("{any: []}", "`any:` joins no conditions (give at least one)"),
        (
            "{count: {within: 7d}}",
            "count needs one of event and tracked (`tracked:` counts other events by their own name)",
        ),
        ("{count: {event: job_view}}", "event is 'job_view' (did you mean 'job_viewed'?)"),
        ("{count: {event: job_viewed, within: 36h}}", "within is 36h (counts are kept by day: give 1d to 30d)"),
        ("{count: {event: job_viewed, within: 90d}}", "within is 90d (counts are kept by day: give 1d to 30d)"),
        (
            "{count: {event: job_viewed, at_least: 3, at_most: 2}}",
            "at_least 3 is more than at_most 2 (nothing is in between)",
        ),
        ("{recency: {event: any}}", "recency needs within or older_than (such as `within: 30d`)"),
        (
            "{recency: {event: any, older_than: 3d, within: 2d}}",
            "older_than is not shorter than within (nothing is in between)",
        ),
        (
            "{affinity: {dimension: category, at_least: 0.3}}",
            "affinity needs one of value and containing (`containing:` finds words that begin so)",
        ),
        ("{affinity: {dimension: category, value: x, at_least: 3}}", "at_least is 3 (0.001 to 1.0)"),
        ("{affinity: {dimension: category, value: [], at_least: 0.3}}", "value is empty (give at least one)"),
        ("{preference: {key: workplaces, includes: HOME}}", "includes is 'HOME'"),
        ("{preference: {key: skills, at_least: 3}}", "skills is no amount (at_least and at_most are for salary_min)"),
        ("{preference: {key: salary_min, includes: x}}", "salary_min is an amount (ask with at_least or at_most)"),
        ("{preference: {key: skills}}", "preference needs a question (such as `exists: true`)"),
        (
            "{trait: {key: date_of-birth, exists: true}}",
            "date_of-birth is or stands for a protected attribute (such traits are never kept)",
        ),
        ("{trait: {key: plan, equals: {a: 1}}}", "equals needs a text, a number or true or false (or a list of them)"),
        ("{application: {stage: sent}}", "stage is 'sent'"),
        ("{session: {}}", "session asks nothing (such as `device: mobile`)"),
        ("{session: {pages: {}}}", "pages needs at_least or at_most (such as `at_least: 3`)"),
        ("{session: {campaign.sauce: x}}", "unknown 'campaign.sauce' in session (did you mean 'campaign.source'?)"),
    ],
)
def test_a_mistake_in_a_condition_is_told_with_its_line_and_what_would_be_right(when, said):
    assert problem(f"segments:\n  it:\n    name: It\n    when: {when}\n").startswith(f"s.yaml:4: {said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "s.yaml:1: segments is missing"),
        ("segments: []", "s.yaml:1: segments is a list (give names with values)"),
        (
            "segments:\n  It: {name: x, when: {}}",
            "s.yaml:2: the key 'It' (1 to 40 lower case letters, digits and hyphens, a letter first)",
        ),
        ("segments:\n  it: {when: {}}", "s.yaml:2: name is missing in it"),
        (
            "segments:\n  it:\n    name: x\n    iab: 46\n    exportable: true\n    when: {count: {event: job_viewed}}",
            "s.yaml:4: IAB audience 46 may not be used",
        ),
        (
            "segments:\n  it:\n    name: x\n    iab: 338\n    when: {count: {event: job_viewed}}",
            "s.yaml:4: an IAB id on a segment that is not exportable",
        ),
    ],
)
def test_a_mistake_around_the_conditions_is_told_with_its_line(text, said):
    assert problem(text).startswith(said)


def test_more_segments_than_can_be_evaluated_are_refused():
    many = "".join(f"  s{n}: {{name: x, when: {{count: {{event: job_viewed}}}}}}\n" for n in range(201))

    assert "at most 200" in problem(f"segments:\n{many}")


def test_the_shipped_segments_load_and_health_stays_in_the_house():
    rules = {rule.key: rule for rule in load_segments(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)}

    assert len(rules) == 13
    assert not rules["health-care"].exportable
    assert {rule.iab for rule in rules.values() if rule.exportable} == {"304", "338", "342"}


@pytest.mark.parametrize(
    ("key", "events"),
    [
        ("new-visitors", [a_page()]),
        ("returning", [a_page(at=NOW - 3 * DAY), a_page()]),
        ("active-job-seekers", [a_search("nurse"), a_search("icu")]),
        ("high-intent", [a_mark("saved")]),
        ("applicants", [a_move("screened")]),
        ("stalled-applications", [a_move("started", at=NOW - 2 * DAY)]),
        ("interviewing", [a_move("interview_scheduled")]),
        ("remote-minded", [a_preference("workplaces", "remote")]),
        ("students", [a_preference("seniorities", "student")]),
        ("lapsed", [a_view(at=NOW - 40 * DAY)]),
    ],
)
def test_a_shipped_segment_takes_in_whom_its_name_says(key, events):
    rules = load_segments(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)
    held = {name for name, verdict in evaluate_all(rules, a_candidate(*events), {}, NOW).items() if verdict.holds}

    assert key in held


@pytest.mark.parametrize(
    ("key", "affinities"),
    [
        ("remote-minded", {"workplace": {"REMOTE": 0.6}}),
        ("it-and-data", {"category": {"Technology, Data & Innovation": 0.5}}),
        ("engineering", {"category": {"Engineering, Architecture, & Planning": 0.5}}),
        ("health-care", {"category": {"Health": 0.5}}),
        ("students", {"seniority": {"STUDENT": 0.5}}),
    ],
)
def test_a_shipped_segment_takes_in_whose_behaviour_points_there(key, affinities):
    rules = load_segments(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)

    assert evaluate_all(rules, a_candidate(a_view()), affinities, NOW)[key].holds


def test_who_applied_is_not_called_undecided():
    rules = load_segments(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)
    person = a_candidate(a_mark("saved"), a_move("started"), a_move("submitted", at=NOW + 1))

    assert not evaluate_all(rules, person, {}, NOW + 2)["high-intent"].holds


def trending(condition: str, key: str = "it") -> str:
    return f"segments:\n  {key}:\n    name: It\n    trending: true\n    when: {condition}\n"


def test_a_segment_of_what_people_do_and_look_for_may_trend():
    [rule] = load_segments(trending("{affinity: {dimension: category, value: health, at_least: 0.3}}"), "s.yaml")

    assert rule.trending


@pytest.mark.parametrize(
    ("condition", "key", "told"),
    [
        ("{not: {trait: {key: zipCode, exists: true}}}", "it", "zipCode"),
        ("{any: [{count: {event: job_viewed}}, {all: [{session: {locale: de-DE}}]}]}", "it", "locale"),
        ("{session: {locality: Harlem}}", "it", "locality"),
        ("{count: {event: job_viewed}}", "age-under-30", "age-under-30"),
    ],
)
def test_no_segment_of_a_protected_attribute_or_what_stands_for_one_may_trend(condition, key, told):
    assert f"s.yaml:4: {told} is or stands for a protected attribute" in problem(trending(condition, key))


def test_no_more_segments_trend_than_are_counted():
    rules = "".join(trending("{count: {event: job_viewed}}", f"s-{n}").removeprefix("segments:\n") for n in range(17))

    assert "17 segments trend" in problem(f"segments:\n{rules}")
