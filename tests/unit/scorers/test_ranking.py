"""What the prior makes of what people did: examples that a recruiter would check by eye."""

from profiles.candidate import Interaction
from schemas.events import Moment
from schemas.jobs import Place
from scorers.crowd import gather
from scorers.policy import Policy
from scorers.query import RequestContext
from scorers.trends import Trends
from tests.unit.scorers.builders import (
    DAY,
    HOUR,
    NOW,
    TITLES,
    a_catalog,
    a_job,
    a_person,
    a_query,
    asked,
    at_town,
    chosen,
    decided,
    looking_for,
    score_of,
    shown,
)

OTHERS = tuple(
    a_job(f"x-{number}", title=f"Clerk {word}", town="Ulm", employer=f"Office {number}", occupation=f"Clerks {number}")
    for number, word in enumerate(["Archive", "Registry", "Front Desk", "Mail", "Records", "Permits"])
)
"""Something that nobody here asks for."""


def test_the_place_of_what_was_viewed_decides_before_its_title():
    here = a_job("here", title="Cook", employer="A")
    alike = a_job("alike", town="Berlin", employer="B")
    catalog = a_catalog(a_job("seen"), here, alike, *OTHERS)

    made = decided(a_person(viewed=["seen"]), catalog)

    assert score_of(made, "here") > score_of(made, "alike") > score_of(made, "x-0")


def test_one_view_is_enough_to_put_its_neighbours_first():
    catalog = a_catalog(a_job("seen"), a_job("twin", title="Night Nurse ICU", employer="Other"), *OTHERS)

    made = decided(a_person(viewed=["seen"]), catalog)

    assert shown(made)[0] == "twin"


def test_reading_for_long_says_more_than_a_glance():
    read, glanced = a_job("read", town="Bonn"), a_job("glanced", town="Berlin", title="Cook")
    catalog = a_catalog(read, glanced, a_job("like-read"), a_job("like-glanced", town="Berlin", title="Cook"), *OTHERS)
    person = a_person(
        interactions=(
            Interaction(NOW - HOUR, "read", "read", 120_000),
            Interaction(NOW - HOUR, "read", "glanced", 2_000),
        )
    )

    made = decided(person, catalog)

    assert score_of(made, "like-read") > score_of(made, "like-glanced")


def test_what_was_viewed_today_says_more_than_what_was_viewed_a_month_ago():
    catalog = a_catalog(
        a_job("now"),
        a_job("then", town="Berlin", title="Cook"),
        a_job("like-now"),
        a_job("like-then", town="Berlin", title="Cook"),
        *OTHERS,
    )
    person = a_person(
        interactions=(Interaction(NOW - HOUR, "viewed", "now"), Interaction(NOW - 30 * DAY, "viewed", "then"))
    )

    made = decided(person, catalog)

    assert score_of(made, "like-now") > score_of(made, "like-then")


def test_a_dismissal_pushes_down_what_is_like_it_and_nothing_else():
    catalog = a_catalog(
        a_job("seen"),
        a_job("skipped", title="Night Nurse ICU"),
        a_job("like-skipped"),
        a_job("other", title="Cook", employer="A"),
    )

    before = decided(a_person(viewed=["seen"]), catalog)
    after = decided(a_person(viewed=["seen"], dismissed=["skipped"]), catalog)

    assert score_of(after, "like-skipped") < score_of(before, "like-skipped")
    assert score_of(after, "other") == score_of(before, "other")
    assert "skipped" not in shown(after)
    assert after[1].removed["skipped"] == "dismissed"


def test_a_dismissal_of_a_posting_that_is_gone_still_counts():
    catalog = a_catalog(a_job("seen"), a_job("skipped"), a_job("alike"))
    catalog.apply_job("skipped", None)

    before = decided(a_person(viewed=["seen"]), catalog)
    after = decided(a_person(viewed=["seen"], dismissed=["skipped"]), catalog)

    assert score_of(after, "alike") < score_of(before, "alike")


