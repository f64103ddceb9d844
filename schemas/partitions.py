"""Where Kafka's default partitioner puts a key."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


# Pure Python takes some 15 µs a key, and people come back.
@lru_cache(maxsize=200_000)
def _hash(key: bytes) -> int:
    return int(murmur2(key)) & 0x7FFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """Answer the partition of a key, of so many."""
    return _hash(key) % partitions
