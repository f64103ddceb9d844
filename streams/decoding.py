"""From a record to what it means, or to why it is refused."""

from dataclasses import dataclass
from typing import Any

from profiles.consent import may_count
from profiles.erasures import Erasures
from profiles.identity import Link, link_of
from profiles.sections import Section, decode_section
from profiles.store import SectionKey, TopicPartition
from schemas.consent import ANALYTICS, allows
from schemas.erasing import erasure_in
from schemas.events import Event, event_of, topic_of
from schemas.messages import MalformedMessage, decode_message
from schemas.partitions import partition_of
from schemas.restoring import restoring_in
from streams.records import Record

NOBODY_ERASED = Erasures()


@dataclass(frozen=True, slots=True)
class Erased:
    """All that the section holds is taken out of it."""

    at: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A section from another house, and the links of its person: it counts where nothing is held yet."""

    section: Section
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One record, understood. `counted` says whether it may be in figures about postings: its person did not say no to that."""

    partition: TopicPartition
    record: Record
    key: SectionKey
    event: Event | Erased | Restored
    link: Link | None
    counted: bool = True


def read(
    partition: TopicPartition, record: Record, partitions: int, erasures: Erasures = NOBODY_ERASED
) -> Reading | None:
    """Answer what a record means; None when it may not count: without consent, or about somebody who was erased.

    MalformedMessage says why it can never be folded. `partitions` is the topic's partition count.
    """
    if record.value is None:
        raise MalformedMessage("no_value", "a record without a value")
    erased_at = erasure_in(record.value)
    if erased_at is not None:
        return _reading(partition, record, partitions, Erased(erased_at))
    restored = restoring_in(record.value)
    if restored is not None:
        reading = _reading(partition, record, partitions, _restored(partition, *restored))
        return None if erasures.suppresses(reading.key[1], record.timestamp) else reading
    message = decode_message(record.value)
    candidate = message.candidate_id
    key = candidate.encode()
    if record.key != key:
        raise MalformedMessage("key_mismatch", "the record's key is not the message's candidate id")
    if partition_of(key, partitions) != partition.partition:
        raise MalformedMessage("wrong_partition", "the record lies where Kafka's default partitioner would not put it")
    event = event_of(message)
    topic = topic_of(event)
    if topic is not partition.topic:
        raise MalformedMessage("wrong_topic", f"an event of the topic {topic.value}")
    if not may_count(event, message.consent) or erasures.refuses(message, event):
        return None
    counted = allows(message.consent or {}, ANALYTICS) and erasures.counts(message)
    return Reading(partition, record, (topic, candidate), event, link_of(message), counted)


def _reading(partition: TopicPartition, record: Record, partitions: int, event: Erased | Restored) -> Reading:
    key = (record.key or b"").decode("utf-8", "replace")
    if key[:2] not in ("u:", "a:"):
        raise MalformedMessage("key_mismatch", "the key is the candidate id")
    if partition_of(record.key or b"", partitions) != partition.partition:
        raise MalformedMessage("wrong_partition", "the record lies where Kafka's default partitioner would not put it")
    return Reading(partition, record, (partition.topic, key), event, None)


def _restored(partition: TopicPartition, section: bytes, links: list[list[Any]]) -> Restored:
    try:
        return Restored(decode_section(partition.topic, section), tuple(Link(*link) for link in links))
    except (ValueError, TypeError, LookupError) as error:
        raise MalformedMessage("unreadable_section", "no section of this topic and version") from error
