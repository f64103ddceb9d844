"""One worker process: the agents over the candidate topics, with everything they need."""

import asyncio
import os
import socket
import sys
from contextlib import AsyncExitStack, suppress
from threading import RLock

import structlog
import uvloop
from redis.exceptions import RedisError

from api.background import in_background
from careerstream import heap
from careerstream.deciders import build_deciding
from careerstream.knowledge import Knowledge, following_options, know
from careerstream.measures import WorkerMeasures
from careerstream.metrics_page import serve_metrics
from careerstream.models.topic import MODEL_SECONDS
from careerstream.parts import profile_store, read_configuration, redis_client, topic_names
from careerstream.presence import Presence
from careerstream.settings import PREFIX, Settings
from careerstream.statistics import counted
from careerstream.telemetry import start_logging
from careerstream.trails import followed
from catalog.index import Catalog
from deploy.embedded.broker import FETCH_MAX_WAIT_MS
from scorers.sessions import Sessions
from streams.app import create_app, run_app
from streams.precedence import Precedence
from streams.shift import Shift
from streams.sink import KafkaSink
from streams.watchdog import watch

SWEEP_SECONDS = 1.0
FETCH_WAIT_MS = 50
"""How long a broker may hold an empty answer back: aiokafka asks a broker for one thing at a time, so a long wait for
partitions that are read to their end keeps those that are not from being read."""
SWITCH_SECONDS = 0.0001
"""How long a thread that wants to run waits for one that runs. Records are fetched in a thread of their own: with Python's 5 ms it
gets them 1 to 2 ms later while the other decides."""

log = structlog.get_logger("careerstream.worker")


def run_worker(settings: Settings, *, bootstrap: str, url: str, number: int, embedded: bool) -> int:
    """Run until SIGTERM or SIGINT and answer the exit code; 75 asks to be started again."""
    start_logging(settings.log_level)
    heap.quieten()
    sys.setswitchinterval(SWITCH_SECONDS)
    if settings.worker.metrics_port:
        serve_metrics(settings.worker.metrics_port + number, named_by=f"{PREFIX}WORKER__METRICS_PORT")
    uvloop.run(_work(settings, bootstrap, url, number, embedded=embedded))
    return 0


async def _work(settings: Settings, bootstrap: str, url: str, number: int, *, embedded: bool) -> None:
    names, kafka = topic_names(settings), settings.kafka.client_options(bootstrap)
    configuration, measures, precedence = read_configuration(settings), WorkerMeasures(), Precedence()
    async with AsyncExitStack() as stack:
        client = redis_client(settings, url)
        stack.push_async_callback(client.aclose)
        store = profile_store(settings, client)
        known = know(
            kafka=following_options(kafka, embedded=embedded),
            names=names,
            store=store,
            configuration=configuration,
            catalog=Catalog(),
            sessions=Sessions(turn=RLock()),
            on_model=measures.model,
        )
        await _follow(stack, known, measures)
        sink = await stack.enter_async_context(KafkaSink(kafka))
        deciding = await build_deciding(
            store=store,
            sink=sink,
            names=names,
            catalog=known.catalog,
            configuration=configuration,
            serving=known.serving,
            stopwatch=measures.stopwatch,
            reading=known.reading,
            precedence=precedence,
            erasures=known.erasures,
            overrides=known.overrides,
            sessions=known.sessions,
            looks=known.looks,
            responses=lambda: known.statistics.responses,
        )
        member = settings.worker.member or f"{socket.gethostname()}-{number}"
        shift = Shift(
            store=store,
            sink=sink,
            names=names,
            decider=deciding,
            worker=member,
            on_folded=measures.folded,
            on_decided=measures.decided,
            erasures=known.erasures,
            precedence=precedence,
        )
        app = create_app(
            shift=shift,
            names=names,
            kafka=kafka,
            group=settings.worker.group,
            member=member,
            session_timeout=settings.worker.session_timeout.total_seconds(),
            fetch_wait_ms=FETCH_MAX_WAIT_MS if embedded else FETCH_WAIT_MS,
        )
        await _ready(known)
        async with (
            in_background(watch(app, shift, os._exit, kafka_answers=sink.answers)),
            in_background(_sweep(shift, Presence(client, settings.redis.namespace), member)),
        ):
            await run_app(app)


async def _follow(stack: AsyncExitStack, known: Knowledge, measures: WorkerMeasures) -> None:
    """Begin to follow, and read whole what nothing may be folded without."""
    measures.model(known.serving.now)
    measures.watch_sessions(lambda: known.trails.size, lambda: known.trails.age)
    for follower in (known.postings, known.models, known.erased, known.overridden):
        await stack.enter_async_context(follower)
    # Whoever was erased is not folded again, whatever snapshot Redis came back from.
    await known.erased.wait_caught_up()
    await known.overridden.wait_caught_up()
    await stack.enter_async_context(followed(known.trails))
    await stack.enter_async_context(counted(known.statistics, known.postings.wait_caught_up))


async def _ready(known: Knowledge) -> None:
    """Wait for what a decision needs: one made before the catalogue is read would say that there are no jobs."""
    await known.postings.wait_caught_up()
    await known.models.wait_serving(MODEL_SECONDS)
    heap.settle()
    log.info("catalogue_read", jobs=len(known.catalog), revision=known.catalog.revision)


async def _sweep(shift: Shift, presence: Presence, member: str) -> None:
    """Every second, say that we are here, and decide what time has changed or an ended worker left undecided."""
    try:
        while True:
            with suppress(RedisError):
                await presence.tell(member, shift.positions.following)
            await asyncio.sleep(SWEEP_SECONDS)
            await shift.sweep()
    finally:
        with suppress(RedisError):
            await presence.leave(member)
