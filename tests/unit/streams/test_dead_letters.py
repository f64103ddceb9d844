from schemas.topics import TopicNames
from streams.dead_letters import LIMIT, OMITTED, DeadLetter, dead_letter_record, redriven_record
from tests.unit.streams.records import CLICKS, ARecord

NAMES = TopicNames("careers")
RECORD = ARecord(41, b"value", b"key", 123, (("ce_id", b"7"),))


def a_letter() -> DeadLetter:
    return DeadLetter(CLICKS, RECORD, "invalid_json", "VALUE_CONVERTER", "builtins.ValueError")


def test_a_dead_letter_says_where_it_lay_and_why_it_is_here_under_kafka_connects_names():
    letter = dead_letter_record(a_letter(), NAMES, "w-1")

    assert (letter.topic, letter.key, letter.value, letter.timestamp) == ("careers.dead-letters", b"key", b"value", 123)
    assert dict(letter.headers) == {
        "ce_id": b"7",
        "__connect.errors.topic": b"careers.clicks",
        "__connect.errors.partition": b"0",
        "__connect.errors.offset": b"41",
        "__connect.errors.connector.name": b"careerstream",
        "__connect.errors.task.id": b"w-1",
        "__connect.errors.stage": b"VALUE_CONVERTER",
        "__connect.errors.class.name": b"streams.batch",
        "__connect.errors.exception.class.name": b"builtins.ValueError",
        "careerstream.reason": b"invalid_json",
    }


def test_a_redriven_record_is_the_original_marked_with_its_origin():
    letter = dead_letter_record(a_letter(), NAMES, "w-1")
    again = redriven_record(letter.headers, letter.key, letter.value, 123)

    assert again is not None
    assert (again.topic, again.key, again.value, again.timestamp) == ("careers.clicks", b"key", b"value", 123)
    assert dict(again.headers) == {"ce_id": b"7", "careerstream.redriven": b"careers.clicks:0:41"}


def test_a_record_refused_again_after_it_was_redriven_keeps_its_first_origin():
    letter = dead_letter_record(a_letter(), NAMES, "w-1")
    again = redriven_record(letter.headers, letter.key, letter.value, 123)
    assert again is not None
    refused = ARecord(99, again.value, again.key, 123, tuple(again.headers))
    second = dead_letter_record(DeadLetter(CLICKS, refused, "invalid_json", "s", "e"), NAMES, "w-1")
    third = redriven_record(second.headers, second.key, second.value, 123)

    assert third is not None
    assert dict(third.headers)["careerstream.redriven"] == b"careers.clicks:0:41"


def test_a_record_that_is_no_dead_letter_of_ours_is_not_driven_anywhere():
    assert redriven_record([("x", b"y")], b"k", b"v", 1) is None


def test_a_record_that_a_dead_letter_has_no_room_for_is_named_and_driven_nowhere():
    huge = ARecord(41, b"v" * LIMIT, b"key", 123, (("ce_id", b"7"),))
    letter = dead_letter_record(DeadLetter(CLICKS, huge, "invalid_json", "s", "e"), NAMES, "w-1")

    assert (letter.key, letter.value) == (None, b"")
    assert dict(letter.headers)[OMITTED] == str(LIMIT + len(b"keyce_id7")).encode()
    assert dict(letter.headers)["__connect.errors.offset"] == b"41"
    assert redriven_record(letter.headers, letter.key, letter.value, 123) is None


def test_a_record_of_nothing_makes_a_letter_that_can_be_written():
    empty = ARecord(41, None, None, 123, ())
    letter = dead_letter_record(DeadLetter(CLICKS, empty, "no_value", "s", "e"), NAMES, "w-1")

    assert (letter.key, letter.value) == (None, b"")
