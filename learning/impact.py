"""Impact ratios: how much of something each group has against the best-served group, with intervals and what chance explains.

A group's rate is what its people had, summed, over what they could have had, summed (for yes and no: the selection rate). The ratio is the
New York formula, rate over the highest rate, and four fifths (29 CFR 1607.4(D)) is the least. Intervals are by the delta method on its
logarithm over people (for yes and no: Katz et al. 1978), so that anybody can compute them again; chance is by the same normal
approximation, corrected after Holm (1979) for all pairs of groups that were compared. Beside what decides now each person is compared with
themselves, so that what people are like drops out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from learning.metrics import Figure

LEAST_RATIO = 0.8
MOST_APART = 0.05
"""How far a rate may lie below the best one, where differences are compared."""
LEAST_PEOPLE, LEAST_SHARE = 30, 0.02
"""A smaller group is told and not judged."""
LEAST_TOLD = 10
"""Of fewer people no figures are told: they could be recognised."""
SURE = 0.05
"""Chance explains what is likelier than this."""
QUANTILE = 1.959963984540054
UNKNOWN = "not declared"

Floats = NDArray[np.float64]
Kind = Literal["ratio", "difference"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What is compared, a row a person: they had `had` of `of`; an `of` of 0 leaves a person out. `least` is the least ratio.

    `had_now` is what they have of the same `of` by what decides now, None where nothing is compared with that.
    """

    name: str
    had: Floats
    of: Floats
    kind: Kind = "ratio"
    least: float = LEAST_RATIO
    had_now: Floats | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One group's figures in one measure. `compared` is the ratio to the best group's rate, or the difference from it.

    It is None where nothing is judged: too few people, nobody who declared, or nobody else to compare with. `chance` is the corrected
    probability that a group served alike would lie so far below. `kept` is the ratio over the one that the same two groups have by what
    decides now. Of a group that is too small to be told `people` and `rate` are None.
    """

    measure: str
    kind: Kind
    attribute: str
    value: str
    people: int | None
    share: float | None
    rate: float | None
    least: float
    compared: Figure | None = None
    chance: float | None = None
    kept: Figure | None = None

    @property
    def is_below(self) -> bool:
        """Say whether the group is served less than may be, be it by chance."""
        if self.compared is None or math.isnan(self.compared.value):
            return False
        if self.kind == "difference":
            return self.compared.value < -MOST_APART and self.compared.high < 0
        return self.compared.value < self.least

    @property
    def is_flagged(self) -> bool:
        """Say whether the group is served less, and not by chance."""
        return self.is_below and self.chance is not None and self.chance <= SURE

    @property
    def is_harmed(self) -> bool:
        """Say whether the group would be served less, and that is neither chance nor as it is by what decides now.

        On few people many a ratio lies below four fifths by chance, and 29 CFR 1607.4(D) does not count differences of small numbers that
        are not significant. But chance alone excuses nothing, for there a harm would not be seen either: all of the interval of `kept` must
        lie above the least ratio (non-inferiority, ICH E9, 3.3.2). Each group must pass that by itself, so it needs no correction for
        their number (Berger 1982).
        """
        return self.is_below and (self.is_flagged or self.kept is None or not self.kept.low > self.least)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of a group, and the variance of it."""

    value: float
    variance: float
    of: float


def rate_of(had: Floats, of: Floats) -> Rate:
    """Answer a group's rate; its variance is that of a ratio of sums over people (for yes and no, p (1 - p) / n)."""
    total = float(of.sum())
    value = float(had.sum()) / total
    return Rate(value, float(((had - value * of) ** 2).sum()) / total**2, total)


def ratio(mine: Rate, best: Rate) -> tuple[Figure, float]:
    """Answer the ratio of two rates with its interval, and how many standard errors its logarithm lies from 0."""
    if not mine.value:
        # Half a case stands for none, so that there is an interval at all.
        mine = Rate(0.5 / mine.of, (0.5 / mine.of) * (1 - 0.5 / mine.of) / mine.of, mine.of)
        figure, apart = ratio(mine, best)
        return Figure(0.0, 0.0, figure.high), apart
    value = mine.value / best.value
    error = math.sqrt(mine.variance / mine.value**2 + best.variance / best.value**2)
    wide = math.exp(QUANTILE * error)
    return Figure(value, value / wide, value * wide), _errors(math.log(value), error)


def difference(mine: Rate, best: Rate) -> tuple[Figure, float]:
    """Answer the first rate less the second with its interval, and how many standard errors that is."""
    apart, error = mine.value - best.value, math.sqrt(mine.variance + best.variance)
    return Figure(apart, apart - QUANTILE * error, apart + QUANTILE * error), _errors(apart, error)


