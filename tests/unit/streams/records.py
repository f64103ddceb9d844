"""Records, batches and a folder without a broker, for the tests of the streams."""

from dataclasses import dataclass, field

from profiles.erasures import Erasures
from profiles.memory_store import MemoryStore
from profiles.store import ProfileStore, TopicPartition
from schemas.messages import Message, encode_message
from schemas.topics import Topic, TopicNames
from streams.batch import Folder
from streams.decoding import NOBODY_ERASED
from streams.patience import Patience
from streams.positions import Positions
from streams.records import Run
from streams.sink import MemorySink

CLICKS = TopicPartition(Topic.CLICKS, 0)
NAMES = TopicNames("careers")


@dataclass(frozen=True, slots=True)
class ARecord:
    offset: int
    value: bytes | None
    key: bytes | None = b"u:ada"
    timestamp: int = 1
    headers: tuple = ()


def a_view(job: str = "j-1", *, user: str | None = "ada", at: int = 1_000, message_id: str = "", **more) -> Message:
    properties = {"job_id": job}
    return Message(
        message_id or f"m-{user}-{job}-{at}",
        "track",
        at,
        at,
        "Job Viewed",
        user,
        properties=properties,
        verified=True,
        consent={"personalization": True},
        **more,
    )


def a_record(offset: int, message: Message | None = None) -> ARecord:
    message = message or a_view(at=offset + 1)
    return ARecord(offset, encode_message(message), message.candidate_id.encode())


def a_run(*records: ARecord, partition: TopicPartition = CLICKS) -> Run:
    return Run(partition, records)


@dataclass(slots=True)
class Desk:
    """A folder at work on memory."""

    store: ProfileStore = field(default_factory=MemoryStore)
    sink: MemorySink = field(default_factory=MemorySink)
    positions: Positions = field(default_factory=Positions)

    def folder(self, *, stored: int | None = None, following: int = 0, erasures: Erasures = NOBODY_ERASED) -> Folder:
        self.positions.restart("g1", {CLICKS: stored}, {CLICKS: following})
        return Folder(
            store=self.store,
            sink=self.sink,
            names=NAMES,
            positions=self.positions,
            partitions=lambda _: 1,
            patience=Patience(),
            erasures=erasures,
        )
