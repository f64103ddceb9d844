"""A webhook follows the segments topic: what was agreed to leaves, in order, once taken; what cannot be told is kept."""

import asyncio
import hmac
import re
import time
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
import trustme
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from redis.asyncio import Redis

from api.cloudevents import rfc3339
from careerstream.settings import KafkaSettings, RedisSettings, Settings, WebhookSettings
from careerstream.untold_notices import send_notices
from profiles.memory_store import MemoryStore
from profiles.store import TopicPartition
from schemas.erasing import encode_erasure
from schemas.topics import Topic, TopicNames
from streams.dead_letters import DeadLetter, dead_letter_record
from streams.notices import Notice
from streams.outward import Outward
from streams.pushing import Leaving, push
from streams.redrive import redrive
from streams.sink import KafkaSink, Outgoing
from streams.told import RedisTold
from streams.untold import tell_again, untold
from streams.webhooks import Delivery, Webhook
from tests.streaming import read_all, topics_of
from tests.unit.api.doors import Door, basic
from tests.unit.streams.records import ARecord
from tests.unit.streams.test_leaving import RULES, a_change, agree
from tests.unit.streams.test_webhooks import Canary, a_server_of


def record(names, change):
    body = {
        "id": change.id,
        "candidateId": change.candidate,
        "segment": change.segment,
        "change": "entered" if change.entered else "exited",
        "at": change.at,
    }
    return Outgoing(names.full(Topic.SEGMENTS), change.candidate.encode(), orjson.dumps(body))


@asynccontextmanager
async def following(kafka, names, port, sink, leaving, on_given_up=lambda _: None, events=("erasures",)):
    webhook = Webhook("crm", f"http://localhost:{port}/", frozenset({"nurses"}), b"s" * 32, frozenset(events))
    delivery = Delivery(webhook, Outward(frozenset({"localhost"}), loopback=True), now=time.time, rfc3339=rfc3339)
    options = {"bootstrap_servers": kafka.bootstrap}
    task = asyncio.create_task(
        push(
            delivery,
            kafka=options,
            names=names,
            group=names.prefix,
            sink=sink,
            leaving=leaving,
            on_given_up=on_given_up,
        )
    )
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Everything:
    """Passes on whatever there is."""

    async def pass_on(self, notice, webhook, tell):
        assert webhook == "crm"
        return await tell(notice)


async def until(question):
    async with asyncio.timeout(90):
        while not question():
            await asyncio.sleep(0.05)


def told(receiver):
    return [orjson.loads(body)["messageId"] for _, body in receiver.requests]


@pytest.mark.servers
@pytest.mark.timeout(400)
async def test_changes_are_told_in_order_and_a_restart_goes_on_where_it_was(kafka, prefix):
    names = TopicNames(prefix.rstrip("."))
    kafka.create_topics({**topics_of(names), names.full(Topic.SEGMENTS): 1})
    answers = [b"HTTP/1.1 %d X\r\n\r\n" % status for status in (200, 400, 503, *[200] * 50)]
    receiver = Canary(*answers)
    first = [a_change("u:u1", number=number) for number in (1, 2, 3)]
    async with KafkaSink({"bootstrap_servers": kafka.bootstrap}) as sink, receiver.listening() as port:
        async with following(kafka, names, port, sink, Everything()) as task:
            async with asyncio.timeout(90):
                while not task.done() and not await has_a_place(kafka, names):
                    await asyncio.sleep(0.1)
            await sink.send([record(names, a_change("u:u1", "inner"))])
            await sink.send([record(names, change) for change in first])
            await until(lambda: len(receiver.requests) >= 4)
        await sink.send([record(names, a_change("u:u1", number=4))])
        await sink.send([Outgoing(names.full(Topic.PROFILES), b"u:u1", encode_erasure(5))])
        async with following(kafka, names, port, sink, Everything()):
            await until(
                lambda: first[2].id in told(receiver) and {"u:u1/nurses/4", "u:u1/erased/5"} <= set(told(receiver))
            )
        letters = await read_all(kafka.bootstrap, names.full(Topic.DEAD_LETTERS))

    assert [each for each in dict.fromkeys(told(receiver)) if "nurses" in each] == [
        f"u:u1/nurses/{number}" for number in (1, 2, 3, 4)
    ]
    assert [dict(letter.headers)["careerstream.reason"] for letter in letters] == [b"webhook_answered_400"]


