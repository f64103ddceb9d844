"""What strings, headers and categories say about consent, and which answer holds when they disagree."""

import pytest

from schemas.consent import allows_source, consent_in_force
from schemas.gpp import consents_of_gpp
from schemas.tcf import consents_of_tcf

# IAB's own examples: a header with sections 2 and 6, and a US national section with each field 1 (opted out).
EU_AND_CALIFORNIA = "DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN"
EU = "DBABMA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"
US_OPTED_OUT = "DBABLA~BVVVVVVVVWA.AA"
US_STAYED = "DBABLA~BVVqqqqqqqA.QA"
US_STAYED_WITH_GPC = "DBABLA~BVVqqqqqqqA.YA"


def a_tc_string(*purposes, version=2):
    bits = "".join(str(int(place + 1 in purposes)) for place in range(24))
    bits = f"{version:06b}{'0' * 146}{bits}".ljust(180, "0")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "".join(alphabet[int(bits[at : at + 6], 2)] for at in range(0, 180, 6))


def in_force(consent=None, **more):
    return consent_in_force({} if consent is None else {"consent": consent}, **more)


def test_nobody_asked_is_no_consent_and_no_refusal():
    assert in_force() is None
    assert in_force({}) is None
    assert in_force("yes") is None


def test_what_the_site_grants_holds_where_nobody_was_asked():
    assert in_force(default={"personalization"}) == {"personalization": True}


def test_categories_are_a_whole_answer_that_no_default_completes():
    given = in_force({"categoryPreferences": {"analytics": True}}, default={"personalization"})

    assert given == {"analytics": True, "personalization": False}


def test_of_a_yes_and_a_no_the_no_holds():
    given = in_force({"categoryPreferences": {"personalization": True}, "tcString": a_tc_string(1, 3, 4)})

    assert given is not None
    assert given["personalization"] is False


def test_a_browser_that_signals_gpc_says_no_unless_the_person_said_yes_here():
    assert in_force(gpc=True, default={"personalization"}) == {"advertising": False, "personalization": False}
    assert in_force({"categoryPreferences": {"personalization": True, "advertising": True}}, gpc=True) == {
        "personalization": True,
        "advertising": False,
    }


def test_british_and_american_spellings_are_one_name():
    assert in_force({"categoryPreferences": {"Personalisation": True}}) == {"personalization": True}


@pytest.mark.parametrize(
    ("purposes", "granted"),
    [
        ((1, 5, 6), {"personalization"}),
        ((1, 3, 4, 5, 6, 7, 8, 9, 10), {"personalization", "analytics", "advertising"}),
        ((1, 5), set()),
        ((3, 4, 5, 6, 7, 8, 9, 10), set()),
    ],
)
def test_a_tc_string_grants_what_all_its_purposes_grant_and_nothing_without_storage(purposes, granted):
    assert {name for name, given in consents_of_tcf(a_tc_string(*purposes)).items() if given} == granted


@pytest.mark.parametrize("unreadable", ["", "!", "CAAA", a_tc_string(1, 5, 6, version=1), "A" * 9_000])
def test_a_tc_string_that_cannot_be_read_grants_nothing(unreadable):
    assert not any(consents_of_tcf(unreadable).values())


@pytest.mark.parametrize(
    ("text", "advertising"),
    [
        (US_OPTED_OUT, False),
        (US_STAYED, True),
        (US_STAYED_WITH_GPC, False),
        (EU_AND_CALIFORNIA, False),
        ("", False),
        ("DBABMA", False),
        ("DBABLA~", False),
        ("garbage~garbage", False),
    ],
)
def test_a_gpp_string_opts_out_of_advertising_in_any_section_and_where_it_is_unknown(text, advertising):
    assert consents_of_gpp(text).get("advertising") is advertising


def test_the_european_section_of_a_gpp_string_is_its_tc_string():
    assert consents_of_gpp(EU) == consents_of_tcf(EU.partition("~")[2])


def test_a_us_string_says_nothing_about_personalisation_so_the_default_holds():
    assert in_force({"gpp": US_STAYED}, default={"personalization"}) == {"personalization": True, "advertising": True}


@pytest.mark.parametrize(
    ("consent", "source", "allowed"),
    [
        (None, "behaviour", False),
        ({}, "behaviour", False),
        ({"personalization": True}, "behaviour", True),
        ({"personalization": True, "behaviour": False}, "behaviour", False),
        ({"behaviour": True}, "behaviour", False),
        ({"personalization": True}, "resume", False),
        ({"personalization": True, "resume": True}, "resume", True),
        ({"personalization": True, "photo": True}, "photo", False),
    ],
)
def test_a_source_counts_only_when_it_and_the_purpose_are_granted(consent, source, allowed):
    assert allows_source(consent, source) is allowed
