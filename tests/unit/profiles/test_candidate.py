from profiles.candidate import Candidate, Interaction, Stored, merge
from profiles.gather import consents
from profiles.sections import Profile
from schemas.events import ConsentChanged, SurveyAnswered, event_of
from schemas.messages import Message
from schemas.topics import Topic
from tests.unit.profiles.builders import (
    DAY,
    MINUTE,
    NOW,
    a_candidate,
    a_list,
    a_mark,
    a_move,
    a_page,
    a_preference,
    a_reading,
    a_touch,
    a_view,
    folded,
    sections_of,
    traits,
)


def together(*groups) -> Candidate:
    """Answer user ann's view of (candidate id, events) groups."""
    held: dict[tuple[Topic, str], Stored] = {}
    for candidate, events in groups:
        held |= sections_of(candidate, *events)
    return merge("u:ann", held)


def test_of_whom_nothing_is_held_nothing_is_known():
    nobody = merge("a:x", {})

    assert not nobody.known
    assert nobody == Candidate(id="a:x", ids=("a:x",))


def test_interactions_are_newest_first_and_leave_out_what_was_only_shown():
    person = a_candidate(
        a_list("j-9"),
        a_view(at=NOW),
        a_reading(at=NOW + 2, dwell_ms=7),
        a_mark("liked", at=NOW + 1),
        a_move("started", at=NOW + 3),
    )

    assert person.interactions == (
        Interaction(NOW + 3, "started", "j-1"),
        Interaction(NOW + 2, "read", "j-1", 7),
        Interaction(NOW + 1, "liked", "j-1"),
        Interaction(NOW, "viewed", "j-1"),
    )


def test_looks_under_a_no_to_being_counted_are_decided_by_like_any_other_and_known_apart():
    yes, no = [
        a_candidate(
            a_view(counted=counted),
            a_reading(at=NOW + 1, dwell_ms=7_250, counted=counted),
            a_reading("j-2", at=NOW + 2, dwell_ms=86_400_000, counted=counted),
        )
        for counted in (True, False)
    ]

    assert (no.interactions, no.views, no.dwell) == (yes.interactions, yes.views, yes.dwell)
    assert yes.uncounted == frozenset()
    assert no.uncounted == frozenset({(NOW, "j-1"), (NOW + 1, "j-1"), (NOW + 2, "j-2")})


def test_showings_are_counted_with_their_last_time():
    person = a_candidate(a_list("a", "b", at=NOW + 9), a_list("b", "c", at=NOW))

    assert person.shown == {"a": (1, NOW + 9), "b": (2, NOW + 9), "c": (1, NOW)}


