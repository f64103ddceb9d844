"""What a profile store promises: sections and checkpoints that move together, decisions that never go back."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol

from profiles.answers import Answer
from profiles.candidate import Stored
from profiles.counts import CountReader, Counts
from profiles.identity import Link
from profiles.trails import Trails
from schemas.decision import Decision
from schemas.messages import CandidateId
from schemas.topics import Topic

SECONDS_KEPT = 30 * 86_400
"""How long a decision that nobody renews is kept."""

TREND_HOURS = 72
"""How many hours of trends are kept and read."""

ANSWERS_LIMIT = 64
"""How many answers about consent of a user's browsers are kept until they are folded, the newest; of the user's own all are."""

LINKS_LIMIT = 8
"""How many anonymous ids a user's links remember, the newest; a merged view reads five of them."""


class TopicPartition(NamedTuple):
    """One partition of a candidate topic: what has a checkpoint."""

    topic: Topic
    partition: int

    def __str__(self) -> str:
        return f"{self.topic.value}:{self.partition}"


SectionKey = tuple[Topic, CandidateId]
"""Names one section: its topic and the candidate id it belongs to."""


class StoreUnavailable(Exception):
    """The store cannot be asked now: it is away, starting, read-only or out of memory. Asking again later may work."""


class Outcome(Enum):
    """What became of a commit."""

    APPLIED = "applied"
    DONE = "done"
    """Nothing to do: this very commit is already in the store (its answer got lost on the way)."""
    FENCED = "fenced"
    """Somebody else moved a checkpoint, or the store forgot: read the checkpoints again and go on from there."""
    MOVED = "moved"
    """The live generation is another one now."""


@dataclass(frozen=True, slots=True)
class Advance:
    """A checkpoint's move: `expected` is what must be stored (None: nothing yet), `following` the next offset to read."""

    expected: int | None
    following: int


@dataclass(frozen=True, slots=True)
class Commit:
    """One batch's effect, written whole or not at all. Sections come encoded, with the offset of the newest record in them."""

    generation: str
    checkpoints: Mapping[TopicPartition, Advance]
    sections: Mapping[SectionKey, tuple[int, bytes]] = field(default_factory=dict)
    links: Sequence[Link] = ()
    deleted: Sequence[SectionKey] = ()
    trends: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    counts: Counts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identities:
    """What is known about who is who: a user's links (newest first) and where an anonymous id leads."""

    links: Mapping[CandidateId, tuple[Link, ...]] = field(default_factory=dict)
    redirects: Mapping[CandidateId, CandidateId] = field(default_factory=dict)


class Written(Enum):
    """What became of a decision that was handed in."""

    WRITTEN = "written"
    OUTDATED = "outdated"
    """A decision that saw at least as much is already there: drop this one."""
    CONFLICT = "conflict"
    """Each saw something the other did not: read again, decide again, and name the version seen in `DecisionPut.over`."""
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class DecisionPut:
    """A decision to keep, and the segments that go with it.

    `memberships` maps each segment to when it was entered; `before` is what the decider read (the change is refused when
    somebody changed it since); `due` is when time alone may change a membership. `news` is what Kafka is to be told of it, by id,
    kept until `settle_news` says that Kafka has it. `over` is the version vector that an earlier answer named.
    `encoded` are the bytes of `encode_decision`, for who has them already.
    """

    decision: Decision
    memberships: Mapping[str, int] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)
    due: int | None = None
    news: Mapping[str, bytes] = field(default_factory=dict)
    over: bytes | None = None
    encoded: bytes | None = None


@dataclass(frozen=True, slots=True)
class PutAnswer:
    written: Written
    over: bytes | None = None
    """With CONFLICT: the stored version vector, as `DecisionPut.over` wants it."""


class Kept(NamedTuple):
    """A candidate's decision as `encode_decision` wrote it, and what was said about consent that it may not know yet, as it is kept."""

    decision: bytes | None
    answers: bytes | None


@dataclass(frozen=True, slots=True)
class Announcement:
    """Made with each commit and each `note_answers`."""

    following: Mapping[TopicPartition, int] = field(default_factory=dict)
    """The next offset of every partition that moved."""
    answered: Collection[CandidateId] = ()
    """Whom it concerns what somebody said about consent."""


