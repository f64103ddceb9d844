"""Cutting what strangers write down to a room in bytes, by a rule that looks at the value alone."""

from collections.abc import Mapping
from typing import Any

import orjson

from schemas.traits import is_denied

EARLIEST, LATEST = 1, 4_294_967_295_999
"""Times that are kept, in milliseconds: 13 digits, and seconds that fit four bytes (the year 2106)."""

_UNPLAIN = dict.fromkeys([*range(32), 127, ord('"'), ord("\\")], " ")
SMALLEST_SIZE, LARGEST_SIZE = 8, 256
NESTING_LIMIT = 4


def fit_time(at: int) -> int:
    """Answer the time, pulled into the years that a profile knows."""
    return at if EARLIEST <= at <= LATEST else max(EARLIEST, min(at, LATEST))


def fit_text(text: str, room: int) -> str:
    """Answer the text, cut to `room` bytes of UTF-8, in which no character needs an escape in JSON."""
    if len(text) <= room and text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return text
    plain = text.translate(_UNPLAIN).encode("utf-8", "replace")
    return plain[:room].decode("utf-8", "ignore")


def fit_optional(text: str | None, room: int) -> str | None:
    """Answer the text cut to `room` bytes, None when there is nothing."""
    return fit_text(text, room) or None if text else None


def fit_value(value: Any) -> tuple[int, Any]:
    """Answer a JSON value of at most 256 bytes and the size class that it counts as (8, 16, … 256).

    A long text is cut, a long list keeps the items at its head that fit, a long object is not kept (None). Protected
    attributes inside an object are taken out.
    """
    if isinstance(value, str):
        kept: Any = fit_text(value, LARGEST_SIZE - 2)
        return _size_class(len(kept.encode()) + 2), kept
    try:
        encoded = orjson.dumps(_permitted(value, NESTING_LIMIT))
    except TypeError:  # no JSON: an integer past 64 bits, half a surrogate pair
        return SMALLEST_SIZE, None
    kept = orjson.loads(encoded)
    if len(encoded) > LARGEST_SIZE:
        kept = _head(kept) if isinstance(kept, list) else None
        encoded = orjson.dumps(kept)
    return _size_class(len(encoded)), kept


def _size_class(size: int) -> int:
    return max(SMALLEST_SIZE, 1 << (size - 1).bit_length())


def _permitted(value: Any, levels: int) -> Any:
    if isinstance(value, Mapping | list | tuple) and not levels:
        return None
    if isinstance(value, Mapping):
        named = {str(name): member for name, member in value.items()}
        return {name: _permitted(named[name], levels - 1) for name in sorted(named) if not is_denied(name)}
    if isinstance(value, list | tuple):
        return [_permitted(item, levels - 1) for item in value]
    return value


def _head(items: list[Any]) -> list[Any]:
    room, kept = LARGEST_SIZE - 2, []
    for item in items:
        room -= len(orjson.dumps(item)) + 1
        if room < 0:
            break
        kept.append(item)
    return kept
