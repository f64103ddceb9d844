"""How much is measured: enough for a figure to be repeatable, or just enough to see that everything runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """`visitors` write `events`; loads run for `load_seconds`, freshness is probed for `probe_seconds` at each rate."""

    visitors: int = 2_000
    events: int = 60_000
    rounds: int = 3
    load_seconds: float = 4.0
    open_seconds: float = 10.0
    probe_seconds: float = 15.0
    postings: int = 100_000


FULL = Scale()
QUICK = Scale(events=6_000, rounds=1, load_seconds=1.0, open_seconds=2.0, probe_seconds=3.0, postings=5_000)
