"""When a candidate was here, and which ids the fold accepts."""

from typing import Protocol

from schemas.ids import ID_LIMIT, is_usable_id
from schemas.messages import MalformedMessage


class Seen(Protocol):
    @property
    def first_seen(self) -> int: ...

    @property
    def last_seen(self) -> int: ...


def seen_at(section: Seen, at: int) -> tuple[int, int]:
    """Answer the first and the last time that the candidate was here, this one included."""
    first = section.first_seen
    return (at if at < first or not first else first), max(section.last_seen, at)


def usable(identifier: str) -> str:
    """Answer the id, or raise MalformedMessage: a shortened id would name something else."""
    if is_usable_id(identifier):
        return identifier
    raise MalformedMessage(
        "unusable_id", f"an id needs 1 to {ID_LIMIT} printable ASCII characters without quote or backslash"
    )
