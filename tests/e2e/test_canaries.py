"""Marked personal data goes through every flow of a running house, and shows up in nothing that operators and machines read."""

import asyncio
import base64
import gzip
from typing import Any

import httpx
import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tests.e2e.running import until

pytestmark = pytest.mark.servers

CANARIES = {
    "email": "canary-7f3a@example.com",
    "name": "Canarina Quellmalz",
    "phone": "+49 555 7364981",
    "token": "canarytokenq8r2",
    "resume": "canarysummary welded turbines in Bremen",
}
MARKS = ("canary", "canarina", "quellmalz", "7364981")
TRAITS = {
    "email": CANARIES["email"],
    "name": CANARIES["name"],
    "phone": CANARIES["phone"],
    "summary": CANARIES["resume"],
}


def marked(text):
    return [mark for mark in MARKS if mark in text.lower()]


def flows(house, visitor):
    """Answer every kind of call that may carry what a person typed, good and bad, and what it is answered."""
    http, page, server = house.http, (house.publishable, ""), (house.secret, "")
    jwt = ".".join(
        base64.urlsafe_b64encode(part).decode().rstrip("=")
        for part in (b'{"alg":"none"}', b'{"sub":"canary"}', b"canary")
    )
    typed = {
        "anonymousId": visitor,
        "userId": f"{visitor}-user",
        "traits": TRAITS,
        "context": {"traits": TRAITS, "ip": "203.0.113.9"},
    }

    def send(method, path, body=None, **options):
        content = body if isinstance(body, bytes) else None if body is None else orjson.dumps(body)
        return http.request(method, path, content=content, **options)

    yield send("POST", "/v1/identify", typed, auth=server)
    yield send("POST", "/v1/identify", typed, auth=page)
    yield send(
        "POST",
        "/v1/track",
        {**typed, "event": "Application Submitted", "properties": {"job_id": "j", **TRAITS}},
        auth=server,
    )
    yield send(
        "POST", "/v1/track", {**typed, "event": "Job Searched", "properties": {"query": CANARIES["name"]}}, auth=page
    )
    yield send(
        "POST", "/v1/page", {**typed, "properties": {"url": f"https://x.example/?mail={CANARIES['email']}"}}, auth=page
    )
    yield send(
        "POST",
        "/v1/batch",
        {"batch": [{**typed, "type": CANARIES["name"]}, {**typed, "type": "alias"}, CANARIES["email"]]},
        auth=page,
    )
    yield send("POST", "/v1/track", {"event": {"a": CANARIES["email"]}, **typed}, auth=page)
    yield send(
        "POST",
        "/v1/track",
        {**typed, "event": "X", "properties": {"deep": [[[[[[[[[[[[[CANARIES["name"]]]]]]]]]]]]]]}},
        auth=page,
    )
    yield send(
        "POST", "/v1/track", {**typed, "event": "X", "properties": {"long": CANARIES["resume"] * 2_000}}, auth=page
    )
    yield send("POST", "/v1/track", f'{{"traits": "{CANARIES["email"]}'.encode(), auth=page)
    yield send(
        "POST", "/v1/track", gzip.compress(orjson.dumps(typed))[:-9], auth=page, headers={"content-encoding": "gzip"}
    )
    yield send("POST", "/v1/track", typed, auth=page, headers={"content-encoding": "canary"})
    yield send(
        "POST",
        "/v1/cloudevents",
        {"specversion": "1.0", "id": "x", "source": CANARIES["name"], "type": "y", "data": CANARIES["email"]},
        auth=server,
    )
    yield send(
        "POST",
        "/v1/engagements",
        {"engagements": [{"type": CANARIES["name"], "decisionId": CANARIES["email"]}]},
        auth=page,
    )
    yield send(
        "POST",
        "/v1/decide",
        {"selectors": [CANARIES["name"]], "user": {"anonymousId": visitor}, "context": {"traits": TRAITS}},
        auth=page,
    )
    yield send("POST", "/v1/decide", {"selectors": {"a": CANARIES["email"]}, "user": CANARIES["name"]}, auth=page)
    yield send("GET", f"/v1/decide?selector=jobs&anonymousId={CANARIES['email']}&url={CANARIES['resume']}", auth=page)
    yield send("GET", f"/v1/profiles/user_id:{CANARIES['email']}", auth=server)
    yield send("GET", f"/v1/profiles/user_id:{CANARIES['email']}/segments?format={CANARIES['name']}", auth=server)
    yield send("GET", f"/v1/profiles/user_id:{CANARIES['email']}", auth=page)
    yield send("GET", f"/v1/decisions/{CANARIES['token']}", auth=server)
    yield send("GET", f"/v1/jobs?query={CANARIES['name']}&cursor={CANARIES['email']}", auth=page)
    yield send("GET", f"/v1/jobs/{CANARIES['name']}", auth=page)
    yield send("GET", f"/{CANARIES['email']}")
    yield send("GET", "/v1/jobs", auth=(f"pk_{CANARIES['token']}", CANARIES["token"]))
    yield send("GET", f"/v1/jobs?writeKey=sk_{CANARIES['token']}")
    yield send("GET", "/v1/jobs", headers={"authorization": f"Bearer {jwt}"})
    yield send("GET", "/v1/jobs", auth=page, headers={"x-user-token": jwt, "x-visitor": CANARIES["token"]})
    yield send("GET", "/v1/jobs", auth=page, headers={"origin": f"https://{CANARIES['token']}.example"})
    yield send("POST", "/v1/segments/lookup", {"ids": {"a": CANARIES["email"]}}, auth=server)


