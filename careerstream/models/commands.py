"""`careerstream export`, `train`, `evaluate`, `promote`, `challenge`, `rollback`, `models`: what they do, apart from the command line."""

import asyncio
import getpass
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from aiokafka.errors import KafkaError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from careerstream.clock import wall_clock
from careerstream.errors import Stopped
from careerstream.models.registry import Registry
from careerstream.models.topic import read_registry, write_registry
from careerstream.parts import read_configuration, topic_names
from careerstream.settings import Settings
from learning.assessing import Assessment, Question, assess
from learning.card import card_of, importance, measured
from learning.drift import reference_of
from learning.examples import Joined, Windows, join
from learning.export import count_records, export_topics
from learning.groups import Labels, UnreadableGroups, read_labels
from learning.log import ExportedLog, Log, UnreadableLog
from learning.plots import draw
from learning.report import write_report
from learning.training import STEPS, TooLittle, train
from schemas.trained import (
    PRIOR,
    STANDING,
    MalformedModel,
    Promotion,
    Standing,
    TrainedModel,
    encode_model,
    encode_standing,
)
from scorers.features import FEATURE_NAMES
from scorers.models import Model, PriorModel
from scorers.trained import UnusableModel, usable_model

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Learning:
    """How to learn: from which log, with which windows, judged for whom, reported where."""

    log: Path | None
    reports: Path
    windows: Windows
    groups: Path | None = None
    without_groups: bool = False
    threads: int = 1


class Registrar:
    """The registry of the house that the settings name, to read and to write."""

    def __init__(self, settings: Settings, bootstrap: str) -> None:
        self.names = topic_names(settings)
        self.kafka = settings.kafka.client_options(bootstrap)
        self.fit_share = read_configuration(settings).policy.fit_share

    def read(self) -> Registry:
        return _asked(read_registry(self.kafka, self.names))

    def write(self, *records: tuple[str, bytes | None]) -> None:
        _asked(write_registry(self.kafka, self.names, records))

    def export(self, folder: Path, since: int | None, on_records: Callable[[int], None] = lambda _: None) -> int:
        """Write the topics to a folder and answer the number of records."""
        return _asked(export_topics(self.kafka, self.names, folder, since=since, on_records=on_records))

    def stand(self, standing: Standing) -> None:
        self.write((STANDING, encode_standing(standing)))

    def model(self, registry: Registry, name: str) -> Model:
        """Answer a model that may decide, under the policy in force; Stopped when there is none of this name."""
        if name == PRIOR:
            return PriorModel(self.fit_share)
        try:
            return replace(usable_model(registry.model(name)), fit_share=self.fit_share)
        except (MalformedModel, UnusableModel) as problem:
            known = ", ".join([*registry.records, PRIOR])
            raise Stopped(f"{problem}; there are {known}") from problem


def export(registrar: Registrar, folder: Path, since: int | None) -> int:
    """Write the topics to a folder and answer the number of records."""
    folder.mkdir(parents=True, exist_ok=True)
    total = _asked(count_records(registrar.kafka, registrar.names))
    with _progress("exporting", total) as advance:
        return registrar.export(folder, since, advance)


def train_model(registrar: Registrar, learning: Learning) -> tuple[str, Assessment, Path]:
    """Train, judge, report and register a model; answer its name, how it did and where the report lies."""
    labels = None if learning.groups is None else labels_of(learning.groups)
    with log_of(lambda: registrar, learning.log) as log:
        joined = join(log, learning.windows)
        now = wall_clock()
        with _progress("training", STEPS) as advance:
            try:
                training = train(
                    joined,
                    fit_share=registrar.fit_share,
                    trained_at=now,
                    threads=learning.threads,
                    on_step=lambda: advance(1),
                )
            except TooLittle as problem:
                raise Stopped(str(problem)) from problem
        registry = registrar.read()
        model = usable_model(training.model)
        asked = Question(
            model=model,
            incumbent=registrar.model(registry, registry.standing.champion),
            prior=PriorModel(registrar.fit_share),
            test_from=training.split.test_from,
            places=training.interest.places,
            labels=labels,
            without_groups=learning.without_groups,
        )
        assessment = assess(log, joined, asked)
        card = card_of(training, joined, assessment, by=getpass.getuser())
        reference = reference_of(
            training.split.train.matrix, model.score(training.split.train.matrix, FEATURE_NAMES).joined
        )
        record = replace(training.model, card=card, reference=reference)
        report = _report(record.name, card, assessment, importance(model, joined), learning.reports)
    registrar.write((record.name, encode_model(record)), *[(name, None) for name in registry.superfluous()])
    return record.name, assessment, report


def evaluate_model(registrar: Registrar, learning: Learning, name: str) -> tuple[Assessment, Path]:
    """Judge a registered model against the champion on what was served since its own test began."""
    registry = registrar.read()
    record = _record(registry, name)
    assessment, joined = _assessed(registrar, learning, registry, record)
    model = registrar.model(registry, name)
    card = {**record.card, **measured(assessment)}
    return assessment, _report(name, card, assessment, importance(model, joined), learning.reports)


