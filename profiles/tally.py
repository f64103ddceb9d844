"""How often each kind of event happened on each of the 30 newest days.

Bytes, not objects: a row is 2 bytes of day (UTC days since the epoch) and one byte a kind, newest day first. A count
stops at 255.
"""

from collections.abc import Iterator

DAY_MS = 86_400_000
DAYS_LIMIT = 30
COUNT_LIMIT = 255


def tallied(tally: bytes, at: int, kind: int, *, kinds: int) -> bytes:
    """Answer the tally with one more event of a kind; a day older than the 30 newest is not counted."""
    day, width = (at // DAY_MS).to_bytes(2, "big"), kinds + 2
    start = 0
    while tally[start : start + 2] > day:
        start += width
    if tally[start : start + 2] != day:
        row = bytearray(width)
        row[:2] = day
        row[kind + 2] = 1
        return (tally[:start] + bytes(row) + tally[start:])[: DAYS_LIMIT * width]
    count = tally[start + 2 + kind]
    if count == COUNT_LIMIT:
        return tally
    cell = start + 2 + kind
    return tally[:cell] + bytes((count + 1,)) + tally[cell + 1 :]


def counts(tally: bytes, *, kinds: int) -> Iterator[tuple[int, int, int]]:
    """Answer (day, kind, count) for whatever happened, newest day first."""
    width = kinds + 2
    for start in range(0, len(tally), width):
        day = tally[start] << 8 | tally[start + 1]
        for kind in range(kinds):
            if count := tally[start + 2 + kind]:
                yield day, kind, count
