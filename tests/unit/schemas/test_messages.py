import orjson
import pytest

from schemas.ids import PERSON_ID_LIMIT
from schemas.messages import MalformedMessage, decode_message


def a_record(**members: object) -> bytes:
    body = {"messageId": "m", "type": "page", "eventTime": 5, "receivedAt": 5, "anonymousId": "x"}
    return orjson.dumps({**body, **members})


@pytest.mark.parametrize("name", ["userId", "anonymousId", "previousId"])
@pytest.mark.parametrize("letter", ["a", "é", "\N{PILE OF POO}"])
def test_a_record_whose_ids_have_too_many_bytes_is_refused(name, letter):
    longest = letter * (PERSON_ID_LIMIT // len(letter.encode()))

    assert decode_message(a_record(**{name: longest})).message_id == "m"
    with pytest.raises(MalformedMessage, match=f"{name} has more than 128 bytes"):
        decode_message(a_record(**{name: longest + letter}))
