"""The verbs that learn: export, train, evaluate, promote, challenge, rollback, watch, models."""

from pathlib import Path
from typing import Any

import click

from careerstream.errors import Stopped, learning_installed
from careerstream.named import named_kafka, settings_of_environment

NONE = "none"
"""What `challenge` takes to end it."""


def _learning_options(command: Any) -> Any:
    """Add what all verbs take that look at the log to learn or to judge."""
    options = (
        click.option(
            "--log",
            type=click.Path(path_type=Path, exists=True),
            help="Folder that `careerstream export` wrote (default: the topics as they are now).",
        ),
        click.option("--reports", type=click.Path(path_type=Path), default=Path("reports"), help="Where reports go."),
        click.option(
            "--groups", type=click.Path(path_type=Path, exists=True), help="CSV file: candidate, then attributes."
        ),
        click.option("--without-groups", is_flag=True, help="Say that nobody's self-declared labels are at hand."),
        click.option("--response", default="1d", help="How long a response may take (default 1d)."),
        click.option("--interview", default="45d", help="How long an employer may take (default 45d)."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--since", metavar="ISO", help="Leave out what is older, such as 2026-11-01T00:00:00Z (postings are kept)."
)
def export(folder: Path, since: str | None) -> None:
    """Write what learning needs to Parquet files in FOLDER: decisions, candidate topics, postings.

    \b
    careerstream export log/ --since 2026-11-01T00:00:00Z
    """
    from careerstream.replaying import milliseconds_of

    commands = _learning()
    begin = None if since is None else milliseconds_of(since)
    _say(f"{commands.export(_registrar(), folder, begin):,} records written to {folder}")


@click.command()
@_learning_options
@click.option("--threads", type=click.IntRange(1, 64), default=1, help="Processors to train on (default 1).")
@click.option("--challenge/--no-challenge", default=False, help="Let it score beside the model that decides.")
def train(threads: int, *, challenge: bool, **how: Any) -> None:
    """Train a model from the log, judge it, write its report and card, register it. Nothing decides otherwise yet.

    \b
    careerstream train
    careerstream train --log log/ --groups labels.csv --reports reports/
    """
    commands, registrar = _learning(), _registrar()
    name, assessment, report = commands.train_model(registrar, _how(threads=threads, **how))
    if challenge:
        commands.challenge(registrar, name)
    _say(f"{name}: nDCG@10 differs from {assessment.incumbent} by {assessment.judgement.gain}")
    for objection in assessment.verdict.objections:
        _say(f"the gate would refuse it: {objection}")
    _say(f"report in {report}; `careerstream promote {name}` lets it decide")


@click.command()
@click.argument("model", required=False)
@_learning_options
@click.option(
    "--items",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of postings, with a --log of views.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="OURS=THEIRS",
    help="What a column is called, such as candidate=Applicant.",
)
@click.option("--limit", type=click.IntRange(1), help="Ask about so many views only, spread over the time.")
def evaluate(model: str | None, items: Path | None, columns: tuple[str, ...], limit: int | None, **how: Any) -> None:
    """Judge a registered MODEL against the one that decides now; or, with --items, the engine on anybody's log of views.

    \b
    careerstream evaluate model-019abc0de123-0123456789ab --groups labels.csv
    careerstream evaluate --log views.csv --items jobs.csv
    """
    if items is not None:
        _evaluate_log(how["log"], items, columns, limit)
        return
    if model is None:
        raise Stopped(
            "which model? `careerstream models` lists them; with --log FILE and --items FILE any log of views is taken"
        )
    commands = _learning()
    assessment, report = commands.evaluate_model(_registrar(), _how(**how), model)
    _say(f"{model}: nDCG@10 differs from {assessment.incumbent} by {assessment.judgement.gain}; report in {report}")
    if assessment.shadowing is not None:
        alike = assessment.shadowing.alike
        told = f"{alike.first_ten} of the first ten alike, rank correlation {alike.correlation}"
        _say(f"as challenger on {alike.decisions:,} decisions: {told}")
    for objection in assessment.verdict.objections:
        _say(f"the gate would refuse it: {objection}")


@click.command()
@click.argument("model")
@_learning_options
@click.option("--despite", metavar="REASON", help="Promote against the gate; the reason and its objections are kept.")
def promote(model: str, despite: str | None, **how: Any) -> None:
    """Let MODEL decide, if it beats the one that decides now, serves all groups alike and is quick enough.

    \b
    careerstream promote model-019abc0de123-0123456789ab --groups labels.csv
    """
    standing = _learning().promote(_registrar(), _how(**how), model, despite)
    _say(f"{standing.champion} decides in all processes within seconds; `careerstream rollback` takes it back")


@click.command()
@click.argument("model")
def challenge(model: str) -> None:
    """Let MODEL score live traffic beside the model that decides: logged, never shown; `none` ends it."""
    standing = _learning().challenge(_registrar(), None if model == NONE else model)
    _say(f"{standing.challenger or 'nothing'} scores beside {standing.champion}")


@click.command()
@click.option("--to", metavar="MODEL", help="A model other than the one that decided before; prior-2 is the prior.")
@click.option("--why", default="no reason given", help="Kept with the change.")
def rollback(to: str | None, why: str) -> None:
    """Let the model that decided before decide again."""
    standing = _learning().rollback(_registrar(), to, why)
    _say(f"{standing.champion} decides in all processes within seconds")


@click.command()
@click.option("--past", default="2d", help="How much of the past is compared with the training (default 2d).")
@click.option("--every", default="10m", help="How often to look (default 10m).")
@click.option("--once", is_flag=True, help="Look once and end.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of a Prometheus page; 0: none.")
@click.option(
    "--least-confidence", type=click.FloatRange(0, 1), default=0.5, help="Below it the prior decides (default 0.5)."
)
def watch(past: str, every: str, port: int, least_confidence: float, *, once: bool) -> None:
    """Watch the model that decides: drift, calibration, live figures; fall back to the prior when it no longer holds.

    \b
    careerstream watch --port 9109
    careerstream watch --once --past 7d
    """
    _learning()
    import time

    from careerstream.metrics_page import serve_metrics
    from careerstream.models.commands import window
    from careerstream.models.watch_measures import LearningMeasures
    from careerstream.models.watching import Watch, look

    wanted = Watch(window(past), least_confidence)
    registrar, measures = _registrar(), LearningMeasures()
    if port:
        serve_metrics(port, named_by="--port")
    while True:
        look(registrar, wanted, measures, _say)
        if once:
            return
        time.sleep(window(every).total_seconds())


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the registered models: which decides, which scores beside it, and how each was judged; pause and resume them.

    \b
    careerstream models
    careerstream models pause --why "shows night shifts to everybody"
    """
    if context.invoked_subcommand is not None:
        return
    for line in _learning().told_models(_registrar().read()):
        click.echo(line)


@models.command()
@click.option("--why", required=True, help="Kept with the change.")
def pause(why: str) -> None:
    """Let the prior decide instead of the trained model, in all processes, within seconds."""
    _pause(why, paused=True)
    _say("the prior decides; `careerstream models resume` ends that")


@models.command()
@click.option("--why", required=True, help="Kept with the change.")
def resume(why: str) -> None:
    """Let the trained model decide again."""
    _pause(why, paused=False)
    _say("the model that was promoted decides again")


VERBS = (export, train, evaluate, promote, challenge, rollback, watch, models)


def _pause(why: str, *, paused: bool) -> None:
    import getpass

    from careerstream.clock import wall_clock
    from careerstream.overriding import OverridesTopic
    from schemas.override import PAUSE, Pause

    topic = OverridesTopic.named(settings_of_environment())
    topic.write(PAUSE, Pause(paused, getpass.getuser(), why, wall_clock()))


def _evaluate_log(log: Path | None, items: Path, columns: tuple[str, ...], limit: int | None) -> None:
    _learning()
    from careerstream.models.next_item import evaluate_next_item, told
    from careerstream.parts import read_configuration

    if log is None:
        raise Stopped("which views? Name their file with --log")
    named = dict(column.partition("=")[::2] for column in columns)
    policy = read_configuration(settings_of_environment()).policy
    read, found = evaluate_next_item(log, items, columns=named, policy=policy, limit=limit)
    for line in told(read, found):
        click.echo(line)


def _learning() -> Any:
    """Answer the module of the learning verbs; Stopped where its packages are not installed."""
    with learning_installed():
        from careerstream.models import commands
    return commands


def _registrar() -> Any:
    settings = settings_of_environment()
    return _learning().Registrar(settings, named_kafka(settings))


def _how(*, response: str, interview: str, **rest: Any) -> Any:
    from learning.examples import Windows

    commands = _learning()
    return commands.Learning(windows=Windows(commands.window(response), commands.window(interview)), **rest)


def _say(sentence: str) -> None:
    click.echo(f"careerstream: {sentence}", err=True)
