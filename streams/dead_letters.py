"""Records that mean nothing to a profile: kept as they came, with Kafka Connect's error headers, and driven in again."""

from dataclasses import dataclass
from typing import Final

from profiles.store import TopicPartition
from schemas.topics import Topic, TopicNames
from streams.records import Headers, Record
from streams.sink import Outgoing

REASON: Final = "careerstream.reason"
REDRIVEN: Final = "careerstream.redriven"
"""On a record that was driven in again: `topic:partition:offset` of where it first lay."""
WEBHOOK: Final = "careerstream.webhook"
"""On a record of which one webhook was not told in time: `careerstream notices` tells it, and nothing drives it in again."""
OMITTED: Final = "careerstream.omitted-bytes"
"""On a letter that came without the record, for the record has so many bytes: it lies where the other headers say."""
LIMIT: Final = 1_000_000
"""Bytes of a letter at most. Kafka takes 1,048,588 unless told otherwise, and a letter that it refuses would hold its partition up."""
_CONNECT: Final = "__connect.errors."
TOPIC: Final = f"{_CONNECT}topic"
"""The topic that the record first lay on."""
_CONNECTOR = b"careerstream"
_NOTHING = b""
"""aiokafka writes no record that has neither key nor value."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that is refused. `reason` is a code such as `invalid_json`, `stage` where it was found out, `error` a class name.

    No message and no stack trace: they can quote the person.
    """

    partition: TopicPartition
    record: Record
    reason: str
    stage: str
    error: str
    webhook: str = ""


def dead_letter_record(letter: DeadLetter, names: TopicNames, worker: str) -> Outgoing:
    """Answer the record as it came, with the headers that say where it lay and why it is here; of a huge one the headers alone."""
    record, partition = letter.record, letter.partition
    about: dict[str, bytes] = {
        TOPIC: names.full(partition.topic).encode(),
        f"{_CONNECT}partition": str(partition.partition).encode(),
        f"{_CONNECT}offset": str(record.offset).encode(),
        f"{_CONNECT}connector.name": _CONNECTOR,
        f"{_CONNECT}task.id": worker.encode(),
        f"{_CONNECT}stage": letter.stage.encode(),
        f"{_CONNECT}class.name": b"streams.batch",
        f"{_CONNECT}exception.class.name": letter.error.encode(),
        REASON: letter.reason.encode(),
    }
    if letter.webhook:
        about[WEBHOOK] = letter.webhook.encode()
    original = [(name, value) for name, value in record.headers if name not in about]
    topic, timestamp = names.full(Topic.DEAD_LETTERS), record.timestamp if record.timestamp >= 0 else None
    size = _size(record)
    if size > LIMIT:
        return Outgoing(topic, None, _NOTHING, [*about.items(), (OMITTED, str(size).encode())], timestamp)
    value = _NOTHING if record.key is None and record.value is None else record.value
    return Outgoing(topic, record.key, value, [*original, *about.items()], timestamp)


def redriven_record(headers: Headers, key: bytes | None, value: bytes | None, timestamp: int) -> Outgoing | None:
    """Answer the record that goes back to its topic, marked with where it first lay; None when the headers don't say, or it is not here.

    None as well for what a webhook was not told: folded a second time, an erasure would erase who came back since.
    """
    about = dict(headers)
    if OMITTED in about or WEBHOOK in about:
        return None
    topic, partition, offset = (about.get(f"{_CONNECT}{name}") for name in ("topic", "partition", "offset"))
    if topic is None or partition is None or offset is None:
        return None
    kept = [
        (name, found) for name, found in headers if not name.startswith(_CONNECT) and name not in (REASON, REDRIVEN)
    ]
    origin = about.get(REDRIVEN) or b":".join((topic, partition, offset))
    return Outgoing(topic.decode(), key, value, [*kept, (REDRIVEN, origin)], timestamp if timestamp >= 0 else None)


def _size(record: Record) -> int:
    headers = sum(len(name) + len(value or b"") for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers
