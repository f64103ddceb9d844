"""A verdict: whether a condition holds, and until when it cannot change unless an event comes."""

from collections.abc import Iterable
from typing import NamedTuple


class Verdict(NamedTuple):
    """`until` is the earliest time in milliseconds at which time alone may turn it; None: never."""

    holds: bool
    until: int | None = None


YES, NO = Verdict(holds=True), Verdict(holds=False)


def plain(*, holds: bool) -> Verdict:
    """Answer a verdict that time alone never turns."""
    return YES if holds else NO


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Join conditions that must all hold: the first to turn ends it; while several fail, all of them have to turn."""
    return _joined(verdicts, decisive=False)


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Join conditions of which one is enough: the first to turn begins it; while several hold, all have to turn."""
    return _joined(verdicts, decisive=True)


def opposite(verdict: Verdict) -> Verdict:
    return Verdict(not verdict.holds, verdict.until)


def _joined(verdicts: Iterable[Verdict], *, decisive: bool) -> Verdict:
    earliest: int | None = None
    latest = 0
    lasting = decided = False
    for holds, until in verdicts:
        if holds == decisive:
            decided = True
            if until is None:
                lasting = True
            elif until > latest:
                latest = until
        elif until is not None and (earliest is None or until < earliest):
            earliest = until
    if decided:
        return Verdict(decisive, None if lasting else latest)
    return Verdict(not decisive, earliest)
