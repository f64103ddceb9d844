"""Content: who gets which item, and why."""

from profiles.candidate import Application, ContentTouch, SurveyAnswer
from schemas.content import Content
from scorers.policy import Pin, Policy
from tests.unit.scorers.builders import DAY, HOUR, NOW, a_catalog, a_job, a_person, asked, chosen, decided, shown

PLAIN = Content("plain", "hero", "Welcome")
NURSES = Content("nurses", "hero", "Nurses", facets={"occupation": ("Nurses",)})


def test_an_item_that_suits_comes_before_one_for_everybody_and_that_before_one_for_others():
    others = Content("cooks", "hero", "Cooks", facets={"occupation": ("Cooks",)})
    catalog = a_catalog(a_job("seen"), PLAIN, NURSES, others)

    made = decided(a_person(viewed=["seen"]), catalog)
    nobody = decided(a_person(), catalog)

    assert shown(made, "hero") == ["nurses", "plain"]
    assert shown(nobody, "hero")[0] == "plain"
    assert chosen(made, "hero").items[0].reasons[0].detail == "Nurses"


def test_what_was_stated_counts_more_than_what_was_looked_at():
    cooks = Content("cooks", "hero", "Cooks", facets={"occupation": ("Cooks",)})
    catalog = a_catalog(a_job("seen"), a_job("c", title="Cook"), NURSES, cooks)

    made = decided(a_person(viewed=["seen"], preferences=asked(occupations=("cooks",))), catalog)

    assert shown(made, "hero")[0] == "cooks"


def test_the_highest_and_the_lowest_priority_that_a_curator_can_give_rank_first_and_last():
    top, bottom = Content("top", "hero", "Top", priority=1_000_000), Content("low", "hero", "Low", priority=-1_000_000)

    made = decided(a_person(), a_catalog(bottom, top))

    assert [(item.id, item.score) for item in chosen(made, "hero").items] == [("top", 1.0), ("low", 0.0)]


def test_items_for_a_segment_are_for_its_members_only():
    item = Content("vip", "hero", "Vip", segments=("high-intent",))
    catalog = a_catalog(item)

    assert shown(decided(a_person(), catalog), "hero") == []
    assert shown(decided(a_person(), catalog, segments=("high-intent",)), "hero") == ["vip"]


def test_preparation_is_for_people_at_that_stage():
    item = Content("prep", "prep", "Interview", stages=("interview_scheduled",))
    at = {"j": Application("interview_scheduled", NOW - DAY, None)}
    past = {"j": Application("interview_scheduled", NOW - 90 * DAY, None)}
    catalog = a_catalog(item)

    assert shown(decided(a_person(), catalog), "prep") == []
    assert shown(decided(a_person(applications=at), catalog), "prep") == ["prep"]
    assert shown(decided(a_person(applications=past), catalog), "prep") == []


def test_what_is_over_or_not_yet_or_dismissed_or_answered_is_not_shown():
    catalog = a_catalog(
        Content("over", "hero", "x", ends_at=NOW),
        Content("not-yet", "hero", "x", starts_at=NOW + 1),
        Content("dismissed", "hero", "x"),
        Content("coming", "event", "x", starts_at=NOW + DAY, ends_at=NOW + 2 * DAY),
        Content("nps", "survey", "x"),
    )
    person = a_person(
        content={"dismissed": ContentTouch("dismissed", NOW, 1)}, surveys=(SurveyAnswer(NOW, "nps", 9.0),)
    )

    made = decided(person, catalog)

    assert shown(made, "hero") == []
    assert shown(made, "survey") == []
    assert shown(made, "media") == ["coming"]


def test_a_message_sent_lately_is_not_sent_again():
    catalog = a_catalog(Content("m", "message", "x"))
    lately = a_person(content={"m": ContentTouch("sent", NOW - DAY, 0)})
    long_ago = a_person(content={"m": ContentTouch("sent", NOW - 30 * DAY, 0)})

    assert shown(decided(lately, catalog), "message") == []
    assert shown(decided(long_ago, catalog), "message") == ["m"]


def test_an_item_seen_often_makes_room_for_another():
    catalog = a_catalog(PLAIN, Content("other", "hero", "x"))
    person = a_person(content={"plain": ContentTouch(None, NOW - HOUR, 7)})

    assert shown(decided(person, catalog), "hero") == ["other", "plain"]


def test_the_curator_s_priority_decides_between_equals_and_a_pin_over_all():
    high = Content("high", "hero", "x", priority=5)
    catalog = a_catalog(a_job("seen"), PLAIN, high, NURSES)
    policy = Policy(pins=(Pin("hero", "plain"),))

    assert shown(decided(a_person(), catalog), "hero") == ["high", "plain"]
    pinned = decided(a_person(viewed=["seen"]), catalog, policy=policy)
    assert shown(pinned, "hero")[0] == "plain"
    assert chosen(pinned, "hero").items[0].source == "pin"


def test_a_pin_does_not_show_what_is_over():
    catalog = a_catalog(Content("over", "hero", "x", ends_at=NOW))

    assert shown(decided(a_person(), catalog, policy=Policy(pins=(Pin("hero", "over"),))), "hero") == []


def test_a_facet_written_before_any_posting_had_it_works_once_one_does():
    catalog = a_catalog(PLAIN, Content("town", "hero", "x", facets={"place": ("bonn",)}))
    decided(a_person(), catalog)
    catalog.apply_job("seen", a_job("seen"))

    assert shown(decided(a_person(viewed=["seen"]), catalog), "hero")[0] == "town"
