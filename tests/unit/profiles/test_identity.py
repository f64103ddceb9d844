import pytest

from profiles.identity import Link, link_of, newest_links, person_ids
from schemas.messages import Message


def a_message(**given) -> Message:
    return Message(**{"message_id": "m", "type": "track", "event_time": 5, "received_at": 5, **given})


def a_link(anonymous="a:x", user="u:ann", at=1, message="m") -> Link:
    return Link(anonymous=anonymous, user=user, at=at, message=message, verified=True)


@pytest.mark.parametrize(
    "given", [{"user_id": "ann"}, {"anonymous_id": "x"}, {"type": "alias", "user_id": "ann", "previous_id": "ann"}]
)
def test_a_message_that_names_one_id_links_nothing(given):
    assert link_of(a_message(**given)) is None


def test_a_message_with_both_ids_links_them_and_says_who_vouched():
    vouched, claimed = (link_of(a_message(user_id="ann", anonymous_id="x", verified=by)) for by in (True, False))

    assert vouched is not None
    assert vouched == Link("a:x", "u:ann", 5, vouched.message, verified=True)
    assert claimed == Link("a:x", "u:ann", 5, vouched.message, verified=False)


def test_an_alias_links_the_id_it_leaves_behind():
    link = link_of(a_message(type="alias", user_id="ann", previous_id="old", anonymous_id="x"))

    assert link is not None
    assert (link.anonymous, link.user) == ("a:old", "u:ann")


def test_an_alias_of_another_user_joins_no_two_users():
    link = link_of(a_message(type="alias", user_id="ann", previous_id="bob"))

    assert link is not None
    assert link.anonymous == "a:bob"


def test_a_stranger_is_one_id():
    assert person_ids("a:x", {}, {}) == ("a:x",)
    assert person_ids("u:ann", {}, {}) == ("u:ann",)


def test_a_browser_leads_to_its_user_and_the_users_other_browsers():
    links = {"u:ann": (a_link("a:x", at=1), a_link("a:y", at=2))}
    redirects = {"a:x": "u:ann", "a:y": "u:ann"}

    assert person_ids("a:x", links, redirects) == person_ids("u:ann", links, redirects) == ("u:ann", "a:y", "a:x")


def test_a_browser_that_another_user_took_over_is_not_hers_any_more():
    links = {"u:ann": (a_link(),), "u:bob": (a_link(user="u:bob", at=2),)}
    redirects = {"a:x": "u:bob"}

    assert person_ids("u:ann", links, redirects) == ("u:ann",)
    assert person_ids("a:x", links, redirects) == ("u:bob", "a:x")


def test_a_person_is_at_most_six_ids_the_newest_links():
    links = {"u:ann": tuple(a_link(f"a:{n}", at=n) for n in range(9))}
    redirects = {f"a:{n}": "u:ann" for n in range(9)}

    assert person_ids("u:ann", links, redirects) == ("u:ann", "a:8", "a:7", "a:6", "a:5", "a:4")


def test_of_two_links_at_one_time_the_greater_message_wins():
    first, second = a_link(message="m1"), a_link(user="u:bob", message="m2")

    assert newest_links([first, second]) == newest_links([second, first]) == {"a:x": second}
