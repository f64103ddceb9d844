import pytest

from api.segment_formats import Membership, formatted, weak_etag
from schemas.tcf import consents_of_tcf
from tests.unit.api.doors import NOON

ICU = Membership("icu-active", since=NOON, until=NOON + 1_000, iab="338")
SECRET = Membership("inner", exportable=False, iab="344")


def shaped(shape, *memberships, known=True):
    return formatted(memberships, shape, known=known, now=NOON)


def test_plain_tells_every_segment_and_when():
    assert shaped("plain", ICU, SECRET) == {
        "profile": {"known": True},
        "segments": [
            {"key": "icu-active", "since": "2026-11-23T12:00:00.000Z", "expires": "2026-11-23T12:00:01.000Z"},
            {"key": "inner"},
        ],
        "updatedAt": "2026-11-23T12:00:00.000Z",
    }


def test_open_rtb_is_ready_to_be_merged_into_a_bid_request():
    assert shaped("ortb2", ICU, SECRET) == {
        "user": {
            "data": [
                {"name": "careerstream", "ext": {"segtax": 4}, "segment": [{"id": "338"}]},
                {"name": "careerstream", "segment": [{"id": "icu-active"}]},
            ]
        }
    }


def test_ad_manager_takes_key_values_and_signals():
    assert shaped("gam", ICU, SECRET) == {"keyValues": {"seg": ["icu-active"]}}
    assert shaped("pps", ICU, SECRET) == {
        "PublisherProvidedTaxonomySignals": [{"taxonomy": "IAB_AUDIENCE_1_1", "values": ["338"]}]
    }


@pytest.mark.parametrize(
    ("shape", "empty"),
    [
        ("ortb2", {"user": {"data": []}}),
        ("gam", {"keyValues": {"seg": []}}),
        ("pps", {"PublisherProvidedTaxonomySignals": []}),
    ],
)
def test_nobody_has_the_same_answer_as_somebody_without_segments(shape, empty):
    assert shaped(shape, known=False) == shaped(shape) == empty


def test_the_entity_tag_changes_with_what_is_told_and_not_with_the_time():
    early, late = formatted([ICU], "plain", known=True, now=NOON), formatted([ICU], "plain", known=True, now=NOON + 1)

    assert weak_etag(early) == weak_etag(late)
    assert weak_etag(early) != weak_etag(shaped("plain"))
    assert weak_etag(early).startswith('W/"')


def a_tc_string(*purposes, version=2):
    import base64

    bits = [0] * 176
    bits[6 - 2 : 6] = [int(bit) for bit in f"{version:02b}"]
    for purpose in purposes:
        bits[152 + purpose - 1] = 1
    packed = bytes(int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, 176, 8))
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


@pytest.mark.parametrize(
    ("consent", "allowed"),
    [
        (a_tc_string(1, 3, 4), True),
        (a_tc_string(1, 3, 4) + ".IFoEUQQgAIQw", True),
        (a_tc_string(1, 3), False),
        (a_tc_string(1, 4, 5), False),
        (a_tc_string(3, 4, version=1), False),
        ("", False),
        ("not base64 at all", False),
        ("CAAA", False),
    ],
)
def test_a_consent_string_must_name_both_purposes(consent, allowed):
    assert consents_of_tcf(consent)["advertising"] is allowed


def test_a_string_that_a_consent_platform_made_is_read():
    # The example of IAB Europe's reference library: purposes 1, 2 and 3.
    made = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"

    assert consents_of_tcf(made)["advertising"] is False
