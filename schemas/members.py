"""Typed members out of decoded JSON; what is wrong is said with the member's path and in one sentence."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from schemas.ids import ID_LIMIT, is_usable_id

Reader = Callable[[object, str], Any]
"""Takes a member's value and its name, answers the value as we keep it, or raises MalformedMember."""

TEXT_LIMIT = 2_000
"""Characters of any text that has no limit of its own."""
LIST_LIMIT = 200
"""Entries of any list."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MOMENT = 253_402_300_799_999  # the end of the year 9999: later than this no calendar library can say


class MalformedMember(ValueError):
    """A value its place does not take: `field` is its path (`salary.unit`), `problem` the rest of the sentence."""

    noun = "the object"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field or self.noun} {problem}")
        self.field = field
        self.problem = problem

    def within(self, parent: str) -> "MalformedMember":
        """Answer the same complaint one level further out."""
        return MalformedMember(f"{parent}.{self.field}" if self.field else parent, self.problem)


def unexpected(field: str, value: object, expected: str) -> MalformedMember:
    """Answer the complaint `field is 'MOON', expected …`; a missing value is called missing."""
    if value is None:
        return MalformedMember(field, f"is missing, expected {expected}")
    shown = repr(value)
    return MalformedMember(field, f"is {shown if len(shown) <= 80 else shown[:79] + '…'}, expected {expected}")


def members(body: object, readers: Mapping[str, Reader], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Answer the members that `readers` know. Null, the empty text and absence are the same; unknown names are ignored.

    What is absent costs nothing: a catalogue of 100,000 postings is decoded at the start.
    """
    if type(body) is not dict:
        raise unexpected("", body, "an object")
    for name in required:
        if body.get(name) in (None, ""):
            raise unexpected(name, body.get(name), "a text that is not empty")
    reader = readers.get
    return {
        name: read(value, name)
        for name, value in body.items()
        if (value or (value is not None and value != "")) and (read := reader(name))
    }


def text(value: object, name: str) -> str:
    if type(value) is str and len(value) <= TEXT_LIMIT:
        return value
    raise _no_text(value, name, TEXT_LIMIT)


def text_within(limit: int) -> Callable[[object, str], str]:
    """Answer a reader of texts that say something, in at most `limit` characters."""

    def read(value: object, name: str) -> str:
        if type(value) is str and len(value) <= limit and not value.isspace():
            return value
        raise _no_text(value, name, limit)

    return read


def identifier(value: object, name: str) -> str:
    """Answer an id that a profile can keep: an event about another would be refused."""
    if type(value) is str and is_usable_id(value):
        return value
    expected = f"1 to {ID_LIMIT} printable ASCII characters without quote or backslash"
    raise unexpected(name, value, expected)


def texts(value: object, name: str) -> tuple[str, ...]:
    if type(value) is not list or len(value) > LIST_LIMIT:
        raise unexpected(name, value, f"a list of at most {LIST_LIMIT} texts")
    for entry in value:
        if type(entry) is not str or not entry or len(entry) > TEXT_LIMIT:
            raise unexpected(f"{name}[{value.index(entry)}]", entry, f"a text of 1 to {TEXT_LIMIT:,} characters")
    return tuple(value)


def one_of(choices: tuple[str, ...]) -> Callable[[object, str], str]:
    def read(value: object, name: str) -> str:
        if type(value) is str and value in choices:
            return value
        raise unexpected(name, value, f"one of {', '.join(choices)}")

    return read


def some_of(choices: tuple[str, ...]) -> Callable[[object, str], tuple[str, ...]]:
    one = one_of(choices)

    def read(value: object, name: str) -> tuple[str, ...]:
        return tuple([one(entry, name) for entry in texts(value, name)])

    return read


def number(least: float, most: float) -> Callable[[object, str], float]:
    def read(value: object, name: str) -> float:
        if (type(value) is float or type(value) is int) and least <= value <= most:  # no comparison holds for NaN
            return float(value)
        raise unexpected(name, value, f"a number from {least:,g} to {most:,g}")

    return read


def whole(least: int, most: int) -> Callable[[object, str], int]:
    def read(value: object, name: str) -> int:
        if type(value) is int and least <= value <= most:
            return value
        raise unexpected(name, value, f"a whole number from {least:,} to {most:,}")

    return read


def moment(value: object, name: str) -> int:
    """Answer milliseconds since the epoch, written as such or in ISO 8601; a date alone is its first moment."""
    return _moment(value, name, end_of_day=False)


def moment_after(value: object, name: str) -> int:
    """Answer the same for something that ends: a date alone is the moment after its last."""
    return _moment(value, name, end_of_day=True)


def milliseconds(written: str, *, end_of_day: bool = False) -> int | None:
    """Answer the milliseconds since the epoch of an ISO 8601 text, or None when it is none or outside 1970 to 9999.

    A text without a time zone is UTC.
    """
    try:
        if len(written) <= len("2026-03-31"):
            day = datetime.combine(date.fromisoformat(written), time(), UTC)
            at = day + timedelta(days=1) if end_of_day else day
        else:
            at = datetime.fromisoformat(written)
    except (ValueError, OverflowError):
        return None
    since = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - _EPOCH) // timedelta(milliseconds=1)
    return since if 0 <= since <= _LAST_MOMENT else None


def web_address(value: object, name: str) -> str:
    """Answer an http(s) address: whatever else stands here (`javascript:` …) would become a link on somebody's page."""
    if text(value, name).startswith(("https://", "http://")):
        return str(value)
    raise unexpected(name, value, "an address that begins with https:// or http://")


def _moment(value: object, name: str, *, end_of_day: bool) -> int:
    if type(value) is int and 0 <= value <= _LAST_MOMENT:
        return value
    answer = milliseconds(value, end_of_day=end_of_day) if type(value) is str else None
    if answer is None:
        raise unexpected(name, value, "a date such as 2026-03-31, or milliseconds since the epoch")
    return answer


def _no_text(value: object, name: str, limit: int) -> MalformedMember:
    if type(value) is str and len(value) > limit:
        return MalformedMember(name, f"has {len(value):,} characters, at most {limit:,} are kept")
    return unexpected(name, value, "a text")
