"""`careerstream audit`: whether the decision log is whole, its scores can be had again, and what was served served all groups alike."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from careerstream.errors import Stopped, learning_installed
from careerstream.named import named_kafka, settings_of_environment

_ENDS = {
    "stopped": "stopped as planned",
    "renewed": "given up after a write that failed",
    "": "not closed: still written, or its process was killed",
}


@click.group()
def audit() -> None:
    """Look whether the decision log is what was written, its scores can be had again, and all groups are served alike."""


@audit.command()
@click.option("--from", "since", metavar="ISO", help="Only what is as new, such as 2026-11-01T00:00:00Z.")
def verify(since: str | None) -> None:
    """Compare every chain of the decision log with itself and with its anchor; exit code 1 when one does not hold.

    \b
    careerstream audit verify
    careerstream audit verify --from 2026-11-01T00:00:00Z
    """
    from aiokafka.errors import KafkaError

    from careerstream.audit import audit_log
    from careerstream.parts import topic_names
    from careerstream.replaying import milliseconds_of
    from schemas.topics import Topic

    settings = settings_of_environment()
    names, begin = topic_names(settings), None if since is None else milliseconds_of(since)
    try:
        found = asyncio.run(audit_log(settings.kafka.client_options(named_kafka(settings)), names, begin))
    except (KafkaError, OSError) as problem:
        raise Stopped(f"Kafka did not answer: {problem}; `careerstream doctor` looks") from problem
    topic = names.full(Topic.DECISIONS)
    for (partition, writer), chain in sorted(found.chains.items()):
        counted = f"{chain.records:,} records, {chain.first} to {chain.number}"
        click.echo(f"{topic}-{partition}  {writer}  {counted}, {_ENDS[found.end_of((partition, writer))]}")
    for each in found.breaks:
        where = "nowhere" if each.offset < 0 else f"offset {each.offset}"
        click.echo(f"BROKEN  {topic}-{each.partition}  {where}  {each.writer or '-'}: {each.problem}")
    records = sum(chain.records for chain in found.chains.values())
    told = f"{records:,} records in {len(found.chains)} chains, {len(found.breaks)} breaks"
    click.echo(f"{told}; {found.unchained:,} older records in no chain")
    sys.exit(1 if found.breaks else 0)


@audit.command()
@click.option("--from", "since", metavar="ISO", help="Only what is as new, such as 2026-11-01T00:00:00Z.")
def recompute(since: str | None) -> None:
    """Score every logged decision again from its evidence, its model and the overrides of its time.

    And what pages got, from the decisions it was laid from. Exit code 1 when a score differs by more than 1e-9, or cannot be had again.

    \b
    careerstream audit recompute --from 2026-11-01T00:00:00Z
    """
    from aiokafka.errors import KafkaError

    from api.errors import StoreAway
    from careerstream.recomputing import recompute_log
    from careerstream.replaying import milliseconds_of

    settings = settings_of_environment()
    begin = None if since is None else milliseconds_of(since)
    try:
        found = asyncio.run(recompute_log(settings, named_kafka(settings), begin))
    except (KafkaError, OSError, StoreAway) as problem:
        raise Stopped(f"Kafka did not answer: {problem}; `careerstream doctor` looks") from problem
    for word, ids in (("DIFFERS", found.differing), ("UNFOUNDED", found.unfounded)):
        for name, why in ids[:100]:
            click.echo(f"{word}  {name}: {why}")
    told = f"{found.made:,} decisions score as logged, {len(found.differing):,} differ"
    click.echo(f"{told}, {len(found.unfounded):,} cannot be scored again; {found.served:,} answers follow from them")
    sys.exit(0 if found.holds else 1)


@audit.command()
@click.option(
    "--groups",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV file of what people declared: candidate, then attributes.",
)
@click.option(
    "--log",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder that `careerstream export` wrote (default: the topics as they are now).",
)
@click.option(
    "--pages", type=click.Path(path_type=Path, file_okay=False), help="Where to write the page and the JSON to publish."
)
@click.option(
    "--distributed",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Since when the house uses the engine; the page must say so.",
)
@click.option("--auditor", help="Who answers for the audit; the page must say so.")
@click.option(
    "--least-told",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="Tell no figures of groups of fewer people.",
)
def bias(
    groups: Path,
    log: Path | None,
    pages: Path | None,
    distributed: datetime | None,
    auditor: str | None,
    least_told: int,
) -> None:
    """Compare what self-declared groups were shown, recommended and scored; exit code 1 when one is served less, and not by chance.

    \b
    careerstream audit bias --groups labels.csv
    careerstream audit bias --groups labels.csv --pages audit/ --distributed 2026-03-01 --auditor "Ann Other LLP"
    """
    if pages is not None and (distributed is None or not auditor):
        raise Stopped(
            "the page must name its auditor and since when the engine is used: add --auditor and --distributed"
        )
    with learning_installed():
        from careerstream import bias_command
        from learning.bias_page import About

    found = bias_command.run_audit(bias_command.Asked(log, groups, least_told))
    for line in bias_command.told(found):
        click.echo(line)
    if pages is not None and distributed is not None:
        about = About(f"{datetime.now(UTC):%Y-%m-%d}", f"{distributed:%Y-%m-%d}", auditor or "")
        for page in bias_command.write_pages(found, about, pages):
            click.echo(f"careerstream: {page} written", err=True)
    sys.exit(1 if found.flagged else 0)