def test_views_and_reading_times_of_all_ids_add_up():
    person = together(
        ("u:ann", [a_view(), a_reading(dwell_ms=5)]), ("a:x", [a_view(at=NOW + 1), a_reading(at=NOW + 1, dwell_ms=6)])
    )

    assert (person.views, person.dwell) == ({"j-1": 2}, {"j-1": 11})
    assert person.daily["job_viewed"] == {NOW // DAY: 2}


def test_of_marks_on_several_ids_the_newest_counts():
    person = together(
        ("u:ann", [a_mark("saved", at=NOW)]), ("a:x", [a_mark("unsaved", at=NOW + 1), a_mark("liked", at=NOW)])
    )

    assert (person.saved, person.liked) == ({}, {"j-1": NOW})


def test_a_dismissal_keeps_its_reason_until_the_job_is_restored():
    dismissed = a_mark("dismissed", at=NOW, reason="too_far")

    assert a_candidate(dismissed).dismissed == {"j-1": (NOW, "too_far")}
    assert a_candidate(dismissed, a_mark("restored", at=NOW + 1)).dismissed == {}


def test_the_users_own_word_beats_a_browsers_even_a_later_one():
    person = together(
        ("u:ann", [traits(title="Nurse", phone=None, at=NOW), a_preference("skills", ["icu"], at=NOW)]),
        (
            "a:x",
            [traits(title="Pilot", phone="1", city="Rome", at=NOW + 9), a_preference("skills", ["flying"], at=NOW + 9)],
        ),
    )

    assert person.traits == {"title": "Nurse", "city": "Rome"}
    assert person.preferences.skills == ("icu",)


def test_an_anonymous_id_alone_has_what_it_said():
    person = a_candidate(traits(title="Pilot"), id="a:x")

    assert person.traits == {"title": "Pilot"}


def test_a_trait_keeps_its_newest_value_when_it_grows_and_shrinks():
    values = ["x", "x" * 60, "y"]
    person = a_candidate(*[traits(at=NOW + n, title=value) for n, value in enumerate(values)])

    assert person.traits == {"title": "y"}


def consenting(given: bool, at: int) -> Profile:
    section = folded(Topic.PROFILES, [ConsentChanged(at=at, id=f"c{at}", purposes={"email": given})])
    assert isinstance(section, Profile)
    return section


def test_a_browser_can_take_a_consent_back_but_not_give_it_over_the_users_no():
    assert consents([consenting(False, NOW + 1)], [consenting(True, NOW)]) == {"email": False}
    assert consents([consenting(True, NOW + 1)], [consenting(False, NOW)]) == {"email": False}
    assert consents([consenting(False, NOW)], [consenting(True, NOW + 1)]) == {"email": True}


def test_a_browser_can_give_a_consent_on_which_the_user_said_nothing():
    assert consents([consenting(True, NOW)], []) == {"email": True}


def test_of_two_answers_at_one_time_the_no_counts():
    assert consents([], [consenting(True, NOW), consenting(False, NOW)]) == {"email": False}


def test_content_is_told_by_its_newest_touch_and_its_showings():
    person = a_candidate(
        a_touch("shown", at=NOW + 5), a_touch("shown", at=NOW + 6), a_touch("clicked", at=NOW), a_touch("shown", "c-2")
    )

    assert person.content == {"c-1": ("clicked", NOW, 2), "c-2": (None, NOW, 1)}


def test_the_version_names_each_section_and_its_newest_offset():
    person = together(("u:ann", [a_view(), a_view(at=NOW + 1)]), ("a:x", [a_page()]))

    assert person.version == {"clicks/u:ann": 1, "sessions/a:x": 0}
    assert person.ids == ("u:ann", "a:x")


def test_the_visit_before_ended_with_its_last_page():
    person = a_candidate(a_page(at=NOW - DAY), a_page(at=NOW - DAY + MINUTE), a_page(at=NOW), a_view(at=NOW + MINUTE))

    assert person.last_visit_before == NOW - DAY + MINUTE
    assert (person.session.started_at, person.session.last_at, person.session.page_count) == (NOW, NOW + MINUTE, 1)
    assert person.visits == 2


def test_surveys_are_newest_first_one_answer_each():
    answers = [SurveyAnswered(at=NOW + n, id=f"s{n}", survey_id=f"nps-{n % 2}", score=float(n)) for n in range(4)]

    assert a_candidate(*answers).surveys == ((NOW + 3, "nps-1", 3.0), (NOW + 2, "nps-0", 2.0))


def test_the_last_time_of_each_kind_is_known_even_when_it_fell_out_of_the_lists():
    old_share = a_mark("shared", at=NOW - DAY)
    person = a_candidate(old_share, *[a_view(f"job-{n}", at=NOW + n) for n in range(200)])

    assert person.last["job_shared"] == NOW - DAY
    assert "shared" not in {interaction.kind for interaction in person.interactions}


def correcting(value, at, **more):
    properties = {"dimension": "occupation", "value": value, **more}
    return event_of(Message(f"m{at}", "track", at, at, "Inference Corrected", "u", properties=properties))


def test_a_correction_holds_until_it_is_taken_back_in_whatever_order_the_two_come():
    said, withdrawn = correcting("Nurses", NOW), correcting("Nurses", NOW + 1, withdrawn=True)
    other = correcting("Cooks", NOW)

    def after(events):
        return merge("u:u", {(Topic.PROFILES, "u:u"): Stored(folded(Topic.PROFILES, events), 1)}).corrections

    assert after([said, other]) == {"occupation": frozenset({"Nurses", "Cooks"})}
    assert after([said, other, withdrawn]) == after([withdrawn, said, other]) == {"occupation": frozenset({"Cooks"})}
