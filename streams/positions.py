"""Where this worker stands: the generation it writes, its partitions, and the next offset of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from profiles.store import Advance, TopicPartition


@dataclass(slots=True)
class Positions:
    """`stored` is what the store's checkpoint says (None: nothing yet), `following` the next offset to fold."""

    generation: str = ""
    stored: dict[TopicPartition, int | None] = field(default_factory=dict)
    following: dict[TopicPartition, int] = field(default_factory=dict)

    def restart(
        self, generation: str, stored: Mapping[TopicPartition, int | None], following: Mapping[TopicPartition, int]
    ) -> None:
        self.generation = generation
        self.stored = dict(stored)
        self.following = dict(following)

    def advance(self, partition: TopicPartition, following: int) -> Advance:
        """Answer the move of one partition, for a commit."""
        return Advance(self.stored[partition], following)

    def advanced(self, moves: Mapping[TopicPartition, Advance]) -> None:
        """The store took these moves."""
        for partition, move in moves.items():
            self.stored[partition] = move.following
            self.following[partition] = move.following
