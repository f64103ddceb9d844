"""How soon a posting that is removed or closed is gone from decisions, and one that comes back is offered again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
import uvloop
from aiokafka import AIOKafkaProducer

from benchmarks.distribution import distribution
from benchmarks.figures import Chapter, Figure, told, within
from benchmarks.ground import PUBLISHABLE, TOPICS, Ground
from benchmarks.http_client import Connection, connect, post
from schemas.job_json import job_to_json
from schemas.jobs import Job
from schemas.topics import Topic

LIMIT_MS = 1_000.0
PATIENCE = 10.0
PAUSE = 0.002

HOW = """\
A visitor asks for decisions without a pause while the first posting of the last one is removed (a null on the jobs topic,
as `careerstream remove` sends it) or closed (as a feed's next delivery does). The time counts from sending the record to the
first answer without the posting. Then the posting comes back, and may be decided for again.
"""


def measure(ground: Ground) -> Chapter:
    """Answer how long a posting is shown after its end."""
    port = ground.api.port
    ground.say("postings that end")
    return Chapter("A posting's end", tuple(uvloop.run(_measure(ground, port))), HOW)


async def _measure(ground: Ground, port: int) -> list[Figure]:
    jobs = {job.id: job for job in ground.jobs}
    producer = AIOKafkaProducer(bootstrap_servers=ground.kafka, acks="all", enable_idempotence=True)
    connection = await connect("127.0.0.1", port)
    await producer.start()

    async def send(job: Job, value: bytes | None) -> None:
        await producer.send_and_wait(TOPICS.full(Topic.JOBS), value, job.id.encode())

    async def ended(value_of: Callable[[Job], bytes | None]) -> list[float]:
        spent = []
        for visitor in ground.visitors.ids()[: ground.scale.rounds * 20]:
            shown = await _shown(connection, visitor)
            if not shown or shown[0] not in jobs:
                continue
            job = jobs[shown[0]]
            started = time.perf_counter()
            await send(job, value_of(job))
            await _until(partial(_is_gone, connection, visitor, job.id))
            spent.append((time.perf_counter() - started) * 1000)
            await send(job, job_to_json(job))
            await _until(partial(_is_back, connection, visitor, job.id))
        return spent

    try:
        figures: list[Figure] = []
        for name, value_of in (
            ("removed", lambda _: None),
            ("closed", lambda job: job_to_json(replace(job, status="CLOSED"))),
        ):
            seen = distribution(await ended(value_of))
            figures.append(told(f"{name}: p50", seen.p50, "ms"))
            figures.append(within(f"{name}: worst of {seen.count}", seen.worst, "ms", limit=LIMIT_MS))
        return figures
    finally:
        connection.close()
        await producer.stop()


async def _shown(connection: Connection, visitor: str, *only: str) -> list[str]:
    selector: dict[str, Any] = {"name": "jobs", "count": 10}
    if only:
        selector["candidates"] = list(only)
    body = {"selectors": [selector], "user": {"anonymousId": visitor}}
    answer = await connection.ask(post("/v1/decide", body, PUBLISHABLE))
    return [item["id"] for item in orjson.loads(answer.body)["choices"][0].get("items", ())]


async def _is_gone(connection: Connection, visitor: str, job: str) -> bool:
    return job not in await _shown(connection, visitor)


async def _is_back(connection: Connection, visitor: str, job: str) -> bool:
    return await _shown(connection, visitor, job) == [job]


async def _until(is_so: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"a posting did not change within {PATIENCE:g} s")
        await asyncio.sleep(PAUSE)
