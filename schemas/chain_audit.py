"""Auditing the decision log's chains: whether a record was changed, lost, moved or slipped in, and where."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.chain import BEGINNING, HEADER, Anchor, End, Name, decode_link, hash_of

BREAKS_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold, and what is wrong there."""

    partition: int
    offset: int
    writer: str
    problem: str


@dataclass(slots=True)
class Chain:
    """One chain as far as it was read."""

    first: int
    records: int = 0
    number: int = -1
    hash: str = BEGINNING
    offset: int = -1


@dataclass(slots=True)
class Audit:
    """Takes a log's records, partition by partition in the order of their offsets; `finish` tells what is missing at the ends.

    `anchors` are those known when reading began. `partial` are partitions that are not read from their very first record, because
    retention took the older ones or because the reader asked for later ones: there a chain may begin anywhere.
    """

    anchors: Mapping[Name, Anchor]
    partial: frozenset[int] = frozenset()
    chains: dict[Name, Chain] = field(default_factory=dict)
    breaks: list[Break] = field(default_factory=list)
    unchained: int = 0
    begins: dict[int, int] = field(default_factory=dict)
    """The timestamp of each partition's first record."""

    def take(
        self, partition: int, offset: int, record: tuple[bytes, bytes], headers: Mapping[str, bytes], timestamp: int
    ) -> None:
        """Take one record, given by key and value."""
        self.begins.setdefault(partition, timestamp)
        written = headers.get(HEADER)
        if written is None:
            self._take_unchained(partition, offset)
            return
        try:
            link = decode_link(written)
        except ValueError:
            self._broken(partition, offset, "", "its place in a chain cannot be read")
            return
        name = partition, link.writer
        chain = self.chains.get(name)
        if chain is None:
            chain = self.chains[name] = Chain(link.number, number=link.number - 1, hash=link.before)
            if link.number and partition not in self.partial:
                self._broken(partition, offset, link.writer, f"its chain begins with record {link.number}, not 0")
            if not link.number and link.before != BEGINNING:
                self._broken(partition, offset, link.writer, "the first record of its chain was changed")
        if link.number > chain.number + 1:
            missing = link.number - chain.number - 1
            self._broken(partition, offset, link.writer, f"{missing} records are missing before it")
        elif link.number <= chain.number:
            self._broken(partition, offset, link.writer, f"record {link.number} stands after record {chain.number}")
            return
        elif link.before != chain.hash:
            self._broken(partition, offset, link.writer, f"the record before it, at {chain.offset}, was changed, or it")
        chain.records += 1
        chain.number, chain.hash, chain.offset = link.number, hash_of(link, *record), offset
        if (anchor := self.anchors.get(name)) is not None:
            self._compare(name, chain, anchor)

    def finish(self) -> None:
        """Tell of chains that end before their anchor."""
        for (partition, writer), anchor in sorted(self.anchors.items()):
            chain = self.chains.get((partition, writer))
            if chain is not None and chain.number < anchor.number:
                missing = anchor.number - chain.number
                self._broken(partition, chain.offset, writer, f"{missing} records are cut off after it")
            elif chain is None and not self._is_past(partition, anchor):
                self._broken(partition, -1, writer, f"all {anchor.number + 1} records of the chain are gone")

    def _compare(self, name: Name, chain: Chain, anchor: Anchor) -> None:
        """Compare the newest record of a chain with what its anchor says."""
        partition, writer = name
        if anchor.end == "stopped" and chain.number > anchor.number:
            self._broken(partition, chain.offset, writer, "it stands behind the end of its chain")
        if anchor.number == chain.number and anchor.hash != chain.hash:
            self._broken(partition, chain.offset, writer, "it is not the record that the anchor names")

    def end_of(self, name: Name) -> End:
        """Answer how a chain ended."""
        anchor = self.anchors.get(name)
        return "" if anchor is None else anchor.end

    def _take_unchained(self, partition: int, offset: int) -> None:
        if any(number == partition for number, _ in self.chains):
            self._broken(partition, offset, "", "it stands in no chain")
        else:
            self.unchained += 1

    def _is_past(self, partition: int, anchor: Anchor) -> bool:
        """Say whether a chain ended before what was read begins: its records are past retention, or were not asked for."""
        if partition not in self.partial:
            return False
        begins = self.begins.get(partition)
        return begins is None or anchor.at < begins

    def _broken(self, partition: int, offset: int, writer: str, problem: str) -> None:
        if len(self.breaks) < BREAKS_LIMIT:
            self.breaks.append(Break(partition, offset, writer, problem))
