"""Pay bands: fixed edges, so that a band means the same whatever else is posted."""

from bisect import bisect_right

from schemas.jobs import Salary

BAND_EDGES = (20_000, 30_000, 40_000, 50_000, 60_000, 75_000, 90_000, 110_000, 135_000, 165_000, 200_000)
"""Yearly pay at which one of the twelve bands ends and the next begins."""


def middle_of(salary: Salary | None) -> float | None:
    """Answer the middle of a posted range a year, or its only end."""
    if salary is None:
        return None
    ends = [end for end in salary.yearly() if end is not None]
    return sum(ends) / len(ends) if ends else None


def pay_band(yearly: float | None, currency: str) -> str:
    """Answer the band as people read it, such as `60-75k USD`; empty when the pay is not known."""
    if yearly is None:
        return ""
    band = bisect_right(BAND_EDGES, yearly)
    if band == 0:
        return f"under {BAND_EDGES[0] // 1000}k {currency}"
    if band == len(BAND_EDGES):
        return f"over {BAND_EDGES[-1] // 1000}k {currency}"
    return f"{BAND_EDGES[band - 1] // 1000}-{BAND_EDGES[band] // 1000}k {currency}"
