"""`careerstream audit bias`: the decision log by self-declared groups, told in lines and written as the pages to publish."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from careerstream.errors import Stopped
from careerstream.models.commands import Registrar, labels_of, log_of
from careerstream.named import named_kafka, settings_of_environment
from learning.bias import Audit, audit_bias
from learning.bias_page import About, document, excluded, page
from learning.impact import Cell


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be audited: a folder that was exported, or None for the topics as they are now, by which labels."""

    log: Path | None
    groups: Path
    least_told: int


def run_audit(asked: Asked) -> Audit:
    """Audit; Stopped where the log or the labels cannot be read, or nothing was served."""
    labels = labels_of(asked.groups)
    with log_of(_registrar, asked.log) as log:
        audit = audit_bias(log, labels, least_told=asked.least_told)
    if not audit.lists:
        raise Stopped("the log has no served list of jobs: there is nothing to audit")
    return audit


def told(audit: Audit) -> Iterator[str]:
    """Answer the lines of the terminal: every judged group, what is flagged first."""
    yield f"{audit.lists:,} lists of {audit.people:,} people, {audit.left_out:,} left out; median score {audit.median:.4f}"
    ordered = sorted(audit.cells, key=lambda cell: (not cell.is_flagged, not cell.is_below))
    for cell in ordered:
        mark = "FLAGGED" if cell.is_flagged else "below" if cell.is_below else "-"
        yield f"{mark:<8} {cell.measure:<26} {cell.attribute} {cell.value}: {_figures(cell)}"


def write_pages(audit: Audit, about: About, folder: Path) -> list[Path]:
    """Write the page, its document and its figures for Prometheus into the folder and answer their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    html, json, prom = (folder / f"bias-audit.{kind}" for kind in ("html", "json", "prom"))
    html.write_text(page(audit, about), encoding="utf-8")
    json.write_bytes(orjson.dumps(document(audit, about), option=orjson.OPT_INDENT_2))
    registry = CollectorRegistry()
    BiasMeasures(registry).note(audit, about)
    write_to_textfile(str(prom), registry)
    return [html, json, prom]


class BiasMeasures:
    """What an audit tells Prometheus, by a file that node-exporter's textfile collector reads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._flagged = Gauge(
            "careerstream_bias_flagged",
            "Groups that are served less, and not by chance, by measure",
            ["measure"],
            registry=registry,
        )
        self._audited = Gauge(
            "careerstream_bias_audited_timestamp_seconds",
            "The day of the audit, in seconds since the epoch",
            registry=registry,
        )

    def note(self, audit: Audit, about: About) -> None:
        for measure in {cell.measure for cell in audit.cells}:
            self._flagged.labels(measure).set(sum(cell.measure == measure for cell in audit.flagged))
        self._audited.set(datetime.fromisoformat(about.audited).replace(tzinfo=UTC).timestamp())


def _registrar() -> Registrar:
    settings = settings_of_environment()
    return Registrar(settings, named_kafka(settings))


def _figures(cell: Cell) -> str:
    if cell.people is None:
        return "too few to be told"
    rate = f"{cell.people:,} people, rate {cell.rate:.3f}"
    if cell.compared is None:
        return f"{rate}, not judged: {excluded(cell)}"
    chance = "" if cell.chance is None else f", chance {cell.chance:.3f}"
    return f"{rate}, {cell.kind} {cell.compared}{chance}"
