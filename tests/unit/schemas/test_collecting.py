import pytest

from schemas.collecting import Accepted, Call, Rejection, event_time, identifier, normalise, without_denied
from schemas.topics import Topic

NOON = 1_795_435_200_000
"""2026-11-23T12:00:00Z"""


def a_call(**facts):
    return Call(**{"id": "call", "source": "site", "received_at": NOON, **facts})


def accepted(raw, *, call=None, kind=None, index=0):
    outcome = normalise({"anonymousId": "a1", **raw}, call or a_call(), kind=kind, index=index)
    assert isinstance(outcome, Accepted), outcome
    return outcome


def message(raw, **how):
    return accepted(raw, **how).message


def refusal(raw, **how):
    outcome = normalise(raw, a_call(), **how)
    assert isinstance(outcome, Rejection), outcome
    return outcome.code


@pytest.mark.parametrize(
    "value", [None, "", "0", "000", "-", "0-0", "-1", "null", "NULL", "anonymous", "undefined", True, [], {}]
)
def test_what_broken_sites_send_in_place_of_an_id_is_no_id(value):
    assert identifier(value) is None


@pytest.mark.parametrize(("value", "text"), [(7, "7"), (7.0, "7"), (" u1 ", "u1"), ("007x", "007x")])
def test_an_id_is_text_whatever_type_it_came_in(value, text):
    assert identifier(value) == text


@pytest.mark.parametrize("raw", [{}, {"userId": None, "anonymousId": ""}, {"userId": "null", "anonymousId": 0}])
def test_a_message_of_nobody_is_refused(raw):
    assert refusal({"type": "track", "event": "Job Viewed", **raw}) == "no_user_anon_id"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (3, "not_an_object"),
        ({"anonymousId": "a", "type": "merge"}, "unknown_type"),
        ({"anonymousId": "a", "type": "track"}, "no_event_name"),
        ({"anonymousId": "a", "type": "track", "event": {}}, "wrong_type"),
        ({"anonymousId": "a", "type": "track", "event": "Job Viewed"}, "missing_property"),
        ({"anonymousId": "a", "type": "track", "event": "Job Viewed", "messageId": {}}, "wrong_type"),
        ({"anonymousId": "a", "type": "track", "event": "Job Viewed", "properties": {"job_id": "é"}}, "unusable_id"),
        (
            {"anonymousId": "a", "type": "track", "event": "Job Shown", "properties": {"job_ids": ["j" * 65]}},
            "unusable_id",
        ),
        ({"anonymousId": "a" * 129, "type": "page"}, "unusable_id"),
        ({"anonymousId": "é" * 65, "type": "page"}, "unusable_id"),
        ({"anonymousId": "a\nb", "type": "page"}, "unusable_id"),
        ({"userId": "u", "type": "alias"}, "no_previous_id"),
        ({"userId": "u", "type": "alias", "previousId": "undefined"}, "no_previous_id"),
    ],
)
def test_what_no_profile_could_take_is_refused_with_a_reason(raw, code):
    assert refusal(raw) == code


def test_an_object_deeper_than_any_sdks_is_refused_without_being_walked():
    deep: object = "end"
    for _ in range(900):
        deep = {"in": deep}

    assert refusal({"anonymousId": "a", "type": "page", "properties": deep}) == "too_deep"


def test_the_senders_clock_is_corrected_by_what_its_sending_time_is_wrong():
    fast = {"type": "page", "timestamp": "2026-11-24T12:00:00Z", "sentAt": "2026-11-24T12:00:05Z"}

    assert message(fast).event_time == NOON - 5_000


@pytest.mark.parametrize(
    ("raw", "time"),
    [
        ({"timestamp": "2026-11-23T11:00:00Z", "originalTimestamp": "2026-11-23T10:00:00Z"}, NOON - 3_600_000),
        ({"originalTimestamp": "2026-11-23T11:00:00.000+00:00"}, NOON - 3_600_000),
        ({"timestamp": "2026-11-23T11:00:00.123456Z"}, NOON - 3_600_000 + 123),
        ({"timestamp": "2026-11-23T13:00:00Z"}, NOON),
        ({"timestamp": "yesterday"}, NOON),
        ({"sentAt": "2026-11-23T11:00:00Z"}, NOON),
        ({"timestamp": "2026-11-23T11:00:00Z", "sentAt": "soon"}, NOON - 3_600_000),
        ({}, NOON),
    ],
)
def test_the_event_time_is_what_the_sender_meant_and_never_later_than_the_receipt(raw, time):
    assert message({"type": "page", **raw}).event_time == time


def test_a_batchs_sending_time_holds_for_messages_without_their_own():
    call = a_call(sent_at="2026-11-23T11:59:00Z")

    assert message({"type": "page", "timestamp": "2026-11-23T11:58:00Z"}, call=call).event_time == NOON - 60_000


def test_a_time_before_the_epoch_is_no_negative_one():
    assert event_time(0, NOON + NOON, NOON) == 0