def test_interest_outlives_the_posting_that_woke_it():
    catalog = a_catalog(a_job("seen"), a_job("twin", employer="Other"), *OTHERS)
    catalog.apply_job("seen", None)

    made = decided(a_person(viewed=["seen"]), catalog)

    assert shown(made)[0] == "twin"
    assert "seen" not in shown(made)


def test_what_was_asked_for_beats_whatever_was_looked_at():
    catalog = a_catalog(
        *[a_job(f"bus-{number}", title="Bus Driver", employer="Transit") for number in range(8)],
        a_job("nurse", town="Bonn", employer="Far Away"),
    )
    watched = [f"bus-{number}" for number in range(6)]

    made = decided(a_person(viewed=watched, preferences=asked(occupations=("nurses",))), catalog)

    assert shown(made)[0] == "nurse"
    assert "stated_preference" in {reason.code for reason in chosen(made).items[0].reasons}


def test_a_search_finds_what_it_names():
    catalog = a_catalog(a_job("cook", title="Cook", town="Berlin", employer="A"), *OTHERS)

    made = decided(a_person(searches=looking_for("cook")), catalog)

    assert shown(made)[0] == "cook"
    assert "search_match" in {reason.code for reason in chosen(made).items[0].reasons}


def test_a_search_filter_for_a_town_finds_the_town():
    catalog = a_catalog(a_job("there", title="Cook", town="Berlin", employer="A"), *OTHERS)

    made = decided(a_person(searches=looking_for("", city="berlin")), catalog)

    assert "there" in shown(made)


def test_a_posting_often_shown_and_never_viewed_goes_down():
    catalog = a_catalog(a_job("seen"), a_job("a"), a_job("b", employer="Other"))

    fresh = decided(a_person(viewed=["seen"]), catalog)
    tired = decided(a_person(viewed=["seen"], shown={"a": (6, NOW - HOUR)}), catalog)

    assert score_of(tired, "a") < score_of(fresh, "a")
    assert score_of(tired, "b") == score_of(fresh, "b")


def test_an_application_begun_comes_first_and_one_sent_never_again():
    catalog = a_catalog(a_job("seen"), a_job("begun", employer="A"), a_job("sent", employer="B"), *OTHERS)
    person = a_person(viewed=["seen"], interactions=(Interaction(NOW - 1000, "started", "begun"),), applied=["sent"])

    made = decided(person, catalog)

    assert shown(made)[0] == "begun"
    assert made[1].removed["sent"] == "applied"


def test_what_is_near_the_visitor_comes_before_what_is_far():
    catalog = a_catalog(a_job("near", town="Köln"), a_job("far", town="Berlin", employer="Other"))

    made = decided(a_person(session=at_town("Bonn")), catalog)

    assert score_of(made, "near") > score_of(made, "far")


def test_the_request_s_own_place_wins_over_that_of_the_visit():
    catalog = a_catalog(a_job("bonn"), a_job("berlin", town="Berlin", employer="Other"))
    context = RequestContext(Moment(latitude=52.5, longitude=13.4))

    made = decided(a_person(session=at_town("Bonn")), catalog, context=context)

    assert score_of(made, "berlin") > score_of(made, "bonn")


def test_newer_comes_before_older_and_hot_before_cold_when_nothing_else_is_known():
    catalog = a_catalog(
        a_job("new", posted_at=NOW - HOUR),
        a_job("old", posted_at=NOW - 40 * DAY),
        a_job("hot", posted_at=NOW - 40 * DAY),
    )

    made = decided(a_person(), catalog, trends=Trends({"hot": 9.0}))

    assert score_of(made, "new") > score_of(made, "old")
    assert score_of(made, "hot") > score_of(made, "old")


