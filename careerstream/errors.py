"""What stops a command: one sentence that names the next step."""

from collections.abc import Iterator
from contextlib import contextmanager

import click


class Stopped(click.ClickException):
    """Shown as `careerstream: <sentence>`; the exit code is 1."""

    def show(self, file: object = None) -> None:  # noqa: ARG002  # click's signature
        click.echo(f"careerstream: {self.format_message()}", err=True)


@contextmanager
def learning_installed() -> Iterator[None]:
    """Let a verb import what learning needs; Stopped where that is not installed."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise Stopped(f"{missing.name} is not installed: pip install 'careerstream[learning]'") from missing
    except OSError as error:
        raise Stopped(f"LightGBM needs OpenMP's runtime, on Debian libgomp1: {error}") from error
