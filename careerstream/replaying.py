"""`careerstream replay` and `digest`: profiles rebuilt beside the live ones, and a fingerprint to compare them by."""

import os
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

import click

from careerstream.deciders import build_deciding
from careerstream.errors import Stopped
from careerstream.models.registry import Serving
from careerstream.models.topic import read_registry
from careerstream.parts import profile_store, read_configuration, redis_client, topic_names
from careerstream.settings import Settings
from catalog.index import Catalog
from profiles.erasures import Erasures
from profiles.store import ProfileStore, StoreUnavailable
from schemas.topics import Topic
from scorers.override_book import OverrideBook
from streams.catalogue_follower import CatalogueFollower
from streams.list_follower import ListFollower
from streams.replay import DecideFor, NotSwapped, Progress, Start, replay
from streams.sink import KafkaSink

NICENESS = 19
"""Where no processor can be had only while nobody else wants it."""
AT_ONCE = 128
"""Records of one commit: their script holds Redis for some 1 ms, and whoever is on the page waits for it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator asked for; `swap` None: when the replay begins at the log's beginning."""

    from_offset: int | None = None
    from_time: str | None = None
    into: str | None = None
    swap: bool | None = None


async def run_replay(settings: Settings, *, bootstrap: str, url: str, wanted: Wanted) -> str:
    """Replay as wanted and answer the closing sentence."""
    start = _start(wanted)
    _step_back()
    swap = start.at == "beginning" if wanted.swap is None else wanted.swap
    names, kafka = topic_names(settings), settings.kafka.client_options(bootstrap)
    async with AsyncExitStack() as stack:
        client = redis_client(settings, url)
        stack.push_async_callback(client.aclose)
        catalog, erasures, overrides = Catalog(), Erasures(), OverrideBook()
        for follower in (
            CatalogueFollower(kafka, names, catalog),
            ListFollower(kafka, names, Topic.ERASURES, erasures),
            ListFollower(kafka, names, Topic.OVERRIDES, overrides),
        ):
            await stack.enter_async_context(follower)
            await follower.wait_caught_up()
        sink = await stack.enter_async_context(KafkaSink(kafka))
        configuration, store = read_configuration(settings), profile_store(settings, client)
        registry, serving = await read_registry(kafka, names), Serving(configuration.policy.fit_share)
        serving.use(serving.chosen(registry))

        async def deciding_in(building: ProfileStore) -> DecideFor:
            deciding = await build_deciding(
                store=building,
                sink=sink,
                names=names,
                catalog=catalog,
                configuration=configuration,
                serving=serving,
                erasures=erasures,
                overrides=overrides,
            )
            return deciding.decide_for

        generation = wanted.into or await store.create_generation()
        decide_for = await deciding_in(store.building(generation))
        try:
            done = await replay(
                kafka=kafka,
                names=names,
                store=store,
                start=start,
                into=generation,
                swap=swap,
                decide_in=lambda _: decide_for,
                progress=_show,
                batch=AT_ONCE,
                erasures=erasures,
            )
        except (NotSwapped, StoreUnavailable, ValueError) as error:
            raise Stopped(str(error)) from error
        told = f"{done.records:,} records into {done.generation} in {done.seconds:.1f} s, {done.refused:,} refused"
        return f"{told}; it is live now" if swap else f"{told}; `careerstream digest --generation {done.generation}`"


def _step_back() -> None:
    """Run while no one else wants the processor: with a niceness alone, who is on the page waits for a replay's turn to end."""
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(NICENESS)


async def run_digest(settings: Settings, *, url: str, generation: str | None) -> str:
    """Answer the digest of a generation, the live one unless named."""
    client = redis_client(settings, url)
    try:
        store = profile_store(settings, client)
        if generation is not None and generation not in await store.generations():
            raise Stopped(f"there is no generation {generation}; there are {', '.join(await store.generations())}")
        return await (store.building(generation) if generation else store).digest()
    except StoreUnavailable as error:
        raise Stopped(f"Redis does not answer: {error}") from error
    finally:
        await client.aclose()


def _start(wanted: Wanted) -> Start:
    if wanted.from_offset is not None and wanted.from_time is not None:
        raise Stopped("--from-offset or --from-time, not both")
    if wanted.from_offset is not None:
        return Start("offset", wanted.from_offset)
    if wanted.from_time is None:
        return Start()
    return Start("time", milliseconds_of(wanted.from_time))


def milliseconds_of(time: str) -> int:
    """Read a time with its zone, as milliseconds since the epoch; Stopped when it is none."""
    try:
        begin = datetime.fromisoformat(time)
    except ValueError as error:
        raise Stopped(f"{time} is no time; write it as 2026-11-01T00:00:00Z") from error
    if begin.tzinfo is None:
        raise Stopped(f"{time} names no time zone; end it with Z for UTC")
    return round(begin.timestamp() * 1000)


def _show(progress: Progress) -> None:
    if sys.stderr.isatty():
        rate = progress.records / progress.seconds if progress.seconds else 0
        click.echo(f"\r{progress.records:,} records, {progress.behind:,} to go, {rate:,.0f}/s   ", err=True, nl=False)
