import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.text import index as text_index
from catalog.text.index import TextIndex
from catalog.text.vectors import StaticVectors

CAPACITY = 8
NAMES = ["nurse", "clinic", "driver", "truck", "night", "shift"]
VECTORS = StaticVectors(
    np.array([[9, 1], [9, 2], [1, 9], [2, 9], [5, 5], [5, 4]], np.int8),
    np.ones(6, np.float32),
    {name: row for row, name in enumerate(NAMES)},
)
documents = st.lists(st.sampled_from([*NAMES, "nurses", "unheard"]), max_size=8).map(" ".join)
changes = st.lists(st.tuples(st.integers(0, CAPACITY - 1), st.none() | documents), max_size=25)


def an_index(**texts):
    index = TextIndex(VECTORS)
    for row, text in texts.items():
        index.put(int(row.removeprefix("r")), "", text)
    return index


def ranked(index, query):
    scores = index.scores(query, CAPACITY)
    return [int(row) for row in np.argsort(-scores, kind="stable") if scores[row] > 0]


@given(changes, documents)
def test_an_index_answers_as_one_made_anew_of_what_is_left(log, query):
    lived = TextIndex(VECTORS)
    left: dict[int, str] = {}
    for row, text in log:
        if text is None:
            lived.remove(row)
            left.pop(row, None)
        else:
            lived.put(row, text, text)
            left[row] = text
    anew = TextIndex(VECTORS)
    for row, text in left.items():
        anew.put(row, text, text)

    assert len(lived) == len(left)
    assert np.array_equal(lived.scores(query, CAPACITY), anew.scores(query, CAPACITY))


def test_rare_words_count_more_than_common_ones():
    index = an_index(r0="shift night", r1="shift truck", r2="shift clinic", r3="shift driver")

    assert ranked(index, "shift clinic")[0] == 2


def test_a_word_of_the_title_counts_more_than_one_of_the_text():
    index = an_index(r0="driver night")
    index.put(1, "driver", "night")

    assert ranked(index, "driver") == [1, 0]


def test_other_forms_of_a_word_are_found():
    assert 0 in ranked(an_index(r0="nurses"), "nursing")


def test_what_means_the_same_is_found_without_a_word_of_the_query():
    assert ranked(an_index(r0="nurse", r1="driver"), "clinic") == [0]


def test_above_the_limit_only_what_has_a_word_is_found(monkeypatch):
    monkeypatch.setattr(text_index, "EXACT_LIMIT", 1)

    assert ranked(an_index(r0="nurse", r1="driver"), "clinic") == []
    assert ranked(an_index(r0="nurse", r1="driver"), "nurse") == [0]


def test_an_empty_index_and_an_empty_query_find_nothing():
    assert ranked(an_index(), "nurse") == []
    assert ranked(an_index(r0="nurse"), "") == []
