"""People whose sections were committed and who wait for a decision: first come, first decided, each once however much they did."""

import time
from itertools import islice

from profiles.store import SectionKey
from schemas.messages import CandidateId
from streams.batch import Effect


class Waiting:
    """A queue of candidates with the marks that their decision settles."""

    def __init__(self) -> None:
        self._marks = dict[CandidateId, dict[SectionKey, int]]()
        self._since = dict[CandidateId, float]()
        self._taken = frozenset[CandidateId]()

    def __len__(self) -> int:
        return len(self._marks)

    def __contains__(self, candidate: CandidateId) -> bool:
        return candidate in self._marks or candidate in self._taken

    def add(self, effect: Effect) -> None:
        now = time.monotonic()
        for candidate in effect.linked:
            self._marks.setdefault(candidate, {})
            self._since.setdefault(candidate, now)
        for key, offset in effect.marks.items():
            self._marks.setdefault(key[1], {})[key] = offset
            self._since.setdefault(key[1], now)

    def longest(self) -> float:
        """Answer for how many seconds the first in the queue has been waiting."""
        first = next(iter(self._since.values()), None)
        return 0.0 if first is None else time.monotonic() - first

    def take(self, limit: int) -> Effect:
        """Take those at the head out, and answer the effect that they waited for; who is added meanwhile stands in line again."""
        self._taken = frozenset(islice(self._marks, limit))
        marks = {key: offset for candidate in self._taken for key, offset in self._marks.pop(candidate).items()}
        for candidate in self._taken:
            del self._since[candidate]
        return Effect(marks, self._taken)

    def done(self) -> None:
        """Note that those who were taken have their decisions."""
        self._taken = frozenset()
