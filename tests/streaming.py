"""What the tests of the streams share: histories, a log to write them to, workers to run, and what must come out."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition

from profiles.candidate import Stored
from profiles.fold import fold
from profiles.identity import link_of
from profiles.memory_store import MemoryStore
from profiles.sections import EMPTY, encode_section
from profiles.store import Advance, Commit, ProfileStore, SectionKey, StoreUnavailable, TopicPartition
from schemas.events import event_of, topic_of
from schemas.messages import Message, encode_message
from schemas.topics import CANDIDATE_TOPICS, Topic, TopicNames
from streams.app import create_app, run_app
from streams.desk import Decider
from streams.shift import Shift
from streams.sink import KafkaSink

NOW = 1_790_000_000_000
JOBS = 60
PARTITIONS = 4
PLACES = tuple(TopicPartition(topic, number) for topic in CANDIDATE_TOPICS for number in range(PARTITIONS))
"""Where events lie."""
GRANTED = {"personalization": True}
"""What a message has to bring along that lies in Kafka without having come through the collector."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record to write; `poison` marks what must end in the dead letters."""

    topic: Topic
    key: bytes | None
    value: bytes | None
    poison: bool = False


def history(seed: int, count: int, people: int = 40, *, crowd: str = "") -> list[Message]:
    """Answer what some people did, with clocks that go wrong, browsers that become users, and a few repeated messages.

    Another `crowd` are other people, of whom nothing is known: to a log that has a history already.
    """
    chance = random.Random(seed)
    messages = [_message(chance, number, people, crowd) for number in range(count)]
    repeated = [chance.choice(messages) for _ in range(count // 20)]
    return messages + repeated


def lines(messages: Iterable[Message]) -> list[Line]:
    return [Line(topic_of(event_of(each)), each.candidate_id.encode(), encode_message(each)) for each in messages]


def poison(seed: int, count: int) -> list[Line]:
    """Answer records that no profile can take, of every kind."""
    chance = random.Random(seed)
    good = lines(history(seed, 1))[0]
    kinds = [
        Line(Topic.CLICKS, b"u:x", b"\xff\x00 no JSON", poison=True),
        Line(Topic.SESSIONS, b"u:x", b"[]", poison=True),
        Line(Topic.PROFILES, b"u:x", None, poison=True),
        Line(Topic.APPLICATIONS, b"u:x", b'{"type":"track"}', poison=True),
        Line(good.topic, b"u:somebody-else", good.value, poison=True),
        Line(Topic.CLICKS if good.topic is not Topic.CLICKS else Topic.SESSIONS, good.key, good.value, poison=True),
    ]
    return [chance.choice(kinds) for _ in range(count)]


async def reference(messages: Iterable[Message]) -> MemoryStore:
    """Answer what the profiles must be: every message folded once, by nothing but the fold."""
    sections: dict[SectionKey, Stored] = {}
    links = []
    for message in messages:
        event = event_of(message)
        key = (topic_of(event), message.candidate_id)
        before = sections.get(key) or Stored(EMPTY[key[0]], 0)
        sections[key] = Stored(fold(before.section, event), 0)
        if (link := link_of(message)) is not None:
            links.append(link)
    store = MemoryStore()
    encoded = {key: (0, encode_section(stored.section)) for key, stored in sections.items()}
    await store.commit(Commit("g1", {TopicPartition(Topic.CLICKS, 0): Advance(None, 1)}, encoded, links))
    return store


async def differences(store: ProfileStore, messages: Sequence[Message]) -> list[str]:
    """Answer how a store's profiles differ from what the fold alone makes of these messages; nothing when they don't."""
    expected = await reference(messages)
    if await store.digest() == await expected.digest():
        return []
    keys = {(topic_of(event_of(each)), each.candidate_id) for each in messages}
    mine, theirs = await store.sections(list(keys)), await expected.sections(list(keys))
    found = [f"{key}: {mine.get(key)} instead of {theirs[key]}" for key in sorted(keys) if not _same(mine, theirs, key)]
    ids = [candidate for _, candidate in keys]
    known = {key[1] async for key in _walk(store, keys)}
    return [
        *found[:3],
        f"{len(found)} of {len(keys)} sections differ",
        f"links {'are' if await store.identities(ids) == await expected.identities(ids) else 'differ from'} the expected",
        f"unexpected candidates: {sorted(known)[:3]}",
    ]


async def _walk(store: ProfileStore, keys: set[SectionKey]) -> AsyncIterator[SectionKey]:
    expected = {candidate for _, candidate in keys}
    async for candidate in store.candidates():
        if candidate not in expected:
            yield Topic.CLICKS, candidate


def _same(mine: Mapping[SectionKey, Stored], theirs: Mapping[SectionKey, Stored], key: SectionKey) -> bool:
    return key in mine and mine[key].section == theirs[key].section


def topics_of(names: TopicNames) -> dict[str, int]:
    others = (Topic.DEAD_LETTERS, Topic.DECISIONS, Topic.SEGMENTS)
    return {names.full(topic): PARTITIONS for topic in (*CANDIDATE_TOPICS, *others)}


async def write(bootstrap: str, names: TopicNames, log: Sequence[Line], *, a_second: float | None = None) -> None:
    """Append lines in order, all at once or at a rate."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=2, max_request_size=8_000_000)
    await producer.start()
    try:
        for number, line in enumerate(log):
            await producer.send(names.full(line.topic), line.value, line.key, headers=[("line", str(number).encode())])
            if a_second and number % 10 == 0:
                await asyncio.sleep(10 / a_second)
        await producer.flush()
    finally:
        await producer.stop()


async def read_all(bootstrap: str, topic: str) -> list:
    """Answer every record of a topic."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = consumer.assignment()
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        records = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for found in (await consumer.getmany(timeout_ms=200)).values():
                records.extend(found)
        return records
    finally:
        await consumer.stop()


async def ends_of(bootstrap: str, names: TopicNames) -> dict[TopicPartition, int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return await ends_in(consumer, names)
    finally:
        await consumer.stop()


async def ends_in(consumer: AIOKafkaConsumer, names: TopicNames) -> dict[TopicPartition, int]:
    """Answer the same by a consumer that is there already: looking often is cheap then."""
    kafka = {each: KafkaPartition(names.full(each.topic), each.partition) for each in PLACES}
    ends = await consumer.end_offsets(kafka.values())
    return {each: ends[partition] for each, partition in kafka.items()}


async def caught_up(store: ProfileStore, bootstrap: str, names: TopicNames, *, patience: float = 240) -> None:
    """Wait until everything that is in the log now is in the store."""
    ends = {each: end for each, end in (await ends_of(bootstrap, names)).items() if end}
    async with asyncio.timeout(patience):
        while True:
            with suppress(StoreUnavailable):
                found = await store.checkpoints(ends)
                if all((found[each] or 0) >= end for each, end in ends.items()):
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def worker(
    bootstrap: str,
    store: ProfileStore,
    names: TopicNames,
    *,
    decider: Decider | None = None,
    member: str | None = None,
    exit_=None,
) -> AsyncIterator[Shift]:
    """Run a worker in this process's loop, with the product's own parts."""
    kafka = {"bootstrap_servers": bootstrap}
    stopping = asyncio.Event()
    async with KafkaSink(kafka) as sink:
        shift = Shift(store=store, sink=sink, names=names, decider=decider)
        app = create_app(
            shift=shift,
            names=names,
            kafka=kafka,
            group=f"{names.prefix}-workers",
            member=member,
            session_timeout=6.0,
            exit_=exit_ or _ended,
        )
        running = asyncio.create_task(run_app(app, exit_=exit_ or _ended, stopping=stopping))
        try:
            yield shift
        finally:
            stopping.set()
            await running


def _ended(code: int) -> None:
    raise SystemError(f"the worker ended with {code}")


def _message(chance: random.Random, number: int, people: int, crowd: str) -> Message:  # one for each kind
    who = f"{crowd}{chance.randrange(people)}"
    anonymous, user = f"anon-{who}-{chance.randrange(3)}", f"user-{who}"
    known = chance.random()
    ids = {"user_id": user} if known < 0.4 else {"anonymous_id": anonymous}
    if known > 0.9:
        ids = {"user_id": user, "anonymous_id": anonymous}
    at = NOW + number * 1000 + chance.randrange(-600_000, 600_000)
    common: dict[str, Any] = {
        "message_id": f"m-{number}-{chance.randrange(10**9)}",
        "event_time": at,
        "received_at": NOW + number * 1000,
        "verified": "user_id" in ids,
        "consent": GRANTED,
        "context": {"locale": "en-US", "timezone": "America/New_York", "userAgent": "Mobi"},
    } | ids
    job = str(700_000 + chance.randrange(JOBS))
    kind = chance.randrange(10)
    if kind < 3:
        return Message(type="track", event="Job Viewed", properties={"job_id": job}, **common)
    if kind == 3:
        shown = [str(700_000 + chance.randrange(JOBS)) for _ in range(6)]
        return Message(type="track", event="Job Shown", properties={"job_ids": shown}, **common)
    if kind == 4:
        mark = chance.choice(["Job Saved", "Job Unsaved", "Job Dismissed", "Job Liked"])
        return Message(type="track", event=mark, properties={"job_id": job}, **common)
    if kind < 7:
        return Message(type="page", event="Jobs", properties={"path": f"/jobs/{job}"}, **common)
    if kind == 7:
        return Message(type="track", event="Application Submitted", properties={"job_id": job}, **common)
    if kind == 8:
        return Message(
            type="track", event="Job Searched", properties={"query": chance.choice(["nurse", "law"])}, **common
        )
    return Message(type="identify", traits={"headline": f"h{chance.randrange(9)}"}, **common)
