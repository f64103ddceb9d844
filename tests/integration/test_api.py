"""The whole door on a real Kafka and a real Redis, and what is left of it when one of them is away."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import pytest
import redis.asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition

from api.archive import KafkaArchive
from api.log import KafkaLog
from api.replies import Replies
from api.seen import RedisSeen
from profiles.fold import fold
from profiles.redis_line import Line
from profiles.redis_store import RedisStore
from profiles.sections import EMPTY, encode_section
from profiles.store import Advance, Commit, DecisionPut
from profiles.store import TopicPartition as Partition
from schemas.events import event_of
from schemas.messages import decode_message
from schemas.topics import CANDIDATE_TOPICS, Topic, TopicNames
from tests.unit.api.doors import Door, a_hero, a_job
from tests.unit.api.test_consent import shown

pytestmark = pytest.mark.servers
VISITOR = {"anonymousId": "a1"}
FOREVER = 600.0
"""Seconds: whoever waited so long for Redis would not come back before the test is given up."""
KAFKA_GIVES_UP = 30.0
"""Seconds, less than the client library waits by itself."""


def a_view(message_id, **who):
    return {
        "type": "track",
        "event": "Job Viewed",
        "properties": {"job_id": "j1"},
        "messageId": message_id,
        **(who or VISITOR),
    }


@pytest.fixture
async def opened():
    """Open doors on named servers; each is an API process of its own as far as the servers can tell."""
    async with AsyncExitStack() as stack:

        async def open_door(kafka, redis_url, prefix, patience=10.0, redis_patience=30.0):
            names = TopicNames(prefix.rstrip("."))
            kafka_options = {"bootstrap_servers": kafka.bootstrap}
            client = redis.asyncio.Redis.from_url(redis_url, socket_timeout=redis_patience)
            stack.push_async_callback(client.aclose)
            log = KafkaLog(kafka_options, names, patience=patience)
            door = Door(
                log=log,
                seen=RedisSeen(Line(client.connection_pool), prefix.rstrip(".")),
                store=RedisStore(client, prefix.rstrip(".")),
                clock=lambda: time.time_ns() // 1_000_000,
                options={
                    "resources": (log,),
                    "archive": KafkaArchive(kafka_options, names),
                    "replies": Replies(client, prefix.rstrip(".")),
                },
            )
            door.offer(*(a_job(f"j{number}", days_old=number) for number in range(9)), content=(a_hero(),))
            await stack.enter_async_context(door.open())
            return door

        yield open_door


async def until(ask):
    """Ask until the answer is truthy, and answer it."""
    async with asyncio.timeout(60):
        while not (answer := await ask()):
            await asyncio.sleep(0.05)
        return answer


async def undegraded(door, **asked):
    """Answer a decision that was made in time: a busy machine may need several tries."""

    async def ask():
        answer = await door.decide("jobs", options={"budgetMs": 1000}, **{"user": VISITOR, **asked})
        return None if answer["choices"][0]["degraded"] else answer

    return await until(ask)


def create_topics(kafka, prefix):
    names = TopicNames(prefix.rstrip("."))
    kafka.create_topics({names.full(topic): 4 for topic in Topic})
    return names


async def records_of(kafka, topic):
    """Answer every record of a topic by its partition and offset."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=5)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(4)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found: dict[tuple[int, int], Any] = {}
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found |= {(record.partition, record.offset): record for record in batch}
        return found
    finally:
        await consumer.stop()


async def folded(door, kafka, names):
    """Do what an agent does: fold everything that lies on the candidate topics."""
    sections: dict[Any, Any] = {}
    moves: dict[Partition, int] = {}
    for topic in CANDIDATE_TOPICS:
        for (partition, offset), record in sorted((await records_of(kafka, names.full(topic))).items()):
            message = decode_message(record.value)
            key = (topic, message.candidate_id)
            before = sections.get(key, (0, EMPTY[topic]))[1]
            sections[key] = (offset, fold(before, event_of(message)))
            moves[Partition(topic, partition)] = offset + 1
    stored = await door.store.checkpoints(moves)
    advances = {at: Advance(stored[at], following) for at, following in moves.items() if stored[at] != following}
    encoded = {key: (offset, encode_section(section)) for key, (offset, section) in sections.items()}
    await door.store.commit(Commit(await door.store.generation(), advances, encoded))


async def test_what_an_event_takes_back_holds_in_every_process_before_it_is_folded(kafka, redis_url, prefix, opened):
    names = create_topics(kafka, prefix)
    one, other = [await opened(kafka, redis_url, prefix) for _ in range(2)]
    await one.post("/v1/track", {**a_view("m1"), "event": "Job Dismissed"})
    await folded(one, kafka, names)
    ports = other.app.state.ports
    decision, _ = ports.engine.person(await ports.people.read("a:a1", sight="own"), "d-1", other.clock())
    await other.store.put_decisions([DecisionPut(decision)])
    before = await undegraded(other)

    context = {"consent": {"categoryPreferences": {"personalization": False}}}
    event = {"event": "Segment Consent Preference Updated", **VISITOR, "context": context}
    assert (await one.post("/v1/track", event)).status_code == 200
    after = await undegraded(other)
    await folded(one, kafka, names)
    later = await undegraded(other)

    assert [each["profile"]["known"] for each in (before, after, later)] == [True, False, False]
    assert shown(after)["choices"] == shown(await undegraded(other, user={"anonymousId": "never"}))["choices"]