def test_all_four_times_are_kept():
    kept = message({"type": "page", "timestamp": "2026-11-23T11:00:00Z", "sentAt": "2026-11-23T11:30:00Z"})

    assert (kept.original_timestamp, kept.sent_at) == ("2026-11-23T11:00:00Z", "2026-11-23T11:30:00Z")
    assert (kept.event_time, kept.received_at) == (NOON - 1_800_000, NOON)


def test_a_message_without_id_is_given_one_of_its_call_and_place():
    assert message({"type": "page"}, index=4).message_id == "call-4"


def test_a_long_message_id_is_shortened_the_same_way_each_time():
    first, second = (message({"type": "page", "messageId": "m" * 150}).message_id for _ in range(2))

    assert first == second
    assert len(first) <= 100


def test_traits_in_the_context_are_an_identifys_own_and_the_outer_ones_win():
    raw = {
        "type": "identify",
        "userId": "u",
        "traits": {"city": "Bonn"},
        "context": {"traits": {"city": "Ulm", "title": "RN"}},
    }

    kept = message(raw)

    assert kept.traits == {"city": "Bonn", "title": "RN"}
    assert "traits" not in kept.context


def test_traits_that_are_never_kept_are_dropped_at_every_depth_and_counted():
    raw = {
        "type": "identify",
        "traits": {"Date_of-Birth": "1990", "name": "Ada", "more": {"gender": "f", "list": [{"Photo": "x", "ok": 1}]}},
    }

    outcome = accepted(raw)

    assert outcome.message.traits == {"name": "Ada", "more": {"list": [{"ok": 1}]}}
    assert outcome.dropped == 3


def test_traits_beside_a_track_are_cleaned_as_well():
    raw = {"type": "track", "event": "X", "context": {"traits": {"gender": "f", "plan": "b"}}}

    assert message(raw).context["traits"] == {"plan": "b"}


def test_a_preference_about_a_protected_attribute_keeps_no_value():
    raw = {"type": "track", "event": "Preference Set", "properties": {"key": "gender", "value": "f"}}

    outcome = accepted(raw)

    assert outcome.message.properties["value"] is None
    assert outcome.dropped == 1


def test_a_batchs_context_lies_under_each_messages_own():
    call = a_call(context={"locale": "de", "page": {"url": "u", "title": "t"}}, integrations={"All": True})
    raw = {"type": "page", "context": {"page": {"title": "own"}}, "integrations": {"X": False}}

    kept = message(raw, call=call)

    assert kept.context == {"locale": "de", "page": {"url": "u", "title": "own"}}
    assert kept.integrations == {"All": True, "X": False}


def test_no_address_is_kept():
    assert "ip" not in message({"type": "page", "context": {"ip": "192.0.2.7"}}).context


@pytest.mark.parametrize(
    ("consent", "kept"),
    [
        (
            {"categoryPreferences": {"advertising": True, "personalization": False}},
            {"advertising": True, "personalization": False},
        ),
        ({"categoryPreferences": {}}, {"personalization": False}),
        ({"categoryPreferences": {"advertising": "yes"}}, {"advertising": False, "personalization": False}),
        ({}, None),
        ("yes", None),
    ],
)
def test_the_consent_in_force_is_stamped_and_silence_is_not_consent(consent, kept):
    assert message({"type": "page", "context": {"consent": consent}}).consent == kept


def test_global_privacy_control_is_noted_with_the_message():
    assert message({"type": "page"}, call=a_call(gpc=True)).context["gpc"] is True


def test_the_endpoint_names_the_type_whatever_the_body_says():
    assert message({"type": "track", "name": "Home"}, kind="page").type == "page"


def test_a_pages_category_stands_among_its_properties():
    raw = {"type": "page", "category": "jobs", "properties": {"path": "/jobs"}}

    assert message(raw).properties == {"category": "jobs", "path": "/jobs"}


@pytest.mark.parametrize(
    ("raw", "topic"),
    [
        ({"type": "page"}, Topic.SESSIONS),
        ({"type": "track", "event": "job viewed", "properties": {"jobId": 7}}, Topic.CLICKS),
        ({"type": "track", "event": "Application Submitted", "properties": {"job_id": "7"}}, Topic.APPLICATIONS),
        ({"type": "identify", "userId": "u"}, Topic.PROFILES),
        ({"type": "group", "groupId": "g"}, Topic.PROFILES),
    ],
)
def test_each_message_goes_to_the_topic_of_its_event(raw, topic):
    assert accepted(raw).topic is topic


def test_a_browsers_claim_is_kept_under_its_own_anonymous_id():
    raw = {"type": "identify", "userId": "somebody", "anonymousId": "a1"}

    assert message(raw).candidate_id == "a:a1"
    assert message(raw, call=a_call(verified=True)).candidate_id == "u:somebody"


def test_a_dead_letter_holds_no_protected_trait_and_no_address():
    raw = {"type": "x", "traits": {"gender": "f", "a": 1}, "context": {"ip": "192.0.2.7", "traits": {"age": 3}}}

    assert without_denied(raw) == {"type": "x", "traits": {"a": 1}, "context": {"traits": {}}}
