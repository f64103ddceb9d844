"""The record that erases a person from a topic's sections: it stands in the log behind all that it takes back.

Its key is the candidate id. It is no tracking message, so nobody's SDK can send it; only the API, and who writes to Kafka directly, can.
"""

import orjson

_BEGINS = b'{"erase":'


def encode_erasure(at: int) -> bytes:
    """Answer the record's value; `at` is milliseconds since the epoch."""
    return orjson.dumps({"erase": at})


def erasure_in(value: bytes) -> int | None:
    """Answer when a record says that its candidate is erased, None when it says something else."""
    if not value.startswith(_BEGINS):
        return None
    try:
        at = orjson.loads(value).get("erase")
    except orjson.JSONDecodeError:
        return None
    return at if isinstance(at, int) else None
