"""Figures that the faults' table names: told at the end of a run, not asserted, for a machine may be busy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.conditions import conditions
from benchmarks.figures import Figure, table, within

Measured = Callable[[str, str, float, str, float], None]
"""Takes the fault (`F5`, or a word for what the table does not number), what was measured, its value, its unit, and its limit."""


@dataclass(frozen=True, slots=True)
class Taken:
    fault: str
    figure: Figure


def worst(taken: Sequence[Taken]) -> list[Figure]:
    """Answer one figure for each thing measured, the worst of all seeds, in the order of the faults."""

    def name(each: Taken) -> tuple[bool, int, str]:
        number = each.fault.removeprefix("F")
        return not number.isdecimal(), int(number) if number.isdecimal() else 0, each.figure.name

    return [
        max((each.figure for each in same), key=_measured) for _, same in groupby(sorted(taken, key=name), key=name)
    ]


def figure(fault: str, what: str, value: float, unit: str, limit: float) -> Taken:
    return Taken(fault, within(f"{fault} {what}", value, unit, limit=limit))


def write_report(path: Path, taken: Sequence[Taken], *, passed: int, failed: int, seeds: int) -> None:
    """Write what a whole run found."""
    facts = "\n".join(f"- {name}: {fact}" for name, fact in conditions("make faults", {}).items())
    verdict = f"{passed} tests passed, {failed} failed, with {seeds} seed{'s' if seeds != 1 else ''} each."
    head = f"# Faults\n\nMade by `make faults`. {verdict} Each figure is the worst of all seeds."
    path.write_text(f"{head}\n\n{facts}\n\n{table(worst(taken))}\n", encoding="utf-8")


def _measured(each: Figure) -> float:
    return each.measured
