"""A figure beside its limit or its rival, and whether it holds."""

from collections.abc import Sequence
from dataclasses import dataclass

HEADINGS = ("figure", "measured", "limit or rival", "ratio", "holds?")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `ratio` is measured / reference, bound by `at_most` or `at_least`; by neither: only told."""

    name: str
    measured: float
    unit: str
    rival: str = ""
    reference: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.measured / self.reference if self.reference else None

    @property
    def holds(self) -> bool | None:
        """Say whether the bound holds; None without a bound."""
        if self.reference is None:
            return None
        if self.at_most is not None:
            return self.measured <= self.at_most * self.reference
        return None if self.at_least is None else self.measured >= self.at_least * self.reference


@dataclass(frozen=True, slots=True)
class Chapter:
    """The figures of one part, and how they were measured."""

    title: str
    figures: tuple[Figure, ...]
    how: str = ""


def told(name: str, measured: float, unit: str) -> Figure:
    """Answer a figure that has nothing to hold against."""
    return Figure(name, measured, unit)


def within(name: str, measured: float, unit: str, *, limit: float) -> Figure:
    """Answer a figure that must not exceed its limit."""
    return Figure(name, measured, unit, reference=limit, at_most=1.0)


def at_least(name: str, measured: float, unit: str, *, limit: float) -> Figure:
    """Answer a figure that must reach its limit."""
    return Figure(name, measured, unit, reference=limit, at_least=1.0)


def beside(  # what a rival's figure says is more than four values
    name: str,
    measured: float,
    unit: str,
    *,
    rival: str,
    reference: float,
    at_most: float | None = None,
    at_least: float | None = None,
) -> Figure:
    """Answer a figure as a multiple of a rival's, measured in the same run."""
    return Figure(name, measured, unit, rival, reference, at_most, at_least)


def table(figures: Sequence[Figure]) -> str:
    """Answer the figures as a Markdown table."""
    rows = [_row(figure) for figure in figures]
    lines = [HEADINGS, ("---", "---:", "---", "---:", "---"), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def amount(value: float, unit: str) -> str:
    """Answer a number as a person reads it: three digits that count, thousands apart."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 4
    return f"{value:,.{digits}f} {unit}".rstrip()


def _row(figure: Figure) -> tuple[str, ...]:
    verdict = {None: "-", True: "yes", False: "NO"}[figure.holds]
    ratio = "-" if figure.ratio is None else f"{figure.ratio:.2f}"
    return figure.name, amount(figure.measured, figure.unit), _against(figure), ratio, verdict


def _against(figure: Figure) -> str:
    if figure.reference is None:
        return "-"
    sign = "≤" if figure.at_most is not None else "≥" if figure.at_least is not None else ""
    if not figure.rival:
        return f"{sign} {amount(figure.reference, figure.unit)}"
    share = figure.at_most if figure.at_most is not None else figure.at_least
    wanted = "" if share is None else f"{sign} {share:g} x "
    return f"{wanted}{figure.rival}: {amount(figure.reference, figure.unit)}"
