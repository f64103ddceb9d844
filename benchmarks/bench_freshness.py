"""Freshness: from sending an event over HTTP to a decision that was made after it, beside the broker's bare hop."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from benchmarks.distribution import distribution
from benchmarks.figures import Chapter, Figure, beside, told, within
from benchmarks.ground import PUBLISHABLE, Ground
from benchmarks.http_client import Connection, connect, post
from benchmarks.load import Load, Running

RATES = (1.0, 100.0, 500.0)
LIMITED_RATE = 100.0
P50_LIMIT_MS, P99_LIMIT_MS = 10.0, 30.0
HOPS_LIMIT = 3.0
PROBES = 40
"""Visitors whose freshness is probed in turn."""
PAUSE = (0.005, 0.030)
"""Seconds between two probes, drawn: no rhythm of a timer may fall in with ours."""
BUDGET_MS = 1_000
HOP_TOPIC = "bench-hop"
RIVAL = "bare produce to fetch"

HOW = """\
A probe dismisses the first posting of its last decision (`POST /v1/track`), takes the token and asks (`POST /v1/decide`
with `after`); the time counts from the first byte sent to the answer. An answer that is degraded, or still holds any
posting that the probe dismissed, is a failed probe.

Other visitors' events come over HTTP from another process at Poisson moments. The bare hop is aiokafka's produce
(acks=all) until a waiting consumer has the record, measured between the probes under the same load.
"""


@dataclass(slots=True)
class Probed:
    """What the probes at one rate saw, in milliseconds; `collect` is the part until the event is acknowledged."""

    fresh: list[float] = field(default_factory=list)
    collect: list[float] = field(default_factory=list)
    hop: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def measure(ground: Ground) -> Chapter:
    """Answer freshness at each background rate. The bare hop is measured between the probes, under the same load."""
    figures: list[Figure] = []
    for rate in RATES:
        ground.say(f"freshness at {rate:g} background events/s")
        background = Running(_background(ground, rate))
        try:
            background.begin()
            probed = uvloop.run(_probe(ground, ground.scale.probe_seconds))
            outcome = background.outcome()
        finally:
            background.stop()
        if outcome.failures:
            probed.failed.append(f"background answers {outcome.statuses}")
        figures += _figures(rate, probed)
    return Chapter("Freshness", tuple(figures), HOW)


async def _probe(ground: Ground, seconds: float) -> Probed:
    chance = random.Random(5)
    probed = Probed()
    connection = await connect("127.0.0.1", ground.api.port)
    visitors = [_Visitor(connection, f"probe-{time.monotonic_ns()}-{number}") for number in range(PROBES)]
    async with _hop(ground.kafka) as hop:
        for visitor in visitors:
            await visitor.arrive(ground.jobs[chance.randrange(len(ground.jobs))].id)
            await hop()
        end = time.perf_counter() + seconds - 1
        for visitor in _rounds(visitors):
            if time.perf_counter() > end:
                break
            probed.hop.append(await hop())
            await asyncio.sleep(chance.uniform(*PAUSE))
            await visitor.probe(probed)
            await asyncio.sleep(chance.uniform(*PAUSE))
    connection.close()
    return probed


class _Visitor:
    """Dismisses the best posting of its own decision, and looks whether the next decision knows."""

    def __init__(self, connection: Connection, anonymous_id: str) -> None:
        self._connection = connection
        self._id = anonymous_id
        self._best: list[str] = []
        self._gone: set[str] = set()
        self._sent = 0

    async def arrive(self, job: str) -> None:
        token = await self._track("Job Viewed", job)
        self._best = _items(await self._decide(token))

    async def probe(self, probed: Probed) -> None:
        dismissed = self._best[0] if self._best else "none"
        started = time.perf_counter()
        token = await self._track("Job Dismissed", dismissed)
        collected = time.perf_counter()
        answer = await self._decide(token)
        ended = time.perf_counter()
        self._gone.add(dismissed)
        self._best = _items(answer)
        problem = self._problem(answer)
        if problem:
            probed.failed.append(problem)
        else:
            probed.fresh.append((ended - started) * 1000)
            probed.collect.append((collected - started) * 1000)

    def _problem(self, answer: dict[str, Any]) -> str | None:
        """Say why an answer is not a decision made after the event, or None."""
        if answer.get("warnings") or not self._best:
            return f"warnings {answer.get('warnings')}, {len(self._best)} items"
        if any(choice.get("degraded") for choice in answer["choices"]):
            return "degraded"
        back = self._gone.intersection(self._best)
        return f"dismissed postings are back: {sorted(back)[:3]}" if back else None

    async def _track(self, event: str, job: str) -> str:
        self._sent += 1
        body = {
            "anonymousId": self._id,
            "event": event,
            "properties": {"job_id": job},
            "messageId": f"{self._id}-{self._sent}",
        }
        answer = await self._connection.ask(post("/v1/track", body, PUBLISHABLE))
        return str(orjson.loads(answer.body)["after"])

    async def _decide(self, token: str) -> dict[str, Any]:
        body = {
            "selectors": [{"name": "jobs", "count": 10}],
            "user": {"anonymousId": self._id},
            "after": token,
            "options": {"budgetMs": BUDGET_MS},
        }
        answer = await self._connection.ask(post("/v1/decide", body, PUBLISHABLE))
        decoded: dict[str, Any] = orjson.loads(answer.body)
        return decoded


@asynccontextmanager
async def _hop(bootstrap: str) -> AsyncIterator[Callable[[], Any]]:
    """Yield a coroutine function that produces a record, waits until it is fetched, and answers the milliseconds."""
    await _make_topic(bootstrap)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    consumer = AIOKafkaConsumer(HOP_TOPIC, bootstrap_servers=bootstrap, auto_offset_reset="latest")
    await producer.start()
    await consumer.start()
    await consumer.seek_to_end()

    async def hop() -> float:
        started = time.perf_counter()
        sent, fetched = await asyncio.gather(producer.send(HOP_TOPIC, b"x" * 1000), consumer.getone())
        ended = time.perf_counter()
        await sent
        if fetched.value is None:
            raise RuntimeError("an empty record came back")
        return (ended - started) * 1000

    try:
        await hop()
        yield hop
    finally:
        await consumer.stop()
        await producer.stop()


async def _make_topic(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if HOP_TOPIC not in await admin.list_topics():
            await admin.create_topics([NewTopic(HOP_TOPIC, 4, 1)])
    finally:
        await admin.close()


def _background(ground: Ground, rate: float) -> Load:
    """Answer what other visitors do meanwhile: fresh events, each sent once."""
    count = int(rate * (ground.scale.probe_seconds + 1) * 1.3) + 20
    now = time.time_ns() // 1_000_000
    happenings = ground.visitors.happenings(count * 2, since=now, until=now + 1)
    calls = (happening.call for happening in happenings if not happening.verified)
    requests = tuple(
        post(f"/v1/{call['type']}", call, PUBLISHABLE) for call, _ in zip(calls, range(count), strict=False)
    )
    return Load(ground.api.port, requests, 16, ground.scale.probe_seconds, warm_up=1.0, rate=rate)


def _figures(rate: float, probed: Probed) -> Iterator[Figure]:
    if not probed.fresh:
        raise RuntimeError(f"no probe at {rate:g}/s saw its event: {probed.failed[:3]}")
    fresh, hop = distribution(probed.fresh), distribution(probed.hop)
    name = f"{rate:g} events/s"
    if rate == LIMITED_RATE:
        yield within(f"{name}: p50", fresh.p50, "ms", limit=P50_LIMIT_MS)
        yield within(f"{name}: p99", fresh.p99, "ms", limit=P99_LIMIT_MS)
    yield beside(f"{name}: p50", fresh.p50, "ms", rival=RIVAL, reference=hop.p50, at_most=HOPS_LIMIT)
    yield beside(f"{name}: p99", fresh.p99, "ms", rival=RIVAL, reference=hop.p99)
    yield told(f"{name}: of it until the event is acknowledged, p50", distribution(probed.collect).p50, "ms")
    yield within(
        f"{name}: probes of {fresh.count + len(probed.failed)} without their event", len(probed.failed), "", limit=0
    )


def _items(answer: dict[str, Any]) -> list[str]:
    return [item["id"] for choice in answer["choices"] for item in choice.get("items", ())]


def _rounds(visitors: list[_Visitor]) -> Iterator[_Visitor]:
    while True:
        yield from visitors
