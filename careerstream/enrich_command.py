"""`careerstream enrich`: what résumés say, as JSON lines; nothing leaves this machine."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import orjson

from api.enriching import DOCUMENT_LIMIT, Enriching
from api.errors import Refusal
from careerstream.clock import wall_clock
from careerstream.documents import SandboxedDocuments
from catalog.understanding.understanding import read_understanding


def enrich_files(files: Sequence[Path]) -> int:
    """Write a line for each file that can be read, and answer how many cannot."""
    return asyncio.run(_enrich(files))


async def _enrich(files: Sequence[Path]) -> int:
    enriching = Enriching(SandboxedDocuments(), read_understanding)
    refused = 0
    with click.progressbar(files, label="reading résumés", file=sys.stderr) as bar:
        for file in bar:
            try:
                resume = await enriching.resume(_bytes(file), wall_clock())
            except (Refusal, OSError) as problem:
                refused += 1
                click.echo(f"\n{file}: {problem}", err=True)
            else:
                click.echo(orjson.dumps({"file": str(file), **resume.body()}))
    return refused


def _bytes(file: Path) -> bytes:
    if file.stat().st_size > DOCUMENT_LIMIT:
        raise OSError(f"has more than {DOCUMENT_LIMIT:,} bytes")
    return file.read_bytes()
