"""Saying that a call waits for something else than this process: it keeps nobody from the processor."""

from collections.abc import Callable
from contextvars import ContextVar

LEAVES: ContextVar[Callable[[], None] | None] = ContextVar("LEAVES", default=None)
"""What takes the call of this task out of the number of those under way."""


def stand_aside() -> None:
    """Do not count the call of this task as under way any more; what is left of its work is little."""
    leave = LEAVES.get()
    if leave is not None:
        leave()
