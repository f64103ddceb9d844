"""The index against VS-kNN as its paper tells it, which keeps every session and compares all of them."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorers.sessions import RECENT, Sessions

ITEMS, SAMPLE, NEAREST, LIMIT = 3, 4, 2, 6
items = st.sampled_from([f"j-{number}" for number in range(8)])
views = st.lists(st.tuples(st.sampled_from("abcdefghij"), items), max_size=60)


def an_index(log_of_views, **limits):
    index = Sessions(**{"sessions": LIMIT, "items": ITEMS, "sample": SAMPLE, "nearest": NEAREST} | limits)
    for name, item in log_of_views:
        index.view(name, item)
    return index


def kept_sessions(log_of_views):
    """Answer the items of each session that is remembered, the one that moved last at the end."""
    kept: list[tuple[str, set[str], int]] = []
    for name, item in log_of_views:
        own = [session for session in kept if session[0] == name]
        # Only the latest piece of a person's session may grow.
        session = max(own, key=lambda piece: piece[2], default=None)
        if session is None or (item not in session[1] and len(session[1]) == ITEMS):
            session = (name, set(), max((piece[2] for piece in kept), default=0) + 1)
            kept.append(session)
        kept.remove(session)
        kept.append(session)
        session[1].add(item)
        kept = kept[-LIMIT:]
    return [session[1] for session in kept]


def neighbours_by_the_book(log_of_views, viewed):
    kept = kept_sessions(log_of_views)
    recent = list(dict.fromkeys(reversed(viewed)))[:RECENT]
    sharing = [(at, held) for at, held in enumerate(kept) if held & set(recent)][-SAMPLE:]
    scored = []
    for at, held in sharing:
        shared = [place for place, item in enumerate(recent) if item in held]
        # In whole numbers: thirds do not add up to one, and equally near ones are told apart by their age.
        alike = sum(len(recent) - place for place in shared)
        scored.append((alike, at, 1 - shared[0] / RECENT))
    scores: dict[str, float] = {}
    for alike, at, match in sorted(scored, reverse=True)[:NEAREST]:
        for item in kept[at] - set(viewed):
            rarity = log(len(kept) / sum(item in held for held in kept))
            scores[item] = scores.get(item, 0.0) + alike / len(recent) * match * rarity
    return scores


@given(views, st.lists(items, max_size=12))
def test_answers_are_those_of_comparing_every_session(log_of_views, viewed):
    answered = an_index(log_of_views).next_items(viewed)

    assert {found.item: found.score for found in answered} == pytest.approx(
        neighbours_by_the_book(log_of_views, viewed)
    )
    assert [found.score for found in answered] == sorted((found.score for found in answered), reverse=True)


@given(views)
def test_no_more_sessions_are_remembered_than_allowed(log_of_views):
    assert len(an_index(log_of_views)) <= LIMIT


def test_what_others_viewed_beside_it_comes_next():
    index = an_index([("a", "nurse"), ("a", "midwife"), ("b", "driver"), ("b", "courier")])

    assert [found.item for found in index.next_items(["nurse"])] == ["midwife"]


def test_what_was_viewed_last_says_more():
    index = an_index([("a", "nurse"), ("a", "midwife"), ("b", "driver"), ("b", "courier")])

    assert [found.item for found in index.next_items(["nurse", "driver"])] == ["courier", "midwife"]


def test_nobody_alike_means_no_answer():
    assert an_index([]).next_items(["nurse"]) == []
    assert an_index([("a", "nurse")]).next_items([]) == []


def test_each_answer_names_the_viewed_posting_that_others_looked_at_too():
    index = an_index([("a", "nurse"), ("a", "midwife"), ("b", "driver"), ("b", "courier")])

    assert {found.item: found.beside for found in index.next_items(["nurse", "driver"])} == {
        "midwife": "nurse",
        "courier": "driver",
    }


@given(views, st.lists(items, max_size=12))
def test_sessions_put_whole_answer_as_sessions_viewed(log_of_views, viewed):
    short = [(name, item) for name, item in log_of_views if name in "ab"][:ITEMS]
    whole = an_index([])
    for name in dict.fromkeys(name for name, _ in reversed(short)):
        whole.put(name, ["left behind"])
    for name in reversed(dict.fromkeys(name for name, _ in reversed(short))):
        whole.put(name, list(dict.fromkeys(item for other, item in short if other == name)))

    assert whole.next_items(viewed) == an_index(short).next_items(viewed)


def test_a_posting_that_the_newest_sessions_lost_is_still_counted_in_the_older_ones():
    index = Sessions(sample=2)
    for name in "abcd":
        index.put(name, ["nurse", "midwife"])
    for name in "cdab":
        index.put(name, ["driver", "courier"])
    index.put("e", ["nurse", "cook"])

    assert [found.item for found in index.next_items(["nurse"])] == ["cook"]


@given(views, st.lists(st.lists(items, max_size=12), max_size=40))
def test_answers_are_the_same_in_any_company(log_of_views, everybody):
    index = an_index(log_of_views)

    assert [list(found) for found in index.next_items_of(everybody)] == [index.next_items(each) for each in everybody]


def test_a_session_put_without_postings_is_forgotten():
    index = an_index([("a", "nurse"), ("a", "midwife")])
    index.put("a", [])

    assert len(index) == 0
    assert index.next_items(["nurse"]) == []
