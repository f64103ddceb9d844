import numpy as np
import pytest

from catalog.text.vectors import shipped_vectors
from catalog.text.words import words


def meaning(text):
    return shipped_vectors().of(words(text))


def test_a_physician_is_likelier_a_doctor_than_a_driver():
    assert meaning("physician") @ meaning("doctor") > meaning("physician") @ meaning("truck driver") + 0.2


def test_a_vector_has_length_one():
    assert np.linalg.norm(meaning("senior data engineer")) == pytest.approx(1)


def test_a_text_without_a_known_piece_has_no_direction():
    assert not meaning("").any()


def test_words_unknown_as_wholes_are_read_in_pieces():
    assert meaning("microservices").any()
