"""A Kafka record as the streams see it, and where it has to lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from aiokafka.partitioner import murmur2

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


# Pure Python takes some 15 µs a key, and people come back.
@lru_cache(maxsize=200_000)
def hash_of(key: bytes) -> int:
    """Answer the hash by which Kafka's default partitioner places a key."""
    return int(murmur2(key)) & 0x7FFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """Answer the partition in which Kafka's default partitioner puts a key."""
    return hash_of(key) % partitions
