"""The worker's rivals: loops that only count what lies on the log, one with Faust and one with aiokafka.

`python -m benchmarks.bare_consumers faust|aiokafka BOOTSTRAP TOTAL FILE TOPIC…` writes its progress to FILE.
"""

import asyncio
import os
import sys
import time
import uuid
from pathlib import Path
from typing import cast

import faust
import orjson
from aiokafka import AIOKafkaConsumer

from benchmarks.progress import Mark

BATCH = 512
LINGER = 0.001


def count_with_faust(bootstrap: str, total: int, output: Path, topics: list[str]) -> None:
    """Take events in batches as the worker's agent does, and count them."""
    app = faust.App(
        f"bare-{uuid.uuid4().hex}",
        broker=f"kafka://{bootstrap}",
        store="memory://",
        web_enabled=False,
        key_serializer="raw",
        value_serializer="raw",
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,
        topic_disable_leader=True,
    )
    marks: list[Mark] = []

    @app.agent(app.topic(*topics, key_serializer="raw", value_serializer="raw"))
    async def take(stream: faust.StreamT[bytes]) -> None:
        done = 0
        taken = cast("faust.Stream[bytes]", stream).take_events(BATCH, within=LINGER)
        async for events in taken:
            done += len(events)
            marks.append((time.perf_counter(), done))
            if done >= total:
                _end(output, marks)

    faust.Worker(app, loglevel="WARN").execute_from_commandline()


async def count_with_aiokafka(bootstrap: str, total: int, output: Path, topics: list[str]) -> None:
    """Fetch and count: nothing in Python is faster on the same client."""
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, group_id=f"bare-{uuid.uuid4().hex}", auto_offset_reset="earliest"
    )
    await consumer.start()
    marks: list[Mark] = []
    done = 0
    while done < total:
        fetched = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
        done += sum(len(records) for records in fetched.values())
        marks.append((time.perf_counter(), done))
    _end(output, marks)


def _end(output: Path, marks: list[Mark]) -> None:
    output.write_bytes(orjson.dumps(marks))
    os._exit(0)  # Faust's and aiokafka's orderly end takes seconds, and there is nothing to save


if __name__ == "__main__":
    kind, bootstrap, total, file, *topics = sys.argv[1:]
    if kind == "faust":
        count_with_faust(bootstrap, int(total), Path(file), topics)
    else:
        asyncio.run(count_with_aiokafka(bootstrap, int(total), Path(file), topics))