def kept_ratio(measure: Measure, mine: NDArray[np.bool_], best: NDArray[np.bool_]) -> Figure | None:
    """Answer the ratio of two groups over the one they have now, with its interval; None where one of them has nothing now."""
    if measure.had_now is None:
        return None
    value = variance = 0.0
    for group, sign in ((mine, 1.0), (best, -1.0)):
        had, now = measure.had[group], measure.had_now[group]
        if not (had.sum() and now.sum()):
            return None
        value += sign * math.log(float(had.sum() / now.sum()))
        # What each person adds to the logarithm of the rates' quotient.
        moved = had / had.sum() - now / now.sum()
        variance += float((moved**2).sum())
    wide = QUANTILE * math.sqrt(variance)
    return Figure(math.exp(value), math.exp(value - wide), math.exp(value + wide))


@dataclass(frozen=True, slots=True)
class Grouping:
    """Everybody's value of one attribute; UNKNOWN for who declared none."""

    attribute: str
    values: NDArray[np.str_]


def compare(
    measures: Sequence[Measure], groupings: Sequence[Grouping], *, least_told: int = LEAST_TOLD
) -> tuple[Cell, ...]:
    """Answer every group's figures in every measure, measure by measure."""
    cells = [cell for measure in measures for grouping in groupings for cell in _table(measure, grouping, least_told)]
    return _corrected(cells)


def _table(measure: Measure, grouping: Grouping, least_told: int) -> list[Cell]:
    assessed = measure.of > 0
    values, had, of = grouping.values[assessed], measure.had[assessed], measure.of[assessed]
    names = sorted(set(values.tolist()), key=lambda name: (name == UNKNOWN, name))
    rates = {name: rate_of(had[values == name], of[values == name]) for name in names}
    people = {name: int((values == name).sum()) for name in names}
    judged = [name for name in names if _is_judged(name, people[name], len(values))]
    best = max(judged, key=lambda name: rates[name].value, default=None)
    compared = _against(measure, rates, judged, best) if best is not None and len(judged) > 1 else {}

    def members(name: str) -> NDArray[np.bool_]:
        return np.asarray(assessed & (grouping.values == name))

    return [
        Cell(
            measure=measure.name,
            kind=measure.kind,
            attribute=grouping.attribute,
            value=name,
            people=people[name] if people[name] >= least_told else None,
            share=people[name] / len(values) if people[name] >= least_told else None,
            rate=rates[name].value if people[name] >= least_told else None,
            least=measure.least,
            compared=compared[name][0] if name in compared else None,
            chance=compared[name][1] if name in compared and name != best else None,
            kept=kept_ratio(measure, members(name), members(best)) if name in compared and best is not None else None,
        )
        for name in names
    ]


def _is_judged(name: str, people: int, assessed: int) -> bool:
    return name != UNKNOWN and people >= LEAST_PEOPLE and people >= LEAST_SHARE * assessed


def _against(
    measure: Measure, rates: dict[str, Rate], judged: Sequence[str], best: str
) -> dict[str, tuple[Figure, float]]:
    """Answer for each judged group how it compares, and how likely chance does that, before any correction."""
    if measure.kind == "ratio" and not rates[best].value:
        return {}
    found: dict[str, tuple[Figure, float]] = {}
    for name in judged:
        if name == best:
            found[name] = Figure(*((1.0,) * 3 if measure.kind == "ratio" else (0.0,) * 3)), 1.0
            continue
        figure, errors = (ratio if measure.kind == "ratio" else difference)(rates[name], rates[best])
        found[name] = figure, math.erfc(abs(errors) / math.sqrt(2))
    return found


def _corrected(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Correct every chance for how many pairs of groups were compared: which is the best is read off the same data."""
    tables = groupby(cells, key=lambda cell: (cell.measure, cell.attribute))
    judged = [sum(cell.compared is not None for cell in table) for _, table in tables]
    pairs = sum(count * (count - 1) // 2 for count in judged)
    asked = [number for number, cell in enumerate(cells) if cell.chance is not None]
    adjusted = dict(zip(asked, holm([cells[number].chance or 0.0 for number in asked], pairs), strict=True))
    return tuple(
        replace(cell, chance=adjusted[number]) if number in adjusted else cell for number, cell in enumerate(cells)
    )


def holm(chances: Sequence[float], tests: int) -> list[float]:
    """Answer each chance as it is when so many were asked, the least of them first (Holm 1979)."""
    adjusted = [0.0] * len(chances)
    least = 0.0
    for rank, number in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        least = adjusted[number] = max(least, min(1.0, chances[number] * (tests - rank)))
    return adjusted


def _errors(apart: float, error: float) -> float:
    if not error:
        return math.copysign(math.inf, apart) if apart else 0.0
    return apart / error
