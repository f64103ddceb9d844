"""`careerstream audit`: whether the decision log is whole, and its scores can be had again."""

import asyncio
import sys

import click

from careerstream.errors import Stopped
from careerstream.named import named_kafka, settings_of_environment


@click.group()
def audit() -> None:
    """Look whether the decision log is what was written, and whether its scores can be had again."""


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
        click.echo(f"{topic}-{partition}  {writer}  {chain.records:,} records, {chain.first} to {chain.number}")
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

    Exit code 1 when a score differs by more than 1e-9. Decisions that were logged without evidence are counted.

    \b
    careerstream audit recompute --from 2026-11-01T00:00:00Z
    """
    from aiokafka.errors import KafkaError

    from careerstream.recomputing import recompute_log
    from careerstream.replaying import milliseconds_of

    settings = settings_of_environment()
    begin = None if since is None else milliseconds_of(since)
    try:
        found = asyncio.run(recompute_log(settings, named_kafka(settings), begin))
    except (KafkaError, OSError) as problem:
        raise Stopped(f"Kafka did not answer: {problem}; `careerstream doctor` looks") from problem
    for name, why in found.differing[:100]:
        click.echo(f"DIFFERS  {name}: {why}")
    told = f"{found.equal:,} decisions score as logged, {len(found.differing):,} differ"
    click.echo(f"{told}; {found.without_evidence:,} were logged without evidence")
    sys.exit(1 if found.differing else 0)
