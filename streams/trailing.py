"""Which trails a decided batch changed: what session neighbours are made of moves with the decision, for whom it may."""

from collections.abc import Callable, Mapping
from zlib import crc32

from profiles.candidate import Candidate
from profiles.pseudonym import pseudonym
from profiles.trails import LEAST_ITEMS, Trail, trail_of
from streams.people import People

REMEMBERED = 50_000
_ENDED = 0


class Trailing:
    """Remembers what it answered last, so that who only scrolled is not written again. `may_follow` says for whom there may be a trail."""

    def __init__(self, may_follow: Callable[[Candidate], bool]) -> None:
        self._may_follow = may_follow
        self._last: dict[str, int] = {}

    def changed(self, people: People) -> Mapping[str, Trail]:
        """Answer the trails that are others than before, empty for whoever must not have one any more."""
        changed: dict[str, Trail] = {}
        for each, candidate in people.candidates.items():
            # A browser's views stand in the trail of the user to whom it belongs.
            ends = each in people.led or not self._may_follow(candidate)
            trail = () if ends else trail_of(candidate)
            name, mark = pseudonym(each), _mark(trail)
            if 0 < len(trail) < LEAST_ITEMS and not self._last.get(name):
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
    return crc32("\n".join(trail).encode()) or 1 if trail else _ENDED
