"""What others looked at who looked at the same postings."""

from scorers.crowd import Crowd
from scorers.sources.proposals import Proposals

TOGETHER_WEIGHT = 1.2
FIRST = 8


class ViewedTogether:
    """Session neighbours: the postings that stand beside a person's own in the sessions of others; half the weight after the first few."""

    name = "together"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        for person, rows in enumerate(crowd.companions.rows):
            into.offer(person, rows[:FIRST], TOGETHER_WEIGHT)
            into.offer(person, rows[FIRST:], TOGETHER_WEIGHT / 2)
