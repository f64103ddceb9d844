"""Many measurements in three numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Distribution:
    """How measurements lie: the median, the 99th percentile and the worst, in the unit of the measurements."""

    count: int
    p50: float
    p99: float
    worst: float


def distribution(measurements: Iterable[float]) -> Distribution:
    """Answer the distribution of at least one measurement."""
    ordered = sorted(measurements)
    if not ordered:
        raise ValueError("nothing was measured")
    return Distribution(len(ordered), percentile(ordered, 50), percentile(ordered, 99), ordered[-1])


def median(measurements: Iterable[float]) -> float:
    return percentile(sorted(measurements), 50)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Answer the least measurement that `share` percent do not exceed (nearest rank: it was really measured)."""
    rank = -(-len(ordered) * share // 100)
    return ordered[max(0, int(rank) - 1)]
