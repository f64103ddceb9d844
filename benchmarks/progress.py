"""How fast something went through a backlog: its rate between the first tenth and the end."""

from collections.abc import Sequence

WARM_UP = 0.1
"""The share of the backlog that is not counted: caches fill, the consumer's first fetches come in."""

Mark = tuple[float, int]
"""Seconds, and how many records were done by then."""


def steady_rate(marks: Sequence[Mark], total: int) -> float:
    """Answer records a second after the warm-up; `marks` are in order and reach `total`."""
    begin = next(mark for mark in marks if mark[1] >= total * WARM_UP)
    end = next(mark for mark in marks if mark[1] >= total)
    if end[0] <= begin[0]:
        raise ValueError("all was done at the first look: more records are needed")
    return (end[1] - begin[1]) / (end[0] - begin[0])