@pytest.mark.servers
@pytest.mark.timeout(400)
async def test_what_was_given_up_is_counted_listed_and_told_again_to_that_webhook_alone(kafka, prefix):
    names = TopicNames(prefix.rstrip("."))
    kafka.create_topics({**topics_of(names), names.full(Topic.SEGMENTS): 1})
    options, group = {"bootstrap_servers": kafka.bootstrap}, f"{names.prefix}-notices"
    receiver = Canary(*[b"HTTP/1.1 410 X\r\n\r\n"] * 50)
    given_up: list[Notice] = []
    told_again: list[tuple[str, str, str, str]] = []

    async def tell(waits):
        told_again.append((waits.webhook, waits.notice.kind, waits.notice.candidate, waits.reason))
        return "answered_410" if len(told_again) == 1 else None

    async with KafkaSink(options) as sink, receiver.listening() as port:
        async with following(kafka, names, port, sink, Everything(), given_up.append) as task:
            async with asyncio.timeout(90):
                while not task.done() and not await has_a_place(kafka, names):
                    await asyncio.sleep(0.1)
            await sink.send([Outgoing(names.full(Topic.PROFILES), b"u:u1", encode_erasure(5))])
            await until(lambda: len(given_up) == 1)
            await sink.send([record(names, a_change("u:u2"))])
            await until(lambda: len(given_up) == 2)
        asked: dict[str, Any] = {"kafka": options, "names": names, "sink": sink}
        waiting = await untold(**asked, group=group)
        driven = await redrive(**asked, group=f"{names.prefix}-redrive")
        first = await tell_again(**asked, tell=tell, group=group)
        second = await tell_again(**asked, tell=tell, group=group)
        rest = await untold(**asked, group=group)

    assert {notice.kind for notice in given_up} == {"erasures", "segments"}
    assert {(each.webhook, each.notice.kind, each.reason) for each in waiting} == {
        ("crm", "erasures", "webhook_answered_410"),
        ("crm", "segments", "webhook_answered_410"),
    }
    assert driven.driven == 0
    assert (first, second, rest) == ((1, 1), (1, 0), [])
    assert sorted(told_again[:2]) == sorted(
        [("crm", "erasures", "u:u1", "webhook_answered_410"), ("crm", "segments", "u:u2", "webhook_answered_410")]
    )
    assert told_again[2] == told_again[0]


@pytest.mark.servers
async def test_what_was_given_up_is_told_over_tls_and_to_nobody_whose_certificate_does_not_hold(
    kafka, redis_url, prefix, tmp_path, monkeypatch
):
    names = TopicNames(prefix.rstrip("."))
    kafka.create_topics(topics_of(names))
    erased = ARecord(7, encode_erasure(5), b"u:u1")
    letter = DeadLetter(TopicPartition(Topic.PROFILES, 0), erased, "webhook_no_answer", "SINK", "Undelivered", "crm")
    async with KafkaSink({"bootstrap_servers": kafka.bootstrap}) as sink:
        await sink.send([dead_letter_record(letter, names, "test")])
    authority, receiver = trustme.CA(), Canary()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    async with receiver.listening(a_server_of(authority, "localhost")) as port:
        file = tmp_path / "webhooks.yaml"
        secret = "s" * 32
        file.write_text(f"- {{name: crm, url: 'https://localhost:{port}/in', secret: {secret}, events: [erasures]}}\n")
        settings = Settings(
            kafka=KafkaSettings(prefix=names.prefix),
            redis=RedisSettings(namespace=names.prefix),
            webhooks=WebhookSettings(file=file, hosts="localhost", loopback=True),
        )
        servers = {"bootstrap": kafka.bootstrap, "url": redis_url, "embedded": True}
        unknown = await send_notices(settings, **servers)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        known = await send_notices(settings, **servers)
    ((head, body),) = receiver.requests
    sent_at, signature = re.findall(r"X-Signature: t=(\d+),v1=(\w+)", head)[0]

    assert (unknown, known) == ((0, 1), (1, 0))
    assert head.startswith("POST /in HTTP/1.1\r\n")
    assert hmac.digest(secret.encode(), f"{sent_at}.".encode() + body, "sha256").hex() == signature
    assert (orjson.loads(body)["messageId"], orjson.loads(body)["userId"]) == ("u:u1/erased/5", "u1")


async def has_a_place(kafka, names):
    """Say whether the webhook has begun to follow: Kafka keeps its place from then on."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        return bool(await admin.list_consumer_group_offsets(f"{names.prefix}-webhook-crm"))
    except KafkaError:
        return False  # the group is being made
    finally:
        await admin.close()


@pytest.mark.servers
async def test_who_was_told_of_a_member_hears_that_they_left_though_they_were_erased_meanwhile(
    kafka, redis_url, prefix
):
    names = TopicNames(prefix.rstrip("."))
    kafka.create_topics({**topics_of(names), names.full(Topic.SEGMENTS): 1})
    store, receiver, client = MemoryStore(), Canary(), Redis.from_url(redis_url)
    leaving = Leaving(store, {rule.key: rule for rule in RULES}, 0, RedisTold(client, names.prefix))
    entered, left = a_change("u:u1", number=1), a_change("u:u1", number=2, entered=False)
    never = a_change("u:u2", number=3, entered=False)
    async with Door(store=store).open() as door:
        await agree(door, "u1")
        async with (
            KafkaSink({"bootstrap_servers": kafka.bootstrap}) as sink,
            receiver.listening() as port,
            following(kafka, names, port, sink, leaving, events=()) as task,
        ):
            async with asyncio.timeout(90):
                while not task.done() and not await has_a_place(kafka, names):
                    await asyncio.sleep(0.1)
            await sink.send([record(names, entered)])
            await until(lambda: told(receiver) == [entered.id])
            await door.http.delete("/v1/profiles/user_id:u1", headers=basic("sk_demo"))
            await door.fold()
            await sink.send([record(names, each) for each in (never, left)])
            await until(lambda: left.id in told(receiver))
    await client.aclose()

    assert told(receiver) == [entered.id, left.id]
