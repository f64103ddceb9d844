"""Laws of who is who, and of the view of a person that is merged out of several ids."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from profiles.candidate import Stored, merge
from profiles.fold import fold
from profiles.identity import Link, link_of, newest_links, person_ids
from profiles.sections import EMPTY
from schemas.messages import Message
from schemas.topics import CANDIDATE_TOPICS
from tests.properties.strategies import logs, messages

streams = st.lists(messages(), max_size=30, unique_by=lambda message: message.message_id)
IDS = ("u:ann", "a:x1", "a:x2")


def known(stream: list[Message]) -> tuple[dict[str, list[Link]], dict[str, str]]:
    """Answer what the store keeps of these messages: links by user, redirects by anonymous id."""
    given_links = [link for message in stream if (link := link_of(message)) is not None]
    links: dict[str, list[Link]] = {}
    for user in {link.user for link in given_links}:
        links[user] = list(newest_links([link for link in given_links if link.user == user]).values())
    return links, {anonymous: link.user for anonymous, link in newest_links(given_links).items()}


def everybody(stream: list[Message]) -> set[str]:
    links, redirects = known(stream)
    return {*links, *redirects, *[message.candidate_id for message in stream]}


@st.composite
def held_sections(draw):
    """Draw what a store may hold of one person's ids."""
    pairs = draw(
        st.sets(st.sampled_from([(topic, candidate) for topic in CANDIDATE_TOPICS for candidate in IDS]), min_size=1)
    )
    return {
        key: Stored(reduce(fold, draw(logs(key[0], unruly=True, max_size=8)), EMPTY[key[0]]), draw(st.integers(0, 99)))
        for key in sorted(pairs)
    }


@given(streams, st.data())
def test_the_order_of_messages_does_not_decide_who_is_who(stream, data):
    shuffled = data.draw(st.permutations(stream))

    assert {each: person_ids(each, *known(stream)) for each in everybody(stream)} == {
        each: person_ids(each, *known(shuffled)) for each in everybody(stream)
    }


@given(streams)
def test_no_person_has_two_users_or_more_than_six_ids(stream):
    for each in everybody(stream):
        ids = person_ids(each, *known(stream))

        assert len([one for one in ids if one.startswith("u:")]) <= 1
        assert len(ids) <= 6
        assert len(set(ids)) == len(ids)


@given(streams)
def test_no_browser_belongs_to_two_people(stream):
    owners: dict[str, tuple[str, ...]] = {}
    for each in sorted(everybody(stream)):
        for one in person_ids(each, *known(stream)):
            assert owners.setdefault(one, person_ids(each, *known(stream))) == person_ids(each, *known(stream))


@given(streams)
def test_a_browser_follows_the_newest_link_that_names_it(stream):
    _, redirects = known(stream)
    links = [link for message in stream if (link := link_of(message)) is not None]

    for anonymous, user in redirects.items():
        newest = max((link for link in links if link.anonymous == anonymous), key=lambda link: (link.at, link.message))
        assert user == newest.user


@given(held_sections(), st.data())
def test_the_merged_view_does_not_depend_on_the_order_of_the_sections(sections, data):
    shuffled = dict(data.draw(st.permutations(list(sections.items()))))
    merged, other = merge("u:ann", sections), merge("u:ann", shuffled)

    assert repr(merged) == repr(other) or merged == other
    assert merged == other


@given(held_sections())
def test_the_merged_view_names_every_section_it_was_made_of(sections):
    person = merge("a:x1", sections)

    assert person.version == {
        f"{topic.value}/{candidate}": stored.offset for (topic, candidate), stored in sections.items()
    }
    assert set(person.ids) == {"a:x1", *[candidate for _, candidate in sections]}
    assert person.known


@given(held_sections())
def test_interactions_are_newest_first_and_no_job_is_both_saved_and_not(sections):
    person = merge("u:ann", sections)
    times = [interaction.at for interaction in person.interactions]

    assert times == sorted(times, reverse=True)
    assert not any(value is None for value in person.traits.values())
    assert person.first_seen is None or (person.last_seen is not None and person.first_seen <= person.last_seen)
