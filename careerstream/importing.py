"""`careerstream import`: what another house exported comes in through the log, a document after the other."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import orjson
from aiokafka.errors import KafkaError

from api.addresses import Addresses, RedisIndex
from api.errors import MalformedCall, Refusal
from api.export import take_in
from api.log import KafkaLog
from api.vault import Vault
from careerstream.errors import Stopped
from careerstream.parts import redis_client, topic_names
from careerstream.settings import Settings
from careerstream.vault import build_vault, master_keys_in_force, personal_redis
from profiles.erasures import Erasures
from schemas.topics import Topic
from streams.list_follower import read_list


@dataclass(frozen=True, slots=True)
class Line:
    """A document as it stands in a file: the line that it begins in, and its bytes."""

    number: int
    text: bytes


def import_with_progress(settings: Settings, *, bootstrap: str, url: str, file: Path) -> int:
    """Take a file's documents in, and answer how many were refused; each of those is told with file and line."""
    with click.progressbar(length=file.stat().st_size, label=f"importing {file.name}", file=sys.stderr) as bar:
        taken, refused = asyncio.run(_import(settings, bootstrap=bootstrap, url=url, file=file, on_progress=bar.update))
    told = f"documents taken in: {taken:,}"
    click.echo(
        f"careerstream: {told}; refused: {refused:,} (named above)" if refused else f"careerstream: {told}", err=True
    )
    return refused


def documents_in(file: Path) -> Iterator[Line]:
    """Answer the documents of a file: one for each line, or the whole file where the first line alone is none."""
    with file.open("rb") as lines:
        if _is_json(lines.readline()):
            lines.seek(0)
            yield from (Line(number, text.rstrip()) for number, text in enumerate(lines, 1) if text.strip())
        else:
            yield Line(1, file.read_bytes())


async def _import(
    settings: Settings, *, bootstrap: str, url: str, file: Path, on_progress: Callable[[int], None]
) -> tuple[int, int]:
    taken = refused = 0
    erasures = await _erasures(settings, bootstrap)
    async with _doors(settings, bootstrap=bootstrap, url=url) as (log, vault, addresses):
        for line in documents_in(file):
            try:
                document = orjson.loads(line.text)
                await take_in(document, log=log, vault=vault, addresses=addresses, erasures=erasures)
                taken += 1
            except orjson.JSONDecodeError as error:
                refused += 1
                click.echo(f"\n{file}, line {line.number + error.lineno - 1}: no JSON: {error.msg}", err=True)
            except MalformedCall as error:
                refused += 1
                click.echo(f"\n{file}, line {line.number}: {error.message}", err=True)
            except Refusal as error:
                raise Stopped(
                    f"{file}, line {line.number}: {error.message}; import again, nothing is taken in twice"
                ) from error
            on_progress(len(line.text))
    return taken, refused


async def _erasures(settings: Settings, bootstrap: str) -> Erasures:
    kafka, names = settings.kafka.client_options(bootstrap), topic_names(settings)
    try:
        return await read_list(kafka, names, Topic.ERASURES, Erasures())
    except (KafkaError, OSError, TimeoutError) as problem:
        raise Stopped(f"Kafka did not tell who was erased: {problem!r}; `careerstream doctor` looks") from problem


@asynccontextmanager
async def _doors(settings: Settings, *, bootstrap: str, url: str) -> AsyncIterator[tuple[KafkaLog, Vault, Addresses]]:
    masters = master_keys_in_force(settings.privacy, embedded=False)
    client = redis_client(settings, url)
    try:
        async with KafkaLog(settings.kafka.client_options(bootstrap), topic_names(settings)) as log:
            personal = personal_redis(settings, client)
            vault = build_vault(settings, personal, masters)
            yield log, vault, Addresses(RedisIndex(personal, settings.redis.namespace), vault)
    finally:
        await client.aclose()


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
