"""The raw client reads every answer whole, however it comes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.http_client import Answer, parsed, post

BYTES = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-other: 1\r\n\r\nhello"


@given(st.integers(0, len(BYTES) - 1))
def test_a_part_of_an_answer_is_no_answer(length):
    assert parsed(BYTES[:length]) == (None, 0)


def test_an_answer_ends_where_its_length_says():
    assert parsed(BYTES + b"HTTP/1.1 503") == (Answer(200, b"hello"), len(BYTES))


def test_an_answer_without_a_body_is_complete_after_its_headers():
    assert parsed(b"HTTP/1.1 204 No Content\r\n\r\n") == (Answer(204, b""), 27)


@pytest.mark.parametrize("name", [b"content-length", b"Content-Length", b"CONTENT-LENGTH"])
def test_header_names_are_read_in_any_case(name):
    answer, _ = parsed(b"HTTP/1.1 429 Too Many Requests\r\n" + name + b": 2\r\n\r\n{}")

    assert answer == Answer(429, b"{}")


def test_a_post_says_how_long_its_body_is():
    head, _, body = post("/v1/decide", {"é": 1}, "pk_x").partition(b"\r\n\r\n")

    assert head.startswith(b"POST /v1/decide HTTP/1.1\r\n")
    assert b"Authorization: Bearer pk_x" in head
    assert f"Content-Length: {len(body)}".encode() in head
