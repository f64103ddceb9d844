"""Figures that the faults' table names: told at the end of a run, not asserted, for a machine may be busy."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import fmean

from benchmarks.conditions import conditions, load_average
from benchmarks.figures import Figure, table, within
from deploy.embedded.redis import redis_server
from tests.servers.kafka_container import IMAGE

Measured = Callable[[str, str, float, str, float], None]
"""Takes the fault (`F5`, or a word for what the table does not number), what was measured, its value, its unit, and its limit."""


@dataclass(frozen=True, slots=True)
class Taken:
    fault: str
    figure: Figure
    load: float
    """How many processes wanted a core when it was measured."""


def worst(taken: Sequence[Taken]) -> list[Figure]:
    """Answer one figure for each thing measured, the worst of all seeds, in the order of the faults."""

    def name(each: Taken) -> tuple[bool, int, str]:
        number = each.fault.removeprefix("F")
        return not number.isdecimal(), int(number) if number.isdecimal() else 0, each.figure.name

    return [
        max((each.figure for each in same), key=_measured) for _, same in groupby(sorted(taken, key=name), key=name)
    ]


def figure(fault: str, what: str, value: float, unit: str, limit: float) -> Taken:
    return Taken(fault, within(f"{fault} {what}", value, unit, limit=limit), load_average())


def write_report(path: Path, taken: Sequence[Taken], *, passed: int, failed: int, seeds: int) -> None:
    """Write what a whole run found."""
    loads = [each.load for each in taken]
    known = conditions("make faults", {"Redis": _redis_version(), "Kafka": IMAGE.rpartition(":")[2]})
    told = {**known, "load average": f"{min(loads):.1f} to {max(loads):.1f}, {fmean(loads):.1f} on average"}
    facts = "\n".join(f"- {name}: {fact}" for name, fact in told.items())
    verdict = f"{passed} tests passed, {failed} failed, with {seeds} seed{'s' if seeds != 1 else ''} each."
    head = f"# Faults\n\nMade by `make faults`. {verdict} Each figure is the worst of all seeds."
    path.write_text(f"{head}\n\n{facts}\n\n{table(worst(taken))}\n", encoding="utf-8")


def _redis_version() -> str:
    told = subprocess.run([redis_server(), "--version"], capture_output=True, text=True, check=True).stdout
    return told.partition("v=")[2].partition(" ")[0]


def _measured(each: Figure) -> float:
    return each.measured
