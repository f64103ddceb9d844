"""Which members of a message are sealed, and that nothing else is touched."""

import pytest

from schemas.messages import Message
from schemas.personal import LIMIT, has_personal, redacted, sealed


def a_message(**members):
    return Message(
        **{"message_id": "m", "type": "identify", "event_time": 1, "received_at": 1, "user_id": "u", **members}
    )


def seal(field, value):
    return f"<{field}:{len(value)}>"


@pytest.mark.parametrize(
    "members",
    [
        {"traits": {"email": "ada@example.com"}},
        {"traits": {"First Name": "Ada"}},
        {"traits": {"name": "Ada"}},
        {"traits": {"address": "1 Main St"}},
        {"traits": {"address": {"street": "1 Main St", "country": "US"}}},
        {"traits": {"contacts": [{"phone": "1"}]}},
        {"context": {"traits": {"email": "ada@example.com"}}},
        {"type": "track", "event": "Application Submitted", "properties": {"job_id": "j", "cover_letter": "I am Ada"}},
        {"type": "track", "event": "Preference Set", "properties": {"key": "phone", "value": "555"}},
    ],
)
def test_what_names_a_person_is_sealed_wherever_it_stands(members):
    message = a_message(**members)
    after = sealed(message, seal)

    assert has_personal(message)
    assert not any(secret in str(after) for secret in ("ada@", "Ada", "Main St", "'1'", "555"))


@pytest.mark.parametrize(
    "members",
    [
        {"traits": {"headline": "Nurse", "city": "Brooklyn", "address": {"country": "US", "region": "NY"}}},
        {"type": "page", "event": "Jobs", "properties": {"name": "Jobs", "url": "https://x", "title": "t"}},
        {"type": "track", "event": "Preference Set", "properties": {"key": "places", "value": ["Brooklyn"]}},
    ],
)
def test_what_ranking_needs_stays_clear(members):
    message = a_message(**members)

    assert not has_personal(message)
    assert sealed(message, seal) == message


def test_a_text_is_cut_so_that_its_seal_fits_a_profile_and_a_long_object_is_dropped():
    after = sealed(a_message(traits={"bio": "ü" * 500, "notes": {"deep": "x" * 500}}), seal)

    assert after.traits == {"bio": f"<bio:{LIMIT + 2}>", "notes": None}


def test_a_value_that_only_looks_sealed_is_sealed_like_any_other():
    assert sealed(a_message(traits={"email": "sealed.1.ada"}), seal).traits == {"email": "<email:14>"}


def test_a_refused_message_keeps_its_shape_and_loses_its_people():
    raw = {"type": "nonsense", "traits": {"name": "Ada", "plan": "x"}, "properties": {"email": "a@b.c", "job_id": 1}}

    assert redacted(raw) == {
        "type": "nonsense", "traits": {"name": None, "plan": "x"}, "properties": {"email": None, "job_id": 1},
    }  # fmt: skip
