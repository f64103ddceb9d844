"""What stops a command: one sentence that names the next step."""

import click


class Stopped(click.ClickException):
    """Shown as `careerstream: <sentence>`; the exit code is 1."""

    def show(self, file: object = None) -> None:  # noqa: ARG002  # click's signature
        click.echo(f"careerstream: {self.format_message()}", err=True)
