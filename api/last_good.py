"""The decisions served of late, for when their store is away: as bytes, which the garbage collector need not walk."""

from collections import OrderedDict
from collections.abc import Collection

from schemas.decision import Decision
from schemas.decision_json import decode_decision
from schemas.messages import CandidateId

_LIMIT = 2_000


class LastGood:
    """The newest decision of each of the last people that were asked for."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[CandidateId, bool], bytes] = OrderedDict()
        self.turn = 0
        """Moves whenever somebody said something about consent."""

    def remember(self, candidate: CandidateId, decision: bytes, *, own_only: bool, turn: int) -> None:
        """Keep what was served; what a publishable key may see and what a secret one may are two things under one id.

        `turn` is the one in which the decision was asked for: what was read before somebody's answer is not kept after it.
        """
        if turn != self.turn:
            return
        name = (candidate, own_only)
        self._kept[name] = decision
        self._kept.move_to_end(name)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def recall(self, candidate: CandidateId, *, own_only: bool) -> Decision | None:
        kept = self._kept.get((candidate, own_only))
        return None if kept is None else decode_decision(kept)

    def heed(self, answered: Collection[CandidateId]) -> None:
        """Drop what is kept of those who said something about consent: its rules hold on every rung."""
        self.turn += 1
        for candidate in answered:
            self.forget(candidate)

    def forget(self, candidate: CandidateId) -> None:
        """Drop what is kept of somebody who is not to be decided for."""
        for own_only in (True, False):
            self._kept.pop((candidate, own_only), None)
