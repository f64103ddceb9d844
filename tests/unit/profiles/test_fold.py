from dataclasses import fields
from typing import get_args

import pytest

from profiles.fold import fold
from profiles.sections import EMPTY, Applications, Clicks, Profile, Sessions
from schemas.events import (
    ConsentChanged,
    ContentAction,
    Linked,
    Moment,
    PageViewed,
    SurveyAnswered,
    Tracked,
    topic_of,
)
from schemas.messages import MalformedMessage
from schemas.topics import Topic
from tests.unit.profiles.builders import (
    DAY,
    NOW,
    a_candidate,
    a_list,
    a_mark,
    a_move,
    a_page,
    a_preference,
    a_reading,
    a_search,
    a_touch,
    a_view,
    folded,
    traits,
)


@pytest.mark.parametrize(
    "event",
    [a_view("j" * 65), a_mark("saved", 'a"b'), a_touch("viewed", "a\\b"), a_move("started", "nürse"), a_reading("")],
)
def test_an_event_about_an_id_that_cannot_be_kept_is_refused_with_a_reason(event):
    with pytest.raises(MalformedMessage) as refused:
        fold(EMPTY[topic_of(event)], event)

    assert refused.value.reason == "unusable_id"


def test_a_list_keeps_the_usable_ids_among_others():
    assert folded(Topic.CLICKS, [a_list("j-1", "x" * 99, "j-2")]).showings.entries == ((NOW, ("j-1", "j-2")),)


def test_an_event_does_not_belong_into_another_topics_section():
    with pytest.raises(TypeError, match="JobViewed does not belong into Sessions"):
        fold(Sessions(), a_view())


def test_a_link_changes_no_section():
    section = Profile()

    assert fold(section, Linked(at=NOW, id="m")) is section


def test_the_same_traits_a_second_time_are_the_same_object():
    section = folded(Topic.PROFILES, [traits(title="Nurse")])

    assert fold(section, traits(title="Nurse")) is section


def test_a_protected_attribute_is_not_kept_under_any_spelling_or_depth():
    section = folded(
        Topic.PROFILES,
        [traits(Gender="f", date_of_birth="x", profile={"race": "x", "city": "Rome"}), a_preference("Age", 3)],
    )

    assert [entry[1:] for entry in section.traits.entries] == [("profile", 16, {"city": "Rome"})]
    assert section.preferences.entries == ()


def test_of_two_writes_the_later_stays_whichever_came_first():
    early, late = a_mark("saved", at=NOW), a_mark("unsaved", at=NOW + 1)

    assert a_candidate(late, early).saved == {}
    assert a_candidate(early, late).saved == {}


def test_a_preference_is_one_under_all_its_spellings():
    person = a_candidate(
        a_preference("employmentType", "full-time"), a_preference("employment_types", "intern", at=NOW + 1)
    )

    assert person.preferences.employment_types == ("INTERN",)


def test_what_we_sent_or_the_employer_did_is_no_sign_of_the_candidate():
    person = a_candidate(a_touch("sent"), a_move("rejected"), traits(title="x"))

    assert (person.first_seen, person.last_seen) == (None, None)


def test_what_the_candidate_did_is_a_sign_whatever_the_topic():
    person = a_candidate(
        a_view(at=NOW), a_page(at=NOW - DAY), a_move("submitted", at=NOW + 5), a_preference("skills", ["x"], at=NOW + 9)
    )

    assert (person.first_seen, person.last_seen) == (NOW - DAY, NOW + 9)


def test_a_later_page_without_circumstances_does_not_wipe_out_known_ones():
    person = a_candidate(a_page(at=NOW, device="mobile"), a_page(at=NOW + 1))

    assert person.session.moment.device == "mobile"


def test_of_a_referrer_only_the_site_is_kept():
    person = a_candidate(a_page(referrer="https://search.example/?q=ann+smith"))

    assert person.session.moment.referrer == "search.example"


def test_a_position_is_kept_to_a_kilometre():
    person = a_candidate(a_page(latitude=40.712776, longitude=-74.005974))

    assert (person.session.moment.latitude, person.session.moment.longitude) == (40.71, -74.01)


def test_the_first_campaign_stays_and_the_newest_is_this_visits():
    person = a_candidate(
        a_page(at=NOW - DAY, session_id="s1", campaign={"source": "newsletter"}),
        a_page(at=NOW, session_id="s2", campaign={"source": "linkedin", "unknown": "x"}),
    )

    assert person.first_campaign == {"source": "newsletter"}
    assert person.session.campaign == {"source": "linkedin"}