async def test_what_is_answered_200_lies_in_kafka_once_where_the_token_says(kafka, redis_url, prefix, opened):
    names = create_topics(kafka, prefix)
    door = await opened(kafka, redis_url, prefix)
    batch = {"batch": [a_view(f"m{n}", anonymousId=f"a{n % 50}") for n in range(300)]}

    answer = (await door.post("/v1/batch", batch)).json()

    records = await records_of(kafka, names.full(Topic.CLICKS))
    assert sorted(decode_message(record.value).message_id for record in records.values()) == sorted(
        f"m{n}" for n in range(300)
    )
    newest = {partition: max(offset for p, offset in records if p == partition) for partition, _ in records}
    assert answer["after"].split(".") == [f"c{partition}-{offset}" for partition, offset in sorted(newest.items())]


async def test_another_process_knows_what_was_acknowledged(kafka, redis_url, prefix, opened):
    names = create_topics(kafka, prefix)
    first, second = await opened(kafka, redis_url, prefix), await opened(kafka, redis_url, prefix)

    taken = (await first.post("/v1/track", a_view("m1"))).json()
    again = (await second.post("/v1/track", a_view("m1"))).json()

    assert again == taken
    assert len(await records_of(kafka, names.full(Topic.CLICKS))) == 1


async def test_a_page_reads_its_own_clicks_and_the_decision_can_be_explained(kafka, redis_url, prefix, opened):
    names = create_topics(kafka, prefix)
    door = await opened(kafka, redis_url, prefix)
    after = (await door.post("/v1/track", a_view("m1"))).json()["after"]
    asking = asyncio.create_task(undegraded(door, after=after))
    await folded(door, kafka, names)

    answer = await asking

    assert answer["profile"]["known"]
    assert answer["choices"][0]["rung"] == "live"
    decision = answer["choices"][0]["decisionId"]

    async def explained():
        told = await door.get(f"/v1/decisions/{decision}")
        return told if told.status_code != 404 else None

    told = await until(explained)
    assert told.json()["items"]
    assert told.json()["considered"]


async def test_a_redis_that_hangs_costs_collecting_a_moment_and_deciding_its_budget(kafka, own_redis, prefix, opened):
    server = own_redis()
    create_topics(kafka, prefix)
    door = await opened(kafka, server.url, prefix, redis_patience=FOREVER)
    await door.post("/v1/track", a_view("m0"))
    server.pause()
    try:
        collected = await door.post("/v1/track", a_view("m1"))
        decided = await door.decide("jobs", "hero", user=VISITOR, options={"budgetMs": 50})
    finally:
        server.resume()

    assert collected.status_code == 200
    assert [(choice["rung"], choice["degraded"]) for choice in decided["choices"]] == [("site", True)] * 2
    await undegraded(door)


async def test_without_redis_nothing_is_lost_and_every_page_is_answered(kafka, own_redis, prefix, opened):
    server = own_redis()
    names = create_topics(kafka, prefix)
    door = await opened(kafka, server.url, prefix)
    server.kill()

    collected = await door.post("/v1/batch", {"batch": [a_view("m1"), a_view("m2")]})
    decided = await door.decide("jobs", user=VISITOR, requestId="r1")
    read = await door.get("/v1/profiles/anonymous_id:a1")

    assert collected.status_code == 200
    assert len(await records_of(kafka, names.full(Topic.CLICKS))) == 2
    assert decided["choices"][0]["items"]
    assert (read.status_code, read.json()["code"]) == (503, "store_away")


async def test_without_kafka_collecting_says_so_in_time_and_deciding_goes_on(own_kafka, redis_url, prefix, opened):
    server = own_kafka()
    names = create_topics(server, prefix)
    door = await opened(server, redis_url, prefix, patience=0.5)
    await door.post("/v1/track", a_view("m0"))
    server.kill()

    async with asyncio.timeout(KAFKA_GIVES_UP):
        refused = await door.post("/v1/track", a_view("m1"))
    decided = await door.decide("jobs", user=VISITOR)

    assert (refused.status_code, refused.json()["code"]) == (503, "log_away")
    assert int(refused.headers["retry-after"]) >= 1
    assert decided["choices"][0]["items"]

    await asyncio.to_thread(server.start)

    async def taken():
        return (await door.post("/v1/track", a_view("m1"))).status_code == 200

    await until(taken)
    found = [
        decode_message(record.value).message_id
        for record in (await records_of(server, names.full(Topic.CLICKS))).values()
    ]
    assert set(found) == {"m0", "m1"}


async def test_an_export_tells_what_was_served_and_why(kafka, redis_url, prefix, opened):
    names = create_topics(kafka, prefix)
    door = await opened(kafka, redis_url, prefix)
    await door.post("/v1/track", a_view("m1"))
    await folded(door, kafka, names)
    served = (await door.decide("jobs", user=VISITOR, options={"budgetMs": 1000}))["choices"][0]["decisionId"]
    told: dict[str, Any] = {}

    async def exported():
        told.update((await door.get("/v1/profiles/anonymous_id:a1/export")).json()["decisions"])
        return served in str(told)

    await until(exported)
    shown = next(each for each in told["served"] if each["decisionId"] == served)
    assert shown["items"]
