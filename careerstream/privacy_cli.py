"""The verbs for people's data."""

import asyncio

import click

from careerstream.named import named_redis, settings_of_environment


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
