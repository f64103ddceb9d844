"""Which trails a decided batch changed: what is learned from others is made of them and moves with the decision, for whom it may."""

from collections.abc import Callable, Collection, Iterable, Mapping
from zlib import crc32

from profiles.candidate import Candidate
from profiles.pseudonym import pseudonym
from profiles.trails import ENDED, LEAST_ITEMS, Trail, trail_of
from schemas.messages import CandidateId
from streams.people import People

REMEMBERED = 50_000
_ENDED = 0


class Trailing:
    """Remembers what it answered last, so that who only scrolled is not written again.

    `may_follow` says for whom there may be a trail, `segments` which of a person's segments stand in it.
    """

    def __init__(self, may_follow: Callable[[Candidate], bool], segments: Collection[str] = ()) -> None:
        self._may_follow = may_follow
        self._segments = frozenset(segments)
        self._last: dict[str, int] = {}

    def changed(self, people: People, held: Mapping[CandidateId, Iterable[str]]) -> Mapping[str, Trail]:
        """Answer the trails that are others than before, without postings for whoever must not have one any more.

        `held` are the segments that each person is in. They are told with the next posting looked at: else time alone would let a trail
        move, and session neighbours hold it for new.
        """
        changed: dict[str, Trail] = {}
        for each, candidate in people.candidates.items():
            # A browser's views stand in the trail of the user to whom it belongs.
            ends = each in people.led or not self._may_follow(candidate)
            trail = ENDED if ends else trail_of(candidate, sorted(self._segments.intersection(held.get(each, ()))))
            name, mark = pseudonym(each), _mark(trail)
            if 0 < len(trail.items) < LEAST_ITEMS and not self._last.get(name):
                continue
            if self._last.pop(name, None) != mark:
                changed[name] = trail
            self._last[name] = mark
        while len(self._last) > REMEMBERED:
            del self._last[next(iter(self._last))]
        return changed

    def not_written(self, trails: Mapping[str, Trail]) -> None:
        """Note that these did not reach the store."""
        for name in trails:
            self._last.pop(name, None)


def _mark(trail: Trail) -> int:
    return crc32(repr((trail.items, trail.hours)).encode()) or 1 if trail.items else _ENDED
