"""Laws of the fold: order, repetition, bounds, bytes."""

from functools import reduce

import orjson
from hypothesis import given
from hypothesis import strategies as st

from profiles.fold import fold
from profiles.sections import EMPTY, FORMAT, STATE_LIMIT, Section, decode_section, encode_section
from schemas.events import Event
from schemas.topics import CANDIDATE_TOPICS, Topic
from tests.properties.strategies import any_log, logs

OFFSET_PREFIX = len(b"18446744073709551615 ")
"""A stored section is preceded by the offset of its newest record."""


def folded(topic: Topic, log: list[Event], start: Section | None = None) -> Section:
    return reduce(fold, log, EMPTY[topic] if start is None else start)


@given(any_log(), st.randoms(use_true_random=False))
def test_a_shuffled_log_ends_in_the_same_bytes(drawn, chance):
    topic, log = drawn
    shuffled = list(log)
    chance.shuffle(shuffled)

    assert encode_section(folded(topic, shuffled)) == encode_section(folded(topic, log))


@given(st.sampled_from(CANDIDATE_TOPICS), st.data())
def test_shuffling_unruly_events_changes_no_byte_either(topic, data):
    log = data.draw(logs(topic, unruly=True))
    shuffled = data.draw(st.permutations(log))

    assert encode_section(folded(topic, shuffled)) == encode_section(folded(topic, log))


@given(any_log(), st.data())
def test_redelivering_any_tail_changes_nothing(drawn, data):
    topic, log = drawn
    once = folded(topic, log)
    start = data.draw(st.integers(0, len(log)))

    assert folded(topic, log[start:], once) is once


@given(any_log(), st.data())
def test_a_repeated_message_changes_nothing_wherever_it_comes(drawn, data):
    topic, log = drawn
    repeated = (
        data.draw(st.permutations([*log, *data.draw(st.lists(st.sampled_from(log), max_size=20))])) if log else []
    )

    assert encode_section(folded(topic, list(repeated))) == encode_section(folded(topic, log))


@given(st.sampled_from(CANDIDATE_TOPICS), st.data())
def test_decoding_answers_the_section_that_was_encoded(topic, data):
    section = folded(topic, data.draw(logs(topic, unruly=True)))

    assert decode_section(topic, encode_section(section)) == section


@given(st.sampled_from(CANDIDATE_TOPICS), st.data())
def test_folding_after_a_rest_in_the_store_is_folding_at_once(topic, data):
    log = data.draw(logs(topic, unruly=True))
    cut = data.draw(st.integers(0, len(log)))
    rested = decode_section(topic, encode_section(folded(topic, log[:cut])))

    assert folded(topic, log[cut:], rested) == folded(topic, log)


@given(st.data())
def test_the_four_sections_never_exceed_the_limit(data):
    sections = [folded(topic, data.draw(logs(topic, unruly=True, max_size=60))) for topic in CANDIDATE_TOPICS]

    assert sum(len(encode_section(section)) + OFFSET_PREFIX for section in sections) <= STATE_LIMIT


@given(st.sampled_from(CANDIDATE_TOPICS), st.data())
def test_a_section_is_one_line_of_json_that_begins_with_its_format(topic, data):
    encoded = encode_section(folded(topic, data.draw(logs(topic, unruly=True))))

    assert orjson.loads(encoded)[0] == FORMAT
    assert b"\n" not in encoded
