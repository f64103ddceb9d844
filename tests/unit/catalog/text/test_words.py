import pytest

from catalog.text.words import stem, words


def test_words_are_read_out_of_html_without_accents():
    assert words("<p>Ingénieur&nbsp;C++</p><b>Büro</b>") == ["ingenieur", "c++", "buro"]


@pytest.mark.parametrize(
    "family",
    [("manager", "managers", "managing", "management"), ("policy", "policies"), ("nurse", "nurses", "nursing")],
)
def test_the_forms_of_a_word_share_a_stem(family):
    assert len({stem(word) for word in family}) == 1


@pytest.mark.parametrize("word", ["c", "sql", "bus", "boss", "ally"])
def test_short_words_keep_their_endings(word):
    assert stem(word) == word
