"""Who had not been decided for when the store was met: what is stored for them may be from before what they said last."""

from collections.abc import Collection, Mapping

from profiles.store import SectionKey
from schemas.decision import Decision
from schemas.messages import CandidateId


class Undecided:
    """Sections of which a decision has to have seen so much, by the people whom they concern. Empty, it costs nothing."""

    def __init__(self) -> None:
        self._marks: dict[SectionKey, int] = {}
        self._concerned: dict[CandidateId, list[SectionKey]] = {}

    def __len__(self) -> int:
        return len(self._marks)

    def begin(self, marks: Mapping[SectionKey, int], leading: Mapping[CandidateId, CandidateId]) -> None:
        """Know these sections and the offset each is at, instead of others; `leading` says which user an anonymous id leads to."""
        self._marks, self._concerned = dict(marks), {}
        for key in marks:
            for candidate in {key[1], leading.get(key[1], key[1])}:
                self._concerned.setdefault(candidate, []).append(key)

    def settle(self, left: Collection[SectionKey]) -> None:
        """Forget sections that are not among those `left`."""
        self._marks = {key: offset for key, offset in self._marks.items() if key in left}

    def has_seen(self, decision: Decision, candidate: CandidateId) -> bool:
        """Say whether a decision that is kept under an id was made from these sections as they are, or from newer ones."""
        if not self._marks:
            return True
        return all(
            decision.version.get(f"{topic.value}/{each}", -1) >= self._marks.get((topic, each), -1)
            for topic, each in self._concerned.get(candidate, ())
        )
