"""The effect of a batch on its sections: pure, so that what fails here fails every time and can be found by halving."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from profiles.candidate import Stored
from profiles.counts import Tally
from profiles.fold import fold
from profiles.identity import Link
from profiles.sections import EMPTY, encode_section
from profiles.store import SectionKey
from profiles.trends import HOUR_MS, trend_of
from schemas.messages import CandidateId, MalformedMessage
from streams.decoding import Erased, Reading, Restored


@dataclass(slots=True)
class Folding:
    """What a batch changes: sections as they will be, decoded and encoded; links; weights by hour and posting; counts by posting.

    `refused` are the records that name something no section can keep; `deleted` are sections whose person was erased, and
    `forgotten` of whom nothing up to that time may stay beside them either.
    """

    sections: dict[SectionKey, Stored] = field(default_factory=dict)
    encoded: dict[SectionKey, tuple[int, bytes]] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    refused: list[tuple[Reading, MalformedMessage]] = field(default_factory=list)
    deleted: set[SectionKey] = field(default_factory=set)
    forgotten: dict[CandidateId, int] = field(default_factory=dict)
    trends: defaultdict[int, defaultdict[str, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )
    tally: Tally = field(default_factory=Tally)

    def erase(self, key: SectionKey, at: int, offset: int) -> None:
        """Take out a section, and with it what the batch said so far about who this person is."""
        candidate = key[1]
        self.sections[key] = Stored(EMPTY[key[0]], offset)
        self.deleted.add(key)
        self.forgotten[candidate] = max(at, self.forgotten.get(candidate, 0))
        self.links = [link for link in self.links if link.at > at or candidate not in (link.anonymous, link.user)]

    def restore(self, key: SectionKey, stored: Stored, event: Restored, offset: int) -> None:
        """Take a section in where nothing is held; elsewhere only the offset moves."""
        vacant = stored.section == EMPTY[key[0]]
        self.sections[key] = Stored(event.section if vacant else stored.section, offset)
        self.deleted.discard(key)
        self.links += event.links if vacant else ()


def fold_all(readings: Sequence[Reading], before: Callable[[SectionKey], Stored]) -> Folding:
    """Answer what the events of a batch make of the sections that `before` knows.

    A section moves its offset with every record, also with one that changes nothing in it: who waits for that record must see it pass.
    """
    folding = Folding()
    sections = folding.sections
    for reading in readings:
        key, event = reading.key, reading.event
        if isinstance(event, Erased):
            folding.erase(key, event.at, reading.record.offset)
            continue
        stored = sections.get(key) or before(key)
        if isinstance(event, Restored):
            folding.restore(key, stored, event, reading.record.offset)
            continue
        try:
            after = fold(stored.section, event)
        except MalformedMessage as refusal:
            folding.refused.append((reading, refusal))
            continue
        sections[key] = Stored(after, reading.record.offset)
        folding.deleted.discard(key)
        if reading.link is not None:
            folding.links.append(reading.link)
        if after is stored.section or not reading.counted:
            continue
        folding.tally.add(event, min(event.at, reading.record.timestamp))
        if (trend := trend_of(event)) is not None:
            folding.trends[event.at // HOUR_MS][trend[0]] += trend[1]
    folding.encoded = {
        key: (stored.offset, encode_section(stored.section))
        for key, stored in sections.items()
        if key not in folding.deleted
    }
    return folding


def culprit(readings: Sequence[Reading], sections: Mapping[SectionKey, Stored]) -> int:
    """Answer the first record that makes `fold_all` fail, given that the whole batch does: the end of the shortest failing start."""
    passing, failing = 0, len(readings)
    while failing - passing > 1:
        middle = (passing + failing) // 2
        if _fails(readings[:middle], sections):
            failing = middle
        else:
            passing = middle
    return failing - 1


def _fails(readings: Sequence[Reading], sections: Mapping[SectionKey, Stored]) -> bool:
    try:
        fold_all(readings, sections.__getitem__)
    except Exception:  # noqa: BLE001  # whatever a fold may raise is what is looked for
        return True
    return False
