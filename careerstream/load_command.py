"""`careerstream load`: progress on a terminal, a line for each refused item, a closing sentence."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import click
from aiokafka.errors import KafkaError

from careerstream.clock import wall_clock
from careerstream.errors import Stopped
from careerstream.loading import Loaded, load_items
from careerstream.settings import Settings
from catalog.feeds import Accepted, Refused, count_items, read_feed
from catalog.sample import sample_content, sample_jobs
from catalog.understanding.postings import understood
from catalog.understanding.understanding import read_understanding
from schemas.content import Content
from schemas.jobs import Job
from schemas.topics import TopicNames

SAMPLE = "sample"
ASK_SECONDS = 0.1
"""How often it is asked whether the load is still wanted."""


def load_with_progress(
    settings: Settings,
    bootstrap: str,
    file: str,
    *,
    as_written: bool = False,
    wanted: Callable[[], bool] = lambda: True,
) -> int:
    """Load a file, or the sample, and answer how many items were refused.

    What a file's postings leave open is read from their words, unless they are wanted `as_written`. As soon as nobody wants it any more
    it breaks off and says nothing: what Kafka has by then stays.
    """
    items, total = _items(file)
    if not as_written and file != SAMPLE:
        items = _understood(items)
    with click.progressbar(length=total, label=f"loading {Path(file).name}", file=sys.stderr) as bar:
        try:
            loading = load_items(
                items,
                client_options=settings.kafka.client_options(bootstrap),
                names=TopicNames(settings.kafka.prefix),
                on_refused=lambda refused: click.echo(f"\n{refused}", err=True),
                on_progress=bar.update,
            )
            loaded = asyncio.run(_while_wanted(loading, wanted))
        except KafkaError as error:
            raise Stopped(
                f"Kafka at {bootstrap} did not take the catalogue: {error}; load again, nothing is loaded twice"
            ) from error
    if loaded is None:
        return 0
    click.echo(f"careerstream: {_sentence(loaded)}", err=True)
    return len(loaded.refused)


async def _while_wanted(loading: Coroutine[Any, Any, Loaded], wanted: Callable[[], bool]) -> Loaded | None:
    """Answer what was loaded, or None when it was broken off."""
    task = asyncio.create_task(loading)
    while not task.done():
        if not wanted():
            task.cancel()
            await asyncio.wait([task])
            return None
        await asyncio.wait([task], timeout=ASK_SECONDS)
    return task.result()


def _items(file: str) -> tuple[Iterable[Accepted | Refused], int]:
    if file == SAMPLE:
        now = wall_clock()
        jobs, content = list(sample_jobs(now)), list(sample_content(now))
        return _accepted(chain(jobs, content)), len(jobs) + len(content)
    path = Path(file)
    if not path.is_file():
        raise Stopped(f"there is no file {file}; `careerstream load sample` loads the shipped postings")
    return read_feed(path), count_items(path)


def _understood(items: Iterable[Accepted | Refused]) -> Iterator[Accepted | Refused]:
    understanding = read_understanding()
    for item in items:
        if isinstance(item, Accepted) and isinstance(item.item, Job):
            yield replace(item, item=understood(item.item, understanding))
        else:
            yield item


def _accepted(items: Iterable[Job | Content]) -> Iterator[Accepted]:
    for number, item in enumerate(items, 1):
        yield Accepted(item, number)


def _sentence(loaded: Loaded) -> str:
    told = f"{loaded.jobs:,} postings and {loaded.content:,} content items loaded"
    return f"{told}, {len(loaded.refused):,} refused (named above)" if loaded.refused else told
