"""A Kafka record as the streams see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from profiles.store import TopicPartition

Headers = Sequence[tuple[str, bytes | None]]


class Record(Protocol):
    """What aiokafka hands out; `timestamp` is milliseconds since the epoch."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


@dataclass(frozen=True, slots=True)
class Run:
    """Records of one partition in the order of the log."""

    partition: TopicPartition
    records: Sequence[Record]