def test_stated_skills_count_for_the_employer_s_side():
    catalog = a_catalog(a_job("a", skills=("icu",)), a_job("b", employer="Other", skills=("sql",)), *OTHERS)

    made = decided(a_person(preferences=asked(skills=("icu",))), catalog)

    assert score_of(made, "a") > score_of(made, "b")
    assert any(reason.code == "skill_match" and reason.detail == "icu" for reason in chosen(made).items[0].reasons)


def test_weekly_discoveries_leave_out_what_was_viewed_and_prefer_the_unknown():
    catalog = a_catalog(
        a_job("seen"),
        a_job("known", title="Night Nurse ICU"),
        a_job("new", title="Nurse Educator", employer="Elsewhere", occupation="Teachers"),
    )

    made = decided(a_person(viewed=["seen"]), catalog)

    assert "seen" not in shown(made, "weekly-discoveries")
    assert shown(made, "weekly-discoveries")[0] == "new"


def test_fresh_releases_hold_what_came_since_the_last_visit_and_the_last_two_days():
    catalog = a_catalog(
        a_job("since", posted_at=NOW - 4 * DAY),
        a_job("today", posted_at=NOW - HOUR),
        a_job("before", posted_at=NOW - 6 * DAY),
    )

    made = decided(a_person(last_visit_before=NOW - 5 * DAY), catalog)
    just_left = decided(a_person(last_visit_before=NOW - HOUR), catalog)

    assert set(shown(made, "fresh-releases")) == {"since", "today"}
    assert shown(just_left, "fresh-releases") == ["today"]


def test_a_demand_nobody_asked_about_is_told_and_costs_a_little():
    catalog = a_catalog(a_job("free"), a_job("bound", employer="Other", must_haves=("licence:nurse",)))

    made = decided(a_person(), catalog)

    assert score_of(made, "bound") < score_of(made, "free")
    (bound,) = [item for item in chosen(made).items if item.id == "bound"]
    assert bound.reasons[-1].code == "must_have_unconfirmed"
    assert bound.reasons[-1].detail == "licence:nurse"


def test_remote_work_passes_a_stated_place_and_a_posting_without_a_place_does_not():
    catalog = a_catalog(
        a_job("bonn"),
        a_job("remote", town="Berlin", workplace="REMOTE"),
        a_job("berlin", town="Berlin"),
        a_job("nowhere", town=None),
        a_job("village", places=(Place(locality="Siegburg", region="NW", latitude=50.80, longitude=7.20),)),
    )

    made = decided(a_person(preferences=asked(places=("Bonn",))), catalog)

    assert set(shown(made)) == {"bonn", "remote", "village"}
    assert set(made[1].removed) == {"berlin", "nowhere"}


def test_somebody_of_whom_nothing_is_known_gets_a_list():
    catalog = a_catalog(*OTHERS)

    made = decided(a_person(version={}), catalog)

    assert len(shown(made)) == len(OTHERS)


def test_an_empty_catalogue_makes_empty_choices():
    made = decided(a_person(viewed=["gone"]), a_catalog())

    assert [choice.items for choice in made[0].choices] == [()] * len(made[0].choices)
    assert made[1].considered == ()


def test_a_word_that_only_a_gone_posting_had_takes_no_other_wish_s_place():
    jobs = [a_job(f"j-{number}", title=title, employer=f"E{number}") for number, title in enumerate(TITLES)]
    person = a_person(viewed=[job.id for job in jobs], searches=looking_for("Welder"))
    kept, changed = a_catalog(*jobs), a_catalog(a_job("gone", title="Welder"), *jobs)
    changed.apply_job("gone", None)
    changed.settle()

    crowds = [
        gather([a_query(person)], catalog=each, policy=Policy(), trends=Trends(), now=NOW) for each in (kept, changed)
    ]

    told = [
        [(each.dictionary.label(code), weight) for code, weight, _ in crowd.favourites[0]]
        for each, crowd in zip((kept, changed), crowds, strict=True)
    ]
    assert "welder" not in dict(told[1])
    assert told[0] == told[1]
