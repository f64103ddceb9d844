"""The verbs for people's data."""

import asyncio
import sys
from pathlib import Path

import click

from careerstream.named import named_redis, named_servers, settings_of_environment


@click.command(name="rotate-keys")
def rotate_keys() -> None:
    r"""Wrap every person's key with the current master key, so that an older one can be taken out of the settings.

    \b
    CAREERSTREAM_PRIVACY__MASTER_KEYS="k2:...,k1:..." careerstream rotate-keys
    """
    from careerstream.vault import run_rotation

    settings = settings_of_environment()
    count = asyncio.run(run_rotation(settings, url=named_redis(settings)))
    click.echo(f"careerstream: {count:,} keys wrapped anew", err=True)


@click.command()
@click.option("--dry-run", is_flag=True, help="Count who is past due and delete nothing.")
def retention(*, dry_run: bool) -> None:
    r"""Take out people who were not seen for as long as privacy.yaml allows; API processes do the same once a day.

    \b
    careerstream retention --dry-run
    """
    from careerstream.retaining import run_retention

    settings = settings_of_environment()
    bootstrap, url = named_servers(settings)
    told = asyncio.run(run_retention(settings, bootstrap=bootstrap, url=url, dry_run=dry_run))
    click.echo(f"careerstream: {told}", err=True)


@click.command()
@click.option("--send", is_flag=True, help="Tell each once more; what is not taken waits on.")
def notices(*, send: bool) -> None:
    r"""List what webhooks and OpenDSR callbacks were not told within three days.

    Recipients have to act on erasures and consents. Exit code 1 while any waits. Callbacks are signed: with --send an API process
    tells them, a second later.

    \b
    careerstream notices
    careerstream notices --send
    """
    from careerstream.untold_callbacks import send_callbacks, waiting_callbacks
    from careerstream.untold_notices import send_notices, waiting_notices

    settings = settings_of_environment()
    bootstrap, url = named_servers(settings)
    if send:
        handed = asyncio.run(send_callbacks(settings, url=url))
        click.echo(f"careerstream: {handed:,} callbacks handed to the API", err=True)
        done, left = asyncio.run(send_notices(settings, bootstrap=bootstrap, url=url, embedded=False))
        click.echo(f"careerstream: {done:,} done with, {left:,} still wait", err=True)
        sys.exit(1 if left else 0)
    waiting = [
        *asyncio.run(waiting_notices(settings, bootstrap=bootstrap)),
        *asyncio.run(waiting_callbacks(settings, url=url)),
    ]
    for line in waiting:
        click.echo(line)
    sys.exit(1 if waiting else 0)


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_(file: Path) -> None:
    r"""Take people in whom another house exported: FILE is one export, or one in each line.

    What is held here already stays. Whoever is refused is named with file and line, and the exit code is 1.

    \b
    careerstream import ada.json
    careerstream import everybody.jsonl
    """
    from careerstream.importing import import_with_progress

    settings = settings_of_environment()
    bootstrap, url = named_servers(settings)
    if import_with_progress(settings, bootstrap=bootstrap, url=url, file=file):
        sys.exit(1)
