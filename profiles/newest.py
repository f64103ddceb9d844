"""Bounded collections whose content depends on which events happened, never on the order in which they were read.

An entry is a tuple that begins with its time. A collection holds the newest entries, as many as a count and a room in
bytes allow, newest first, and its floor: the newest entry that had to go. Whatever is not above the floor is refused
from then on.

Why the order does not matter: let X be the first entry of the whole log that no longer fits behind the newer ones. An
entry above X fits in every part of the log, because the newer ones there are fewer, so it is never dropped and the
floor never passes X. X does not fit in the end, so the floor ends at X, and nothing below it is left. This needs one
thing: what an entry costs must be known from its key (`Bound.text` reads nothing else), unless the collection never
replaces an entry.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

Entry = tuple[Any, ...]


class Newest(NamedTuple):
    entries: tuple[Any, ...] = ()
    floor: Entry = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `limit` entries and `room` bytes: `fixed` bytes an entry and those of `text(entry)`, at most `longest`.

    The floor has the first `grain` members of an entry: 1 where each event brings one entry, more where one event
    brings many.
    """

    limit: int
    room: int
    fixed: int
    text: Callable[[Any], str]
    longest: int
    grain: int = 1
    unweighed: int = field(init=False)
    """So many entries fit whatever they are: most profiles are never weighed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "unweighed", min(self.limit, self.room // (self.fixed + self.longest)))


def add_newest(newest: Newest, entry: Entry, bound: Bound) -> Newest:
    """Answer the collection with one more entry; the same object when it is there already or not above the floor."""
    entries, floor = newest
    if floor and entry[: bound.grain] <= floor:
        return newest
    if not entries or entry > entries[0]:
        return _within((entry, *entries), floor, bound)
    place = len(entries) - bisect_right(entries[::-1], entry)
    if place < len(entries) and entries[place] == entry:
        return newest
    return _within((*entries[:place], entry, *entries[place:]), floor, bound)


def put_newest(newest: Newest, entry: Entry, bound: Bound, *, key: int = 1) -> Newest:
    """Answer the map with one more write: the newest write of each key stays.

    A key is the `key` members after the time. Two writes of one millisecond are decided by what they say.
    """
    entries, floor = newest
    if floor and entry[: bound.grain] <= floor:
        return newest
    end = key + 1
    first, rest = entry[1], entry[2:end]
    for index, held in enumerate(entries):
        if held[1] == first and held[2:end] == rest:
            if not _supersedes(entry, held):
                return newest
            entries = entries[:index] + entries[index + 1 :]
            break
    if not entries or entry[0] > entries[0][0]:
        return _within((entry, *entries), floor, bound)
    mine = entry[:end]
    place = next((index for index, held in enumerate(entries) if held[:end] < mine), len(entries))
    return _within((*entries[:place], entry, *entries[place:]), floor, bound)


def _supersedes(entry: Entry, held: Entry) -> bool:
    if entry[0] != held[0]:
        return bool(entry[0] > held[0])
    return orjson.dumps(entry, option=orjson.OPT_SORT_KEYS) > orjson.dumps(held, option=orjson.OPT_SORT_KEYS)


def _within(entries: tuple[Any, ...], floor: Entry, bound: Bound) -> Newest:
    fitting = _fitting(entries, bound)
    if fitting == len(entries):
        return Newest(entries, floor)
    floor = entries[fitting][: bound.grain]
    while fitting and entries[fitting - 1][: bound.grain] <= floor:
        fitting -= 1
    return Newest(entries[:fitting], floor)


def _fitting(entries: tuple[Any, ...], bound: Bound) -> int:
    kept = min(len(entries), bound.limit)
    if kept > bound.unweighed:
        # One string of all texts: 64 entries are weighed in 2 µs; one after the other takes three times that.
        spent = bound.fixed * kept + len("".join(map(bound.text, entries[:kept])).encode())
        while spent > bound.room:
            kept -= 1
            spent -= bound.fixed + len(bound.text(entries[kept]).encode())
    return kept