def promote(registrar: Registrar, learning: Learning, name: str, despite: str | None) -> Standing:
    """Let a model decide when the gate lets it pass, or somebody says why it must all the same; answer the new standing."""
    registry = registrar.read()
    record = _record(registry, name)
    if not record.card:
        raise Stopped(f"{name} has no model card; what nobody can read about does not decide")
    if registry.standing.champion == name:
        raise Stopped(f"{name} decides already")
    assessment, _ = _assessed(registrar, learning, registry, record)
    if not assessment.verdict.passed and despite is None:
        told = "\n".join(f"  - {objection}" for objection in assessment.verdict.objections)
        raise Stopped(
            f"{name} is not promoted:\n{told}\nLet it decide all the same with --despite REASON, which is kept"
        )
    why = f"gain {assessment.judgement.gain} over {assessment.incumbent}"
    if not assessment.verdict.passed:
        why = f"despite {'; '.join(assessment.verdict.objections)}: {despite}"
    standing = registry.standing.promoted(_promotion(name, why))
    registrar.stand(standing)
    return standing


def challenge(registrar: Registrar, name: str | None) -> Standing:
    """Let a model score beside the one that decides, logged and not shown; None ends that."""
    registry = registrar.read()
    if name is not None:
        registrar.model(registry, name)
    standing = registry.standing.challenged(name)
    registrar.stand(standing)
    return standing


def rollback(registrar: Registrar, to: str | None, why: str) -> Standing:
    """Let what decided before decide again, or whatever is named; answer the new standing."""
    registry = registrar.read()
    if to is None and registry.standing.champion == PRIOR:
        raise Stopped("the prior decides: there is nothing before it")
    name = to or registry.standing.earlier[0]
    registrar.model(registry, name)
    standing = registry.standing.promoted(_promotion(name, f"rolled back from {registry.standing.champion}: {why}"))
    registrar.stand(standing)
    return standing


def told_models(registry: Registry) -> Iterator[str]:
    """Answer a line for each model, newest last, and how it stands."""
    standing = registry.standing
    for name in (PRIOR, *registry.records):
        marks = [
            mark for mark, of in (("decides", standing.champion), ("scores beside", standing.challenger)) if of == name
        ]
        yield f"{name:<44} {', '.join(marks) or '-':<14} {_about(registry, name)}"


def _about(registry: Registry, name: str) -> str:
    if name == PRIOR:
        return "weights set by hand (docs/reference/ranking.md)"
    try:
        card = registry.model(name).card
    except MalformedModel as problem:
        return str(problem)
    gain = card.get("gain") or [float("nan")] * 3
    return f"trained {card.get('trainedAt')}, nDCG@10 {gain[0]:+.3f} ({gain[1]:+.3f} to {gain[2]:+.3f}) against {card.get('incumbent')}"


def _assessed(
    registrar: Registrar, learning: Learning, registry: Registry, record: TrainedModel
) -> tuple[Assessment, Joined]:
    labels = None if learning.groups is None else labels_of(learning.groups)
    with log_of(lambda: registrar, learning.log) as log:
        joined = join(log, learning.windows)
        asked = Question(
            model=registrar.model(registry, record.name),
            incumbent=registrar.model(registry, registry.standing.champion),
            prior=PriorModel(registrar.fit_share),
            test_from=int(record.card["data"]["testFrom"]),
            places=record.card["places"],
            labels=labels,
            without_groups=learning.without_groups,
        )
        return assess(log, joined, asked), joined


def _report(name: str, card: dict[str, Any], assessment: Assessment, weights: Any, reports: Path) -> Path:
    folder = reports / name
    folder.mkdir(parents=True, exist_ok=True)
    pictures = draw(assessment.judgement, card["places"], weights, folder)
    return write_report(name, card, pictures, folder)


def _record(registry: Registry, name: str) -> TrainedModel:
    try:
        return registry.model(name)
    except MalformedModel as problem:
        known = ", ".join(registry.records) or "none yet; `careerstream train` makes one"
        raise Stopped(f"{problem}; there are {known}") from problem


def _promotion(name: str, why: str) -> Promotion:
    return Promotion(name, wall_clock(), getpass.getuser(), why)


def labels_of(file: Path) -> Labels:
    """Read a file of labels; Stopped with what it should look like."""
    try:
        return read_labels(file)
    except (UnreadableGroups, OSError) as problem:
        raise Stopped(str(problem)) from problem


@contextmanager
def log_of(registrar: Callable[[], Registrar], folder: Path | None) -> Iterator[Log]:
    """Hold the log: a folder that was exported, else the topics as they are now; Stopped when that cannot be read."""
    try:
        if folder is not None:
            yield ExportedLog(folder)
            return
        with TemporaryDirectory(prefix="careerstream-") as passing:
            export(registrar(), Path(passing), None)
            yield ExportedLog(Path(passing))
    except UnreadableLog as problem:
        raise Stopped(str(problem)) from problem


def _asked(asking: Coroutine[Any, Any, Answer]) -> Answer:
    try:
        return asyncio.run(asking)
    except KafkaError as problem:
        raise Stopped(
            f"Kafka did not answer: {problem}; are all topics there? `careerstream doctor` looks"
        ) from problem


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda steps: progress.advance(task, steps)


def window(text: str) -> timedelta:
    """Read a span such as 30m, 12h or 45d."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isdecimal() or not int(number):
        raise Stopped(f"{text} is no span of time; write it as 30m, 12h or 45d")
    return timedelta(**{units[unit]: int(number)})