def test_a_visit_by_no_campaign_does_not_inherit_an_older_one():
    person = a_candidate(
        a_page(at=NOW - DAY, session_id="s1", campaign={"source": "x"}), a_page(at=NOW, session_id="s2")
    )

    assert person.session.campaign == {}


def test_other_events_are_counted_by_name_and_day():
    chats = [Tracked(at=NOW + n, id=f"c{n}", moment=Moment(), name="Chat Opened") for n in range(3)]

    assert a_candidate(*chats).tracked == {"Chat Opened": {NOW // DAY: 3}}


def test_a_repeated_message_counts_once_even_under_another_time():
    first = PageViewed(at=NOW, id="m", moment=Moment())
    again = PageViewed(at=NOW + 5_000, id="m", moment=Moment())

    assert a_candidate(first, again).daily == {"page_viewed": {NOW // DAY: 1}}


def test_every_kind_of_click_is_counted_under_its_name():
    events = [a_list("j"), a_view(), a_reading(), *[a_mark(mark) for mark in ("saved", "liked", "dismissed", "shared")]]
    events += [a_touch(action) for action in get_args(ContentAction)]

    assert set(a_candidate(*events).daily) == {
        "job_shown", "job_viewed", "job_read", "job_saved", "job_liked", "job_dismissed", "job_shared", "content_shown",
        "content_viewed", "content_clicked", "content_dismissed", "content_registered", "content_sent",
        "content_opened",
    }  # fmt: skip


def test_taking_a_mark_back_is_not_counted():
    assert a_candidate(a_mark("unsaved"), a_mark("restored")).daily == {}


def test_a_submission_is_remembered_whatever_came_after():
    person = a_candidate(
        a_move("submitted", at=NOW, application="ats-1"), a_move("rejected", at=NOW + DAY, application="ats-1")
    )

    assert person.submitted == {"j-1": NOW}
    assert person.applications["j-1"] == ("rejected", NOW + DAY, "ats-1")


def test_a_move_without_the_applications_number_does_not_lose_it():
    person = a_candidate(a_move("submitted", at=NOW, application="ats-1"), a_move("screened", at=NOW + 1))

    assert person.applications["j-1"] == ("screened", NOW + 1, "ats-1")


def test_of_two_stages_at_one_time_the_later_stage_counts():
    person = a_candidate(a_move("interview_scheduled"), a_move("screened"))

    assert person.applications["j-1"].stage == "interview_scheduled"


@pytest.mark.parametrize(("given", "kept"), [(9, 9.0), (None, None), (float("nan"), None), (1e9, None), (4.567, 4.57)])
def test_a_score_is_a_number_of_eight_characters_or_none(given, kept):
    section = folded(Topic.APPLICATIONS, [SurveyAnswered(at=NOW, id="m", survey_id="nps", score=given)])

    assert section.surveys.entries == ((NOW, "nps", kept),)


def test_times_outside_of_what_a_profile_knows_are_pulled_in():
    section = folded(Topic.CLICKS, [a_view(at=-5), a_view("j-2", at=10**20)])

    assert [entry[0] for entry in section.engagements.entries] == [4_294_967_295_999, 1]


def test_a_consent_is_the_newest_word_on_its_purpose():
    section = folded(
        Topic.PROFILES,
        [
            ConsentChanged(at=NOW + 1, id="a", purposes={"personalization": False}),
            ConsentChanged(at=NOW, id="b", purposes={"personalization": True, "email": True}),
        ],
    )

    assert section.consents.entries == ((NOW + 1, "personalization", 0), (NOW, "email", 1))


def test_a_page_left_open_all_night_was_read_for_an_hour_at_most():
    assert a_candidate(a_reading(dwell_ms=86_400_000)).dwell == {"j-1": 3_600_000}


def test_searches_keep_the_query_and_five_filters():
    person = a_candidate(a_search("data engineer", {f"f{n}": str(n) for n in range(9)}))

    assert person.searches[0].query == "data engineer"
    assert person.searches[0].filters == {f"f{n}": str(n) for n in range(5)}


def test_long_texts_are_cut_between_characters():
    person = a_candidate(a_search("ü" * 100))

    assert person.searches[0].query == "ü" * 24


def test_no_section_forgets_a_field_when_it_is_encoded():
    assert {len(fields(kind)) for kind in (Clicks, Sessions, Applications, Profile)} == {10, 13, 5}


def test_a_list_of_a_hundred_jobs_leaves_room_for_the_lists_before():
    lists = [a_list(*[f"job-{n}-{m}" for m in range(100)], at=NOW + n) for n in range(3)]

    assert len(folded(Topic.CLICKS, lists).showings.entries) == 3
