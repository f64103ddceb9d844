"""What strings, headers and categories say about consent, and which answer holds when they disagree."""

import pytest

from schemas.bits import Bits
from schemas.consent import allows_source, answered_in, consent_in_force
from schemas.gpp import consents_of_gpp
from schemas.tcf import Vendor, consents_of_tcf

# IAB's own examples: a header with sections 2 and 6, and a US national section with each field 1 (opted out).
EU_AND_CALIFORNIA = "DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN"
EU = "DBABMA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"
US_OPTED_OUT = "DBABLA~BVVVVVVVVWA.AA"
US_STAYED = "DBABLA~BVVqqqqqqqA.QA"
US_STAYED_WITH_GPC = "DBABLA~BVVqqqqqqqA.YA"


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def packed(bits):
    whole = bits.ljust(-len(bits) // 6 * -6, "0")
    return "".join(ALPHABET[int(whole[at : at + 6], 2)] for at in range(0, len(whole), 6))


def a_tc_string(*purposes, version=2, interests=(), vendors=None, objected=(), restrictions=()):
    """`vendors` are those consented to, as bits or as a range; whose interest was not `objected` to is one of them, too."""
    given, claimed = ("".join(str(int(place + 1 in some)) for place in range(24)) for some in (purposes, interests))
    bits = f"{version:06b}{'0' * 146}{given}{claimed}{'0' * 13}"
    if vendors is not None:
        bits += as_bits(vendors) + as_range([each for each in vendors if each not in objected])
        bits += f"{len(restrictions):012b}"
        for purpose, kind, vendor in restrictions:
            bits += f"{purpose:06b}{kind:02b}{1:012b}0{vendor:016b}"
    return packed(bits)


def as_bits(vendors):
    last = max(vendors, default=0)
    return f"{last:016b}0" + "".join(str(int(place in vendors)) for place in range(1, last + 1))


def as_range(vendors):
    spans = "".join(f"0{each:016b}" if each % 2 else f"1{each:016b}{each:016b}" for each in vendors)
    return f"{max(vendors, default=0):016b}1{len(vendors):012b}{spans}"


def a_us_section(section, notices, choices, version=1, **changed):
    """Notices were given, nothing was opted out of; `changed` sets choices by their place, such as `c0`."""
    values = [1] * notices + [changed.get(f"c{place}", 2) for place in range(choices)] + [2, 0, 0]
    return packed(f"{version:06b}" + "".join(f"{value:02b}" for value in values))


def a_newer_section(choices, **changed):
    """The agreement covers it, notices were given, nothing was opted out of."""
    values = [1, 1, 1, 1, 1] + [changed.get(f"c{place}", 2) for place in range(choices)]
    return packed(f"{1:06b}" + "".join(f"{value:02b}" for value in values))


def a_gpp_string(section, text):
    """A header that names one section, by its number in Fibonacci coding."""
    return packed(f"{3:06b}{1:06b}{1:012b}0{fibonacci(section)}") + f"~{text}"


def fibonacci(number):
    weights = [1, 2]
    while weights[-1] <= number:
        weights.append(weights[-1] + weights[-2])
    digits = ""
    for weight in reversed(weights):
        digits = ("1" if weight <= number else "0") + digits
        number -= weight if weight <= number else 0
    return digits.rstrip("0") + "1"


STATES = {
    "California": (8, 3, 14), "Virginia": (9, 3, 11), "Colorado": (10, 3, 10), "Utah": (11, 4, 11), "Connecticut": (12, 3, 13),
    "Florida": (13, 3, 14), "Montana": (14, 3, 14), "Oregon": (15, 3, 17), "Texas": (16, 3, 12), "Delaware": (17, 3, 17),
    "Iowa": (18, 4, 11), "Nebraska": (19, 3, 12), "New Hampshire": (20, 3, 14), "New Jersey": (21, 3, 18),
    "Tennessee": (22, 3, 12), "Minnesota": (23, 3, 12),
}  # fmt: skip
"""Section, notices and choices of each state, as its text in IAB Tech Lab's repository counts them."""


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


@pytest.mark.parametrize("state", STATES)
def test_a_state_s_section_says_no_with_any_of_its_choices_and_yes_with_none(state):
    section, notices, choices = STATES[state]
    stayed = a_gpp_string(section, a_us_section(section, notices, choices))

    assert consents_of_gpp(stayed) == {"advertising": True}
    assert consents_of_gpp(stayed + "." + packed("010")) == {"advertising": True}
    assert consents_of_gpp(stayed + "." + packed("011")) == {"advertising": False}, "it signals GPC"
    for place in range(choices):
        for said in (1, 3):
            text = a_us_section(section, notices, choices, **{f"c{place}": said})
            assert consents_of_gpp(a_gpp_string(section, text)) == {"advertising": False}


@pytest.mark.parametrize(
    ("section", "text", "advertising"),
    [
        # As IAB Tech Lab's library writes them by default: nothing applies, nobody opted out.
        *((section, text, True) for section, text in ((24, "BQAA.QA"), (25, "BQAA.AAA"), (26, "BQAA"), (27, "BQAA"))),
        # And with each field set to 1.
        (24, "BVVU.YA", False),
        *((section, "BVVV.kkk", False) for section in (25, 26, 27)),
    ],
)
def test_the_newer_states_sections_are_read_as_the_frameworks_own_library_writes_them(section, text, advertising):
    assert consents_of_gpp(a_gpp_string(section, text)) == {"advertising": advertising}


@pytest.mark.parametrize(("section", "choices"), [(24, 3), (25, 4), (26, 4), (27, 4)])
def test_a_newer_state_s_section_says_no_with_any_of_its_choices_and_yes_with_none(section, choices):
    stayed = a_newer_section(choices)
    behind = packed("010") if section == 24 else packed("10" * 8)

    assert consents_of_gpp(a_gpp_string(section, stayed)) == {"advertising": True}
    assert consents_of_gpp(a_gpp_string(section, f"{stayed}.{behind}")) == {"advertising": True}
    for place in range(choices):
        for said in (1, 3):
            text = a_newer_section(choices, **{f"c{place}": said})
            assert consents_of_gpp(a_gpp_string(section, text)) == {"advertising": False}
    refused = [packed("011")] if section == 24 else [packed("10" * n + "01" + "10" * (7 - n)) for n in range(8)]
    for each in refused:
        assert consents_of_gpp(a_gpp_string(section, f"{stayed}.{each}")) == {"advertising": False}


@pytest.mark.parametrize("section", [24, 25, 26, 27])
@pytest.mark.parametrize(
    "text",
    [
        packed(f"{25:06b}{1:06b}") + "." + "BQAA",  # with the header that its text puts first
        packed(f"{2:06b}010000000000000000"),  # another version of the agreement
        packed(f"{1:06b}000000000000000000"),  # not said whether the agreement covers it
        "BQA",
        "BQAAA",
    ],
)
def test_a_newer_state_s_section_of_another_form_is_an_opt_out(section, text):
    assert consents_of_gpp(a_gpp_string(section, text)) == {"advertising": False}


@pytest.mark.parametrize(("version", "choices"), [(1, 18), (2, 23)])
def test_both_versions_of_the_national_section_are_read(version, choices):
    stayed = a_us_section(7, 6, choices, version)

    assert consents_of_gpp(a_gpp_string(7, stayed)) == {"advertising": True}
    assert consents_of_gpp(a_gpp_string(7, a_us_section(7, 6, choices, version, c20=1, c17=1))) == {
        "advertising": False
    }


@pytest.mark.parametrize(
    "text",
    [
        a_gpp_string(8, a_us_section(8, 3, 14, version=2)),
        a_gpp_string(8, a_us_section(8, 3, 14)[:4]),
        a_gpp_string(5, a_us_section(8, 3, 14)),
        *(a_gpp_string(section, a_us_section(8, 3, 14)) for section in (24, 25, 26, 27, 28)),
    ],
)
def test_a_section_or_version_that_nobody_here_knows_is_an_opt_out(text):
    assert consents_of_gpp(text) == {"advertising": False}


@pytest.mark.parametrize(
    ("text", "advertising"),
    [("1YNN", True), ("1---", True), ("1YYN", False), ("1NYN", False), ("2YNN", False), ("1Y", False)],
)
def test_the_old_privacy_string_says_whether_sale_was_opted_out_of(text, advertising):
    assert consents_of_gpp(a_gpp_string(6, text)) == {"advertising": advertising}


def granted(text, vendor):
    return {name for name, given in consents_of_tcf(text, vendor).items() if given}


EVERYTHING = (1, 3, 4, 5, 6, 7, 8, 9, 10)


def test_a_configured_vendor_must_be_consented_to():
    text = a_tc_string(*EVERYTHING, vendors=[2, 755])

    assert granted(text, Vendor(755)) == granted(text, None) == {"personalization", "analytics", "advertising"}
    assert granted(text, Vendor(754)) == granted(text, Vendor(9_000)) == set()
    assert granted(a_tc_string(*EVERYTHING), Vendor(755)) == set(), "a string that ends before its vendors"


def test_a_legitimate_interest_counts_where_it_is_declared_told_and_not_objected_to():
    by_interest = {"interests": (7, 8, 9, 10), "vendors": [755]}
    measuring = Vendor(755, frozenset({7, 8, 9, 10}))

    assert granted(a_tc_string(1, 5, 6, **by_interest), measuring) == {"personalization", "analytics"}
    assert granted(a_tc_string(1, 5, 6, **by_interest), Vendor(755)) == {"personalization"}
    assert granted(a_tc_string(1, 5, 6, **by_interest, objected=[755]), measuring) == {"personalization"}
    assert granted(a_tc_string(1, 5, 6, vendors=[755]), measuring) == {"personalization"}


def test_what_a_publisher_restricts_is_restricted():
    measuring = Vendor(755, frozenset({7, 8, 9, 10}))

    def with_(*restrictions, purposes=EVERYTHING, interests=(7, 8, 9, 10)):
        return granted(a_tc_string(*purposes, interests=interests, vendors=[755], restrictions=restrictions), measuring)

    assert with_((4, 0, 755)) == {"personalization", "analytics"}
    assert with_((4, 0, 12)) == {"personalization", "analytics", "advertising"}
    assert with_((8, 1, 755), purposes=(1, 7, 9, 10)) == set()
    assert with_((8, 2, 755), interests=(7, 9, 10)) == {"personalization", "advertising"}


def test_vendors_are_read_as_a_consent_platform_wrote_them():
    # The example of IAB Europe's reference library: purposes 1, 2 and 3, vendors 2, 6 and 8 consented to.
    made = Bits("COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA")
    made.skip_to(213)

    assert made.next(16) == 8
    assert made.next(1) == 0
    assert f"{made.next(8):08b}" == "01000101"


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


def test_an_answer_is_about_the_names_in_it_and_of_a_yes_and_a_no_side_by_side_it_is_the_no():
    context = {
        "consent": {
            "categoryPreferences": {"analytics": False, "e-mail": True, "resume": "yes"},
            "tcString": a_tc_string(1, 3, 4, 5, 6, 7, 8, 9, 10),
        }
    }

    assert answered_in(context, None) == {
        "analytics": False,
        "e_mail": True,
        "personalization": True,
        "advertising": True,
    }
    assert answered_in({"consent": {"categoryPreferences": {}}}, {"personalization": False}) == {}
    assert answered_in({}, {"personalization": True}) == {}


def test_a_string_in_an_answer_is_taken_as_it_was_read_for_the_sites_vendor():
    context = {"consent": {"tcString": a_tc_string(1, 3, 4, 5, 6, 7, 8, 9, 10, vendors=[9])}}
    stamped = consent_in_force(context, default=["ai_scoring"], vendor=Vendor(755))

    assert answered_in(context, stamped) == {"personalization": False, "analytics": False, "advertising": False}
