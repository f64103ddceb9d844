"""The Faust app: one agent over the candidate topics, one loop folds, another decides."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, cast

import faust
import structlog
from faust.app.base import BootStrategy
from faust.types import TP, EventT
from faust.types.transports import TransportT

from schemas.topics import CANDIDATE_TOPICS, TopicNames
from streams.consumer import CheckpointConsumer, CheckpointTransport, Fetch
from streams.credentials import credentials_of
from streams.shift import Shift

EXIT_CODE = 75
"""EX_TEMPFAIL: start me again."""
FETCH_LIMIT = 256
"""Records of one fetch: two of them fill a batch."""
FETCH_BYTES = 128 * 1024
"""Of each partition, some 300 records. With Faust's own 1 MB a worker that reads a backlog grows by a quarter more."""
QUEUED_FETCHES = 4
STOP_PATIENCE = 10.0

Exit = Callable[[int], Any]

log = structlog.get_logger("streams.app")


class _Boot(BootStrategy):
    enable_kafka_producer = False  # what is written goes through our own sink


class CareerApp(faust.App):
    """A Faust app that reads where the store says, not where Kafka says."""

    BootStrategy = _Boot
    shift: Shift
    fetch_wait_ms: int | None = None

    def _create_directories(self) -> None:
        """Faust's folders are for its tables; there are none."""

    async def seek_positions(self, assigned: set[TP]) -> Mapping[TP, int]:
        return await self.shift.take_over(assigned, cast("CheckpointConsumer", self.consumer))

    def _new_transport(self) -> TransportT:
        return CheckpointTransport(self.conf.broker_consumer, self)


def create_app(
    *,
    shift: Shift,
    names: TopicNames,
    kafka: Mapping[str, Any],
    group: str = "careerstream",
    member: str | None = None,
    session_timeout: float = 10.0,
    fetch_wait_ms: int | None = None,
    exit_: Exit = os._exit,
) -> CareerApp:
    """Answer an app that is not started yet. `kafka` are aiokafka's client options, `member` a name that outlives restarts.

    A static member is back at work after a crash without waiting for its session to end. `fetch_wait_ms` is how long the
    broker may hold back an empty answer; None leaves that to Faust.
    """
    app = CareerApp(
        group,
        broker=[f"kafka://{server}" for server in _servers(kafka)],
        broker_credentials=credentials_of(kafka),
        broker_client_id=kafka.get("client_id", "careerstream-worker"),
        broker_session_timeout=session_timeout,
        broker_heartbeat_interval=session_timeout / 4,
        broker_max_poll_records=FETCH_LIMIT,
        broker_max_poll_interval=3600.0,  # a store that is away holds up the polling; leaving the group would not help
        broker_commit_interval=2.0,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=FETCH_BYTES,
        consumer_group_instance_id=member,
        stream_buffer_maxsize=QUEUED_FETCHES,
        stream_wait_empty=True,
        processing_guarantee="at_least_once",
        topic_allow_declare=False,
        topic_disable_leader=True,
        producer_acks=-1,
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        web_enabled=False,
        autodiscover=False,
    )
    app.shift = shift
    app.fetch_wait_ms = fetch_wait_ms
    topic = app.topic(
        *(names.full(topic) for topic in CANDIDATE_TOPICS), key_serializer="raw", value_serializer="raw", internal=False
    )

    @app.agent(topic, name="fold", concurrency=1)
    async def fold(stream: faust.StreamT[bytes]) -> None:
        await consume(cast("faust.Stream[bytes]", stream), shift, exit_)

    return app


async def consume(stream: "faust.Stream[bytes]", shift: Shift, exit_: Exit) -> None:
    """Fold what has arrived, and acknowledge it then. No timer: while a batch is folded, the next one gathers.

    Decisions are made beside it, by a task of their own, and another goes back with the store. Nothing acknowledges decisions: what a
    worker that ends has not decided, the next one's sweep finds in the store.
    """
    queue = cast("faust.Channel[bytes]", stream.channel).queue
    consumer = stream.app.consumer
    stream.enable_acks = False
    beside = [
        asyncio.create_task(or_exit(work, exit_))
        for work in (shift.decide_on(lambda: not queue.empty()), shift.look_back_on())
    ]
    try:
        async for _ in stream:
            events = [cast("EventT[bytes]", stream.current_event)]
            # Without an await in between: a rebalance that empties the queue and waits for what was taken cannot come between.
            while sum(map(_records, events)) < shift.batch and not queue.empty():
                event = queue.get_nowait()
                event.message.tracked = True
                consumer.track_message(event.message)
                events.append(event)
            await or_exit(shift.fold([cast("Fetch", event.message) for event in events]), exit_)
            for event in events:
                await stream.ack(event)
    finally:
        for each in beside:
            each.cancel()


async def or_exit(work: Coroutine[Any, Any, None], exit_: Exit) -> None:
    """Nothing may escape: whatever leaves the loop is acknowledged by Faust and lost."""
    try:
        await work
    except asyncio.CancelledError:
        raise
    except BaseException:
        log.exception("worker_ends")
        exit_(EXIT_CODE)
        raise


async def run_app(app: CareerApp, *, exit_: Exit = os._exit, stopping: asyncio.Event | None = None) -> None:
    """Run until `stopping` is set (SIGTERM and SIGINT set it when none is given); a crash or a stuck stop ends the process."""
    stop = stopping or _stop_on_signals()
    app.finalize()
    await app.start()
    watched = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(_crashed(app))]
    try:
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        if app.crashed:
            log.error("worker_crashed", reason=repr(app.crash_reason)[:200])
            exit_(EXIT_CODE)
        await _stop(app, exit_)
    finally:
        for each in watched:
            each.cancel()


async def _stop(app: CareerApp, exit_: Exit) -> None:
    # Waited for, not cancelled when the time is up: Faust's stop swallows a cancellation and goes on waiting for its streams.
    stopping = asyncio.ensure_future(_stopped(app))
    done, _ = await asyncio.wait({stopping}, timeout=STOP_PATIENCE)
    if not done:
        # Whatever was not committed is folded again after the start: the fence makes killing safe.
        log.warning("stop_stuck", seconds=STOP_PATIENCE)
        exit_(EXIT_CODE)
    await stopping


async def _stopped(app: CareerApp) -> None:
    await app.stop()
    await app.shift.finish()


async def _crashed(app: CareerApp) -> None:
    while not app.crashed:  # noqa: ASYNC110  # Faust's own event belongs to no loop until a crash makes it
        await asyncio.sleep(0.2)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    return stop


def _records(event: EventT[bytes]) -> int:
    return sum(map(len, cast("Fetch", event.message).runs.values()))


def _servers(kafka: Mapping[str, Any]) -> list[str]:
    servers = kafka["bootstrap_servers"]
    return servers.split(",") if isinstance(servers, str) else list(servers)
