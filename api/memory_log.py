"""An event log in memory, for dry runs and tests: one process, a few partitions, nothing outlives it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from api.after import Position
from api.log import Record
from schemas.partitions import partition_of
from schemas.topics import Topic


@dataclass(slots=True)
class MemoryLog:
    """Keeps every record in `records`; while `away` is set, nothing is acknowledged."""

    partition_count: int = 4
    away: bool = False
    records: list[tuple[Position, Record]] = field(default_factory=list)

    async def append(self, records: Sequence[Record]) -> list[Position | None]:
        return [None if self.away else self._append(record) for record in records]

    async def partitions(self, topic: Topic) -> int:  # noqa: ARG002  # all topics are alike here
        return self.partition_count

    async def problem(self) -> str | None:
        return "the log is away" if self.away else None

    def of(self, topic: Topic) -> list[Record]:
        """Answer the records of a topic, in the order of their arrival."""
        return [record for position, record in self.records if position.topic is topic]

    def _append(self, record: Record) -> Position:
        partition = partition_of(record.key or b"", self.partition_count)
        offset = sum((p.topic, p.partition) == (record.topic, partition) for p, _ in self.records)
        position = Position(record.topic, partition, offset)
        self.records.append((position, record))
        return position
