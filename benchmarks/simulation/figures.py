"""What is read off the studies of many seeds, and how a figure is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.simulation.market import Floats
from learning.metrics import Figure

ROUNDS = 2_000
HORIZON = 30
"""Days within which the time to an interview is counted."""


@dataclass(frozen=True, slots=True)
class Study:
    """What `study` told of one seed."""

    told: Mapping[str, Any]

    def rates(self, site: str, of: str, per: str) -> Floats:
        """Answer a rate by period; the first is the warm-up."""
        periods = self.told["arms"][site]["periods"]
        return np.array([period[of] / max(period[per], 1) for period in periods])

    def rate(self, site: str, of: str, per: str, *, since: int = 1) -> float:
        """Answer a rate over all periods from one on."""
        periods = self.told["arms"][site]["periods"][since:]
        return float(sum(period[of] for period in periods) / max(sum(period[per] for period in periods), 1))

    def days_without(self, site: str) -> float:
        """Answer the mean days without an invitation within HORIZON, by Kaplan and Meier: who left or was hired counts until then.

        Of people who came after the warm-up.
        """
        warm = self.told["size"]["warm"]
        found = [each for each in self.told["arms"][site]["searches"] if each[0] >= warm]
        waited = np.array([(ended if at is None else at) - comes for comes, at, ended in found])
        happened = np.array([at is not None for _, at, _ in found], np.bool_)
        left, total = 1.0, 0.0
        for day in range(HORIZON):
            total += left
            at_risk = int((waited >= day + 1).sum() + (happened & (waited == day)).sum())
            left *= 1 - int((happened & (waited == day)).sum()) / at_risk if at_risk else 1
        return total


def over_seeds(studies: Sequence[Study], value: Callable[[Study], float]) -> Figure:
    """Answer the mean over seeds and the 95 % interval of drawing seeds anew."""
    values = np.array([value(each) for each in studies])
    drawn = values[np.random.default_rng(1).integers(0, len(values), (ROUNDS, len(values)))].mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(float(values.mean()), float(low), float(high))


def gap(mine: float, floor: float, top: float) -> float:
    """Answer the share of the way from the unpersonalised site to the oracle."""
    return (mine - floor) / (top - floor) if top != floor else 0.0


def times_newest(each: Study, site: str) -> float:
    return each.rate(site, "opened", "exposures") / each.rate("newest", "opened", "exposures")


def gap_closed(each: Study, site: str) -> float:
    return gap(*[each.rate(one, "expected", "exposures") for one in (site, "newest", "oracle")])


def sooner(each: Study, site: str) -> float:
    return each.days_without(site) / each.days_without("newest") - 1


def rate_after(each: Study, site: str, after: int) -> float:
    """Answer the expected rate in the period before the first retraining, or in the three after so many."""
    found = each.rates(site, "expected", "exposures")
    return float(found[0] if after == 0 else found[after : after + 3].mean())


def gap_after(each: Study, after: int) -> float:
    return gap(*[rate_after(each, site, after) for site in ("learning", "newest", "oracle")])


def gap_of_stranger(each: Study, events: str, model: str) -> float:
    found = each.told["strangers"][events]
    return gap(found["models"][model], found["newest"], found["oracle"])


def foreseen(each: Study, where: str, name: str, of: str, per: str) -> float:
    """Answer a rate of a way to join both sides, by the rules' probabilities; `where` is `lived` or `beside`."""
    found = each.told["joins"][where][name]
    return float(found[of] / found[per])


def seen(each: Study, where: str, name: str, group: str) -> float:
    return float(each.told["joins"][where][name]["exposure"].get(group, np.nan))


def percent(figure: Figure, digits: int = 2) -> str:
    value, low, high = (f"{100 * each:.{digits}f}" for each in (figure.value, figure.low, figure.high))
    return f"{value} % ({low} to {high})"


def points(figure: Figure) -> str:
    value, low, high = (f"{100 * each:+.2f}" for each in (figure.value, figure.low, figure.high))
    return f"{value} ({low} to {high})"


def number(figure: Figure) -> str:
    return f"{figure.value:.1f} ({figure.low:.1f} to {figure.high:.1f})"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Answer a Markdown table."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