async def poisoned(kafka, name):
    """Write records that no agent can read."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    try:
        for value in (
            orjson.dumps({"messageId": CANARIES["name"], "type": "track", "traits": TRAITS}),
            orjson.dumps({"messageId": "m", "type": CANARIES["email"], "eventTime": 1, "receivedAt": 1, "userId": "u"}),
            orjson.dumps({"messageId": "m", "type": "track", "eventTime": CANARIES["name"], "receivedAt": 1}),
            f"canary {CANARIES['email']}".encode(),
        ):
            await producer.send_and_wait(f"{name}.clicks", value, key=b"u:nobody")
    finally:
        await producer.stop()


async def letters(kafka, name):
    """Answer every dead letter that there is."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        topic = f"{name}.dead-letters"
        partitions = [TopicPartition(topic, number) for number in await _numbers(consumer, topic)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        wanted = sum((await consumer.end_offsets(partitions)).values())
        found: list[Any] = []
        while len(found) < wanted:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += records
        return found
    finally:
        await consumer.stop()


async def _numbers(consumer, topic):
    await consumer._client.force_metadata_update()
    return consumer.partitions_for_topic(topic) or {0}


def test_what_a_person_typed_is_in_no_log_no_metric_no_header_and_no_error(house, kafka, real_environment, visitor):
    name = real_environment["CAREERSTREAM_KAFKA__PREFIX"]
    answers = list(flows(house, visitor))
    asyncio.run(poisoned(kafka, name))
    found = until(lambda: (read := asyncio.run(letters(kafka, name))) and len(read) >= 9 and read)

    refused = [answer for answer in answers if answer.status_code >= 400]
    assert len(refused) >= 12
    assert not [(answer.request.url.path, answer.text) for answer in refused if marked(answer.text)]
    assert not [header for letter in found for header in letter.headers if marked(header[0] + repr(header[1]))]
    assert any(marked(repr(letter.value)) for letter in found)  # they are kept for who mends the sender, as they came
    pages = [house.http.get("/metrics").text]
    pages += [httpx.get(f"http://127.0.0.1:{port}/metrics").text for port in house.metrics_ports]
    assert not [mark for page in pages for mark in marked(page)]
    log = house.log.read_text()
    assert '"event":"request"' in log.replace(" ", "")
    assert not [line for line in log.splitlines() if marked(line)]
