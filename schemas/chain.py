"""The chain of the decision log: each record names its writer, its number, and the hash of the one before it in its partition.

Several processes write to one partition, so each has a chain of its own there; none waits for another.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import orjson

HEADER = "careerstream.chain"
BEGINNING = "0" * 64
"""What stands for the hash before the first record."""

End = Literal["", "stopped", "renewed"]
"""How a chain ended: by a planned stop, or given up after a write that failed; "" while it is written, or its process was killed."""

Name = tuple[int, str]
"""A chain: its partition and its writer."""


@dataclass(frozen=True, slots=True)
class Link:
    """A record's place in its chain; `number` counts from 0."""

    writer: str
    number: int
    before: str

    def encode(self) -> bytes:
        return f"{self.writer} {self.number} {self.before}".encode()


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far a chain had come, kept apart from it, so that a tail that was cut off is missed."""

    number: int
    hash: str
    at: int
    end: End = ""


def decode_link(value: bytes) -> Link:
    """Answer what `Link.encode` wrote; ValueError for anything else."""
    writer, number, before = value.decode().split(" ")
    return Link(writer, int(number), before)


def hash_of(link: Link, key: bytes, value: bytes) -> str:
    """Answer the hash of a record with its place."""
    digest = hashlib.sha256(link.encode())
    for part in (key, value):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def anchor_key(name: Name) -> bytes:
    return f"{name[0]} {name[1]}".encode()


def encode_anchor(anchor: Anchor) -> bytes:
    return orjson.dumps(asdict(anchor))


def decode_anchor(key: bytes, value: bytes) -> tuple[Name, Anchor]:
    """Answer what `anchor_key` and `encode_anchor` wrote; ValueError or TypeError for anything else."""
    partition, writer = key.decode().split(" ")
    return (int(partition), writer), Anchor(**orjson.loads(value))


class Chains:
    """The chains of one writer: link records in the order in which they will lie, and nothing else in between.

    What was not acknowledged may lie there or not: then `renew`, and link what is sent again anew.
    """

    def __init__(self, partition_of: Callable[[bytes], int], new_writer: Callable[[], str]) -> None:
        self._partition_of = partition_of
        self._new_writer = new_writer
        self._heads: dict[int, tuple[int, str]] = {}
        self._unanchored: set[int] = set()
        self._told: dict[int, Anchor] = {}
        self._ended: list[tuple[bytes, bytes]] = []
        self._writer = new_writer()

    @property
    def is_unanchored(self) -> bool:
        return bool(self._unanchored)

    def link(self, key: bytes, value: bytes) -> tuple[str, bytes]:
        """Answer the header of the next record."""
        partition = self._partition_of(key)
        number, before = self._heads.get(partition, (0, BEGINNING))
        link = Link(self._writer, number, before)
        self._heads[partition] = number + 1, hash_of(link, key, value)
        self._unanchored.add(partition)
        return HEADER, link.encode()

    def renew(self) -> None:
        """Begin new chains under a new name; the next anchors tell of those that end here, as far as they were acknowledged."""
        self._ended += [
            self._encoded(partition, replace(told, end="renewed")) for partition, told in self._told.items()
        ]
        self._writer = self._new_writer()
        self._heads.clear()
        self._unanchored.clear()
        self._told.clear()

    def anchors(self, now: int) -> Sequence[tuple[bytes, bytes]]:
        """Answer key and value of the anchors to be written, once everything linked so far is acknowledged."""
        moved, self._unanchored = self._unanchored, set()
        self._told |= {partition: self._anchor(partition, now) for partition in moved}
        ended, self._ended = self._ended, []
        return [*ended, *(self._encoded(partition, self._told[partition]) for partition in sorted(moved))]

    def close(self, now: int) -> Sequence[tuple[bytes, bytes]]:
        """Answer the last anchors, once everything linked is acknowledged and nothing more will be."""
        ended, self._ended = self._ended, []
        heads = [(partition, replace(self._anchor(partition, now), end="stopped")) for partition in sorted(self._heads)]
        return [*ended, *(self._encoded(*head) for head in heads)]

    def _anchor(self, partition: int, now: int) -> Anchor:
        count, head = self._heads[partition]
        return Anchor(count - 1, head, now)

    def _encoded(self, partition: int, anchor: Anchor) -> tuple[bytes, bytes]:
        return anchor_key((partition, self._writer)), encode_anchor(anchor)
