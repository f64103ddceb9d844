"""The reference pages that are made from the code: `python -m careerstream.reference` writes them, a test compares."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import orjson
from prometheus_client import CollectorRegistry
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from api.access import HOLDS, RIGHTS, ROUTES, Holder
from api.app import openapi_document
from api.metrics import Metrics
from careerstream.bias_command import BiasMeasures
from careerstream.cli import cli
from careerstream.inventory import inventory_page
from careerstream.measures import WebhookMeasures, WorkerMeasures
from careerstream.models.watch_measures import LearningMeasures
from careerstream.settings import PREFIX, Settings
from schemas.topics import Topic

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
MADE = "Made from the code by `make reference`; change the code, not this page."

TOPICS: Mapping[Topic, tuple[str, str]] = {
    Topic.CLICKS: (
        "candidate",
        "jobs and content shown, viewed, read, saved, liked, dismissed, shared; messages opened",
    ),
    Topic.SESSIONS: (
        "candidate",
        "pages, screens, searches and any other event, with device, time zone, locale, place, referrer, campaign",
    ),
    Topic.APPLICATIONS: ("candidate", "application stages from started to retained 90 days; surveys"),
    Topic.PROFILES: ("candidate", "traits, explicit preferences, consent, aliases"),
    Topic.JOBS: ("job id", "postings, compacted; null deletes"),
    Topic.CONTENT: ("content id", "content items, compacted; null deletes"),
    Topic.DECISIONS: (
        "candidate",
        "each changed decision with what it was made from, each served decision with what was shown",
    ),
    Topic.SEGMENTS: ("candidate", "Audience Entered and Audience Exited, as Segment `track` messages"),
    Topic.MESSAGES: (
        "candidate",
        "reserved: the next best message for a marketing tool to send; nothing is written yet",
    ),
    Topic.DEAD_LETTERS: (
        "as it came",
        "records that could not be folded, as they came, with Kafka Connect's error headers",
    ),
    Topic.MODELS: ("model name", "trained models, compacted; under `standing` which one decides; one partition"),
    Topic.ERASURES: ("pseudonym", "who was erased, suppressed or objected, compacted; read whole by every process"),
    Topic.ANCHORS: (
        "partition and writer",
        "how far each chain of the decision log had come, compacted; `careerstream audit verify` reads it",
    ),
    Topic.APPEALS: (
        "appeal id",
        "what candidates appeal against and what became of it, compacted; what both sides wrote is sealed; one partition",
    ),
    Topic.OVERRIDES: (
        "override id",
        "pins, boosts and blocks with who, why and until when, compacted and never deleted; under `pause` whether the model is paused",
    ),
}


def pages() -> dict[str, str]:
    """Answer each page's file name and text."""
    return {
        "settings.md": _settings_page(),
        "topics.md": _topics_page(),
        "commands.md": _commands_page(),
        "metrics.md": _metrics_page(),
        "data.md": inventory_page(MADE),
        "access.md": _access_page(),
        "openapi.json": orjson.dumps(openapi_document(), option=orjson.OPT_INDENT_2).decode() + "\n",
    }


def write() -> None:
    for name, text in pages().items():
        (FOLDER / name).write_text(text)


def _settings_page() -> str:
    lines = [
        "# Settings",
        "",
        f"{MADE}",
        "",
        f"Environment variables. A name that starts with `{PREFIX}` and is not listed here stops the start.",
        "",
        "| variable | default | what |",
        "|---|---|---|",
        *(f"| `{name}` | {_default(field)} | {field.description} |" for name, field in _variables()),
    ]
    return "\n".join(lines) + "\n"


def _variables() -> Iterator[tuple[str, FieldInfo]]:
    for name, field in Settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            yield from ((f"{PREFIX}{name}__{inner}".upper(), one) for inner, one in group.model_fields.items())
        else:
            yield f"{PREFIX}{name}".upper(), field


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if value is None:
        return "unset"
    return f"`{value.total_seconds():g}` s" if hasattr(value, "total_seconds") else f"`{value}`"


def _topics_page() -> str:
    rows = [f"| `careers.{topic.value}` | {TOPICS[topic][0]} | {TOPICS[topic][1]} |" for topic in Topic]
    return (
        "\n".join(
            ["# Topics", "", MADE, "", "| topic (prefix from the settings) | key | carries |", "|---|---|---|", *rows]
        )
        + "\n"
    )


def _commands_page() -> str:
    lines = ["# Commands", "", MADE, ""]
    for name, command in _verbs(cli, "careerstream"):
        help_text = command.get_help(click.Context(command, info_name=name, max_content_width=100))
        lines += [f"## {name}", "", "```text", help_text, "```", ""]
    return "\n".join(lines)


def _verbs(group: click.Group, before: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        yield f"{before} {name}", command
        if isinstance(command, click.Group):
            yield from _verbs(command, f"{before} {name}")


def _access_page() -> str:
    holders: list[Holder] = list(HOLDS)
    lines = [
        "# Who may call what",
        "",
        MADE,
        "",
        "A route asks for one right. `candidate` is a publishable key with proof of who sits before the page (a user's token or a signed",
        "anonymous id): what it reads is about themselves alone. A secret key may be bound to some rights by its scopes, an ad token reads",
        "its own segments. The last six are roles of colleagues.",
        "",
        f"| right | {' | '.join(holders)} |",
        f"|---|{'---|' * len(holders)}",
        *(
            f"| `{right}` | {' | '.join('yes' if right in HOLDS[holder] else '' for holder in holders)} |"
            for right in RIGHTS
            if right != "open"
        ),
        "",
        "| route | right |",
        "|---|---|",
        *(f"| `{method} {path}` | `{right}` |" for (method, path), right in ROUTES.items()),
    ]
    return "\n".join(lines) + "\n"


def _metrics_page() -> str:
    worker = CollectorRegistry()
    WorkerMeasures(worker)
    lines = [
        "# Metrics",
        "",
        MADE,
        "",
        "API processes answer `/metrics`; workers on `CAREERSTREAM_WORKER__METRICS_PORT`, `careerstream webhooks` on",
        "`CAREERSTREAM_WEBHOOKS__METRICS_PORT`, `careerstream watch` on its `--port`.",
        "`careerstream audit bias --pages FOLDER` writes `bias-audit.prom`, for node-exporter's textfile collector.",
    ]
    watch = CollectorRegistry()
    LearningMeasures(watch)
    bias, webhooks = CollectorRegistry(), CollectorRegistry()
    BiasMeasures(bias)
    WebhookMeasures(registry=webhooks)
    told = (
        ("API", Metrics().registry),
        ("Worker", worker),
        ("Webhooks", webhooks),
        ("Watch", watch),
        ("Bias audit", bias),
    )
    for process, registry in told:
        lines += ["", f"## {process}", "", "| metric | type | what |", "|---|---|---|"]
        lines += [f"| `{each.name}` | {each.type} | {each.documentation} |" for each in registry.collect()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write()
