import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.after import Position, after_token, positions_of
from schemas.topics import CANDIDATE_TOPICS, Topic

positions = st.builds(Position, st.sampled_from(CANDIDATE_TOPICS), st.integers(0, 999), st.integers(0, 10**15))


@given(st.lists(positions, min_size=1, max_size=20))
def test_a_token_names_the_newest_record_of_each_partition(appended):
    read = positions_of(after_token(appended))

    newest: dict[object, int] = {}
    for at in appended:
        newest[at.topic, at.partition] = max(newest.get((at.topic, at.partition), -1), at.offset)
    assert read is not None
    assert {(at.topic, at.partition): at.offset for at in read} == newest


def test_a_token_reads_like_the_documentation_says():
    assert after_token([Position(Topic.PROFILES, 0, 7), Position(Topic.CLICKS, 3, 1042)]) == "c3-1042.p0-7"


@pytest.mark.parametrize(
    "token", ["", "x", "c3", "c-3", "d1-1", "c3-1.", "c3-1.nonsense", "c99999999-1", "c1-9999999999999999999"]
)
def test_a_token_of_somebody_elses_is_none(token):
    assert positions_of(token) is None
