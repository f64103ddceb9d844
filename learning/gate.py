"""The gate: what a model must show before it decides. It refuses otherwise, and says why."""

from collections.abc import Sequence
from dataclasses import dataclass

from learning.impact import Cell
from learning.judging import Judgement
from learning.metrics import Figure
from learning.proxies import MOST_AUC, Proxy
from learning.speed import quickest_ms
from scorers.models import Matrix, Model

LIMITS_MS = {100: 0.3, 1000: 2.5}
"""What scoring so many rows may take, on one thread."""
LEAST_LISTS = 100
"""Judged on fewer answered lists nothing is promoted: an interval over so few says nothing."""
TRIES = 30


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every objection in words; none means that the model may decide."""

    objections: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.objections


def verdict(
    judgement: Judgement, groups: Sequence[Cell] | None, speed_ms: dict[int, float], proxies: Sequence[Proxy] = ()
) -> Verdict:
    """Weigh ranking, groups, what gives them away, and speed. `groups` None means that nobody measured them."""
    objections = []
    if judgement.lists < LEAST_LISTS:
        objections.append(f"judged on {judgement.lists} answered lists, {LEAST_LISTS} are the least")
    if not judgement.gain.low > 0:
        objections.append(
            f"does not beat the incumbent: nDCG@10 differs by {judgement.gain}, and the interval must lie above 0"
        )
    if groups is None:
        objections.append(
            "groups were not compared: name a file of self-declared labels with --groups, or say --without-groups"
        )
    objections += [_unfair(cell) for cell in groups or () if cell.is_harmed]
    objections += [_telling(proxy) for proxy in proxies if proxy.gives_away]
    objections += [
        f"scores {rows} rows in {speed_ms[rows]:.2f} ms, {limit} ms are the most"
        for rows, limit in LIMITS_MS.items()
        if speed_ms[rows] > limit
    ]
    return Verdict(tuple(objections))


def measure_speed(model: Model, rows: Matrix) -> dict[int, float]:
    """Answer the best of some tries in milliseconds of this thread's processor time, by number of rows."""
    return {count: quickest_ms(model, rows, count=count, tries=TRIES) for count in LIMITS_MS}


def _telling(proxy: Proxy) -> str:
    return (
        f"{proxy.attribute} {proxy.value!r} can be told by its {proxy.inputs}: AUC {proxy.auc}; {MOST_AUC} is the most"
    )


def _unfair(cell: Cell) -> str:
    told = f"{cell.attribute} {cell.value!r} is served less: {cell.measure}, ratio {_told(cell.compared)}; {cell.least} is the least"
    if cell.is_flagged or cell.kept is None:
        return told
    return f"{told}; by chance perhaps, but it may keep too little of the ratio that it has now: {_told(cell.kept)}"


def _told(ratio: Figure | None) -> str:
    return "" if ratio is None else f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
