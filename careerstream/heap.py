"""The garbage collector of a process that stays up: told to leave alone what stays.

A full collection walks every container that is held, and the catalogue alone has some 900,000: 130 to 400 ms in which
a worker or an API answers nobody. What reference counts do not free is little here, so it is looked for less often,
and what a long collection found alive is not looked at again.
"""

import gc
import time
from collections.abc import Callable, Mapping

THRESHOLDS = (10_000, 10, 10)
"""Containers made and not freed until the youngest are looked at, and how often that is until older ones are."""
LONG_MS = 20.0
"""A collection that takes longer finds hundreds of thousands alive: a catalogue read, not requests under way."""


def settle() -> None:
    """Collect, then take everything alive out of further collections. Call it when the catalogue is read."""
    gc.collect()
    gc.freeze()


def quieten() -> None:
    """Collect seldom from now on, and settle by itself after each collection that took long."""
    gc.set_threshold(*THRESHOLDS)
    gc.callbacks.append(_settling(time.perf_counter))


def _settling(clock: Callable[[], float]) -> Callable[[str, Mapping[str, int]], None]:
    begun = 0.0

    def heard(phase: str, about: Mapping[str, int]) -> None:
        nonlocal begun
        if phase == "start":
            begun = clock()
        elif about["generation"] == 2 and (clock() - begun) * 1000 > LONG_MS:
            gc.freeze()

    return heard