class ProfileStore(Protocol):
    """Keeps live profiles, decisions and segments. Every method may raise StoreUnavailable.

    Reads and decision writes concern the live generation (or the one a `building` view is bound to).
    """

    @property
    def trails(self) -> Trails:
        """What session neighbours are made of."""
        ...

    @property
    def counts(self) -> CountReader:
        """What happened to each posting."""
        ...

    async def generation(self) -> str:
        """Answer the live generation's name, making the first one if there is none."""
        ...

    async def checkpoints(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int | None]:
        """Answer the next offset to read of each partition, None where nothing was ever applied."""
        ...

    async def commit(self, commit: Commit) -> Outcome:
        """Write a batch whole, or nothing of it."""
        ...

    async def sections(self, keys: Sequence[SectionKey]) -> dict[SectionKey, Stored]:
        """Answer the sections that exist, in one round trip."""
        ...

    async def identities(self, candidates: Iterable[CandidateId]) -> Identities:
        """Answer everything needed to name all ids of these people: their links and redirects, followed to the end."""
        ...

    async def attempt(self, partition: TopicPartition, offset: int) -> int:
        """Count one more try to apply the record at `offset`; answer how many there were."""
        ...

    async def decision(self, candidate: CandidateId) -> bytes | None:
        """Answer a candidate's decision as `encode_decision` wrote it."""
        ...

    async def kept(self, candidate: CandidateId) -> Kept:
        """Answer a candidate's decision and, in the same round trip, what they or their browsers said about consent of late."""
        ...

    async def note_answers(self, answers: Sequence[Answer]) -> list[CandidateId]:
        """Keep each no until it is settled, and the yes beside it; answer whose decisions it concerns: these ids' and their users'.

        Of the same answer the latest stays, so what is done twice or late ends the same.
        """
        ...

    async def sections_as_told(self, keys: Sequence[SectionKey]) -> Mapping[SectionKey, Stored]:
        """Answer the sections as they are once what was said about consent is folded, in one round trip (`profiles/answers.py`)."""
        ...

    async def settle_answers(self, candidate: CandidateId, answers: bytes) -> None:
        """All of this is in the sections and in the candidate's decision; what was said meanwhile stays."""
        ...

    async def put_decisions(self, puts: Sequence[DecisionPut]) -> list[PutAnswer]:
        """Keep decisions, each only over one that saw less; the segments move with them. One answer for each, in order."""
        ...

    async def memberships(self, candidates: Sequence[CandidateId]) -> dict[CandidateId, dict[str, int]]:
        """Answer each candidate's segments and when each was entered (milliseconds)."""
        ...

    async def members(self, segment: str, start: int = 0, limit: int = 1000) -> list[tuple[CandidateId, int]]:
        """Answer a segment's members by the time they entered, and that time."""
        ...

    async def member_count(self, segment: str) -> int: ...

    async def due(self, now: int, limit: int = 500) -> list[CandidateId]:
        """Answer candidates whose memberships time alone may have changed by `now`."""
        ...

    async def undecided(self, limit: int = 500) -> dict[SectionKey, int]:
        """Answer sections that were committed and whose people were not yet decided for, with the offset each is at."""
        ...

    async def settle(self, marks: Mapping[SectionKey, int]) -> None:
        """These people were decided for, at least up to these offsets."""
        ...

    async def untold(self) -> set[str]:
        """Answer the ids of the news of which nobody said yet that Kafka has it."""
        ...

    async def news(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Answer those of these news that are still untold."""
        ...

    async def settle_news(self, ids: Iterable[str]) -> None:
        """Kafka has these news."""
        ...

    async def trends(self, now: int, half_life_hours: float = 12.0) -> dict[str, float]:
        """Answer each job's weight of late, decayed by hour."""
        ...

    async def forget(self, candidates: Mapping[CandidateId, int]) -> int:
        """Delete whatever is kept of these ids beside their sections; answer how many keys went.

        That is decision, memberships, trail, answers about consent, and links up to the time (milliseconds) of the erasure: who
        comes back may be linked by another partition's records already. Sections go with the record that erases them. Done twice, it
        changes nothing.
        """
        ...

    async def digest(self) -> str:
        """Answer a SHA-256 over all sections, links and redirects: equal states, equal digests. Offsets do not count."""
        ...

    def candidates(self) -> AsyncIterator[CandidateId]:
        """Walk over the ids that have any section, each at least once."""
        ...

    async def bytes_of(self, candidate: CandidateId) -> int:
        """Answer how many bytes are kept for one candidate id."""
        ...

    async def generations(self) -> list[str]: ...

    async def create_generation(self) -> str:
        """Make a new, empty generation that is not live; answer its name."""
        ...

    def building(self, generation: str) -> "ProfileStore":
        """Answer the same store bound to one generation, live or not: what replay writes through."""
        ...

    async def inherit(self, generation: str) -> None:
        """Take over another generation's segment memberships: what deciding here changes is then a change indeed."""
        ...

    async def swap(self, live: str, following: str) -> bool:
        """Make `following` the live generation, if `live` still is; False if not."""
        ...

    async def delete_generation(self, generation: str) -> int:
        """Delete a generation that is not live; answer how many keys went."""
        ...

    def announcements(self) -> AsyncIterator[Announcement]:
        """Follow what is committed and said from now on; the first is empty and says that this has begun.

        Lossy: whoever must know asks the store as well.
        """
        ...

    async def ping(self) -> None:
        """Raise StoreUnavailable unless the store answers."""
        ...
