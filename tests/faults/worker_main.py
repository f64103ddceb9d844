"""A worker process for the fault tests: folds and nothing else, from the product's own parts."""

import asyncio
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import streams.folding
from profiles.fold import fold
from profiles.redis_store import RedisStore
from profiles.sections import Section
from schemas.events import Event
from schemas.topics import TopicNames
from streams.app import create_app, run_app
from streams.batch import Effect
from streams.shift import Shift
from streams.sink import KafkaSink
from streams.watchdog import watch


async def main(bootstrap: str, redis_url: str, prefix: str, member: str, *fails_on: str) -> None:
    if fails_on:
        _break_the_fold(frozenset(fails_on))
    names = TopicNames(prefix)
    kafka = {"bootstrap_servers": bootstrap}
    store = RedisStore.open(redis_url)
    async with KafkaSink(kafka) as sink:
        shift = Shift(store=store, sink=sink, names=names, decider=None, worker=member, on_folded=_tell)
        app = create_app(
            shift=shift, names=names, kafka=kafka, group=f"{prefix}-workers", member=member, session_timeout=6.0
        )
        watching = asyncio.create_task(watch(app, shift, os._exit, kafka_answers=sink.answers))
        await run_app(app)
        watching.cancel()
    await store.close()


def _break_the_fold(ids: frozenset[str]) -> None:

    def broken(section: Section, event: Event) -> Section:
        if event.id in ids:
            raise ZeroDivisionError("a bug")
        return fold(section, event)

    streams.folding.fold = broken  # type: ignore[attr-defined]  # a name that folding imports, and calls


def _tell(effect: Effect, *_seconds: float) -> None:
    print(f"batch {effect.records} {effect.refused}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
