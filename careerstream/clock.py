"""The wall clock: below the roof, time is an argument."""

import time


def wall_clock() -> int:
    """Answer milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
