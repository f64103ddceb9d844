"""The command `careerstream`: short verbs, each a part of the house."""

import asyncio
import os
import sys
import time
from pathlib import Path

import click

from careerstream.appeals_cli import appeals
from careerstream.audit_cli import audit
from careerstream.errors import Stopped
from careerstream.keys_cli import keys as keys_group
from careerstream.models.cli import VERBS
from careerstream.named import check_named_servers, named_kafka, named_redis, named_servers, settings_of_environment
from careerstream.overrides_cli import override
from careerstream.privacy_cli import import_, notices, retention, rotate_keys
from careerstream.settings import PREFIX, Settings
from careerstream.tokens_cli import tokens

NONE = "none"
"""What `--catalog` takes to load nothing."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="careerstream")
def cli() -> None:
    """Real-time personalization for recruiting: events in, the current decision out.

    \b
    careerstream up                   everything on this machine, with a demo careers site
    careerstream load jobs.jsonl      postings or content into the catalogue
    careerstream doctor               what is reachable, what is missing
    """


@cli.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the API (default 8080).")
@click.option("--kafka", metavar="HOST:PORT", help="A Kafka to use instead of the embedded broker.")
@click.option("--redis", metavar="URL", help="A Redis to use instead of the embedded one.")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes (default 1).")
@click.option(
    "--catalog", metavar="FILE", help="Postings to load; 'none' loads nothing (default: the sample, when embedded)."
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with your selectors.yaml, segments.yaml, pins.yaml.",
)
@click.option("--keys", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="YAML file of API keys.")
def up(
    port: int | None,
    kafka: str | None,
    redis: str | None,
    workers: int | None,
    catalog: str | None,
    config: Path | None,
    keys: Path | None,
) -> None:
    """Start everything: servers where none are named, workers, API, catalogue.

    \b
    careerstream up
    careerstream up --kafka localhost:9092 --redis redis://localhost:6379/0 --keys keys.yaml --workers 2
    """
    from careerstream import up as house

    for name, value in {
        "API__PORT": port,
        "KAFKA__BOOTSTRAP": kafka,
        "REDIS__URL": redis,
        "WORKER__COUNT": workers,
        "CONFIG": config,
        "API__KEYS_FILE": keys,
    }.items():
        if value is not None:
            os.environ[PREFIX + name] = str(value)
    settings = settings_of_environment()
    check_named_servers(settings)
    house.check_port(settings)
    house.check_workers(settings)
    _check_configuration(settings)
    interruption = house.Interruption()
    with house.servers(settings, _say) as (bootstrap, url):
        running = house.house(settings, bootstrap, url)
        try:
            running.start(settings.worker.count, webhooks=settings.webhooks.file is not None)
            file = catalog or ("sample" if running.embedded else NONE)
            if file != NONE:
                from careerstream.load_command import load_with_progress

                load_with_progress(
                    settings, bootstrap, file, wanted=lambda: not interruption.asked and running.problem() is None
                )
            house.await_ready(running, lambda: not interruption.asked)
            if not interruption.asked:
                _greet(settings, running.address, embedded=running.embedded)
            while not interruption.asked:
                problem = running.problem()
                if problem:
                    raise Stopped(problem)
                time.sleep(0.2)
        finally:
            _say("stopping")
            running.stop()


@cli.command()
@click.option(
    "--number",
    type=click.IntRange(0, 63),
    default=0,
    help="This worker's number on its host: part of its static member id.",
)
@click.option(
    "--embedded",
    is_flag=True,
    hidden=True,
    help="Set by `up` for a broker of its own, which answers fetches in another way.",
)
def worker(number: int, *, embedded: bool) -> None:
    """Run one process of agents against the Kafka and Redis of the settings."""
    from careerstream.worker import run_worker

    settings = settings_of_environment()
    bootstrap, url = named_servers(settings)
    sys.exit(run_worker(settings, bootstrap=bootstrap, url=url, number=number, embedded=embedded))


@cli.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--embedded", is_flag=True, hidden=True, help="Set by `up` for servers of its own: the demo keys hold.")
def api(port: int | None, *, embedded: bool) -> None:
    """Run one API process against the Kafka and Redis of the settings."""
    from careerstream.api_process import run_api

    if port is not None:
        os.environ[f"{PREFIX}API__PORT"] = str(port)
    settings = settings_of_environment()
    bootstrap, url = named_servers(settings)
    run_api(settings, bootstrap=bootstrap, url=url, embedded=embedded)


@cli.command()
@click.option("--embedded", is_flag=True, hidden=True, help="Set by `up` for servers of its own.")
def webhooks(*, embedded: bool) -> None:
    """Tell the webhooks of the settings who enters and leaves segments, is erased, agrees or takes back."""
    from careerstream.webhooks_process import run_webhooks

    settings = settings_of_environment()
    bootstrap, url = named_servers(settings)
    sys.exit(run_webhooks(settings, bootstrap=bootstrap, url=url, embedded=embedded))


@cli.command()
def topics() -> None:
    """Create the topics that are missing on the Kafka of the settings; those that are there stay as they are."""
    from careerstream.topics import run_topics

    settings = settings_of_environment()
    bootstrap = named_kafka(settings)
    _check_configuration(settings)
    _say(asyncio.run(run_topics(settings, bootstrap=bootstrap)))


@cli.command()
@click.argument("file")
@click.option("--as-written", is_flag=True, help="Read nothing from the words of postings: what is open stays open.")
def load(file: str, *, as_written: bool) -> None:
    """Load postings or content from FILE: JSON lines, schema.org JSON-LD, HTML with JSON-LD; .gz of each; `sample`.

    \b
    careerstream load jobs.jsonl
    careerstream load https-saved-page.html
    """
    from careerstream.load_command import load_with_progress

    settings = settings_of_environment()
    if load_with_progress(settings, named_kafka(settings), file, as_written=as_written):
        sys.exit(1)


@cli.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
def enrich(files: tuple[Path, ...]) -> None:
    """Read résumés (PDF, DOCX, JSON Resume, text) and print what they say as JSON lines; nothing is stored.

    \b
    careerstream enrich resume.pdf
    careerstream enrich resumes/*.docx > resumes.jsonl
    """
    from careerstream.enrich_command import enrich_files

    if enrich_files(files):
        sys.exit(1)


@cli.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--content", is_flag=True, help="The ids are of content items, not of postings.")
def remove(ids: tuple[str, ...], *, content: bool) -> None:
    """Take postings out of the catalogue: they are gone from decisions within a second."""
    from careerstream.loading import delete_items
    from schemas.topics import Topic, TopicNames

    settings = settings_of_environment()
    bootstrap = named_kafka(settings)
    topic = Topic.CONTENT if content else Topic.JOBS
    names = TopicNames(settings.kafka.prefix)
    asyncio.run(delete_items(ids, topic=topic, client_options=settings.kafka.client_options(bootstrap), names=names))
    _say(f"{len(ids)} removed")


@cli.command()
@click.option("--from-offset", type=click.IntRange(0), help="Begin at this offset of every partition.")
@click.option("--from-time", metavar="ISO", help="Begin at this time, such as 2026-11-01T00:00:00Z.")
@click.option("--into", metavar="GENERATION", help="Go on with a replay that was interrupted.")
@click.option("--swap/--no-swap", default=None, help="Make the rebuilt state the live one (default: when whole).")
def replay(from_offset: int | None, from_time: str | None, into: str | None, *, swap: bool | None) -> None:
    """Rebuild all profiles from the log beside the live ones, then swap.

    \b
    careerstream replay
    careerstream replay --from-time 2026-11-01T00:00:00Z     stays beside: it is not the whole truth
    """
    from careerstream.replaying import Wanted, run_replay

    settings = settings_of_environment()
    bootstrap, url = named_servers(settings)
    wanted = Wanted(from_offset=from_offset, from_time=from_time, into=into, swap=swap)
    _say(asyncio.run(run_replay(settings, bootstrap=bootstrap, url=url, wanted=wanted)))


@cli.command()
@click.option(
    "--reason", "reasons", multiple=True, metavar="CODE", help="Only those with this reason; may be repeated."
)
@click.option("--dry-run", is_flag=True, help="Count what waits, by reason, and drive nothing in.")
def redrive(reasons: tuple[str, ...], *, dry_run: bool) -> None:
    """Drive dead letters in again, once the reason for which they were refused is mended.

    \b
    careerstream redrive --dry-run
    careerstream redrive --reason fold_failed
    """
    from careerstream.redriving import run_redrive

    settings = settings_of_environment()
    bootstrap = named_kafka(settings)
    _say(asyncio.run(run_redrive(settings, bootstrap=bootstrap, reasons=reasons, dry_run=dry_run)))


@cli.command()
@click.option("--generation", help="A generation other than the live one.")
def digest(generation: str | None) -> None:
    """Print the SHA-256 over all canonical sections: two runs over one log print the same."""
    from careerstream.replaying import run_digest

    settings = settings_of_environment()
    click.echo(asyncio.run(run_digest(settings, url=named_redis(settings), generation=generation)))


@cli.command()
def doctor() -> None:
    """Say what is reachable, what is missing and what to do about it."""
    from careerstream.doctor import examine

    findings = asyncio.run(examine(settings_of_environment()))
    for finding in findings:
        click.echo(f"{'ok ' if finding.sound else 'NOT'}  {finding.subject}: {finding.sentence}")
    sys.exit(0 if all(finding.sound for finding in findings) else 1)


cli.add_command(keys_group)
cli.add_command(tokens)
cli.add_command(rotate_keys)
cli.add_command(retention)
cli.add_command(import_)
cli.add_command(notices)
cli.add_command(override)
cli.add_command(audit)
cli.add_command(appeals)
for verb in VERBS:
    cli.add_command(verb)


def main() -> None:
    """Run the command; every refusal is one sentence on standard error."""
    cli(prog_name="careerstream")


def _check_configuration(settings: Settings) -> None:
    from careerstream.parts import read_configuration
    from schemas.config import ConfigError

    try:
        read_configuration(settings)
    except ConfigError as error:
        raise Stopped(str(error)) from error


def _greet(settings: Settings, address: str, *, embedded: bool) -> None:
    click.echo(f"\nCareerstream is ready: {address}/")
    if embedded:
        click.echo("  publishable key  pk_demo    for pages: send events, ask for decisions")
        click.echo("  secret key       sk_demo    for servers: profiles, segments, explanations")
        click.echo("  Broker and Redis are embedded: nothing outlives this process. --kafka and --redis use real ones.")
    click.echo("  HTTP API: docs/reference/http.md, for machines docs/reference/openapi.json")
    click.echo(f"  Events go to the Kafka topics {settings.kafka.prefix}.*; send your own: docs/howto/send-events.md")
    click.echo("  Ctrl-C stops everything.\n")


def _say(sentence: str) -> None:
    click.echo(f"careerstream: {sentence}", err=True)
