"""Traces of what broke behind an answer that was given all the same: told to the log, but not 500 times a second."""

import time

import structlog

_PAUSE = 1.0

_line = structlog.get_logger("api.complaints")


class Complaints:
    """Tells at most one trace a second; `untold` counts those in between."""

    def __init__(self) -> None:
        self._silent_until = 0.0
        self._untold = 0

    def tell(self, what: str, error: Exception) -> None:
        """Log the trace of an exception that is being handled."""
        now = time.monotonic()
        if now < self._silent_until:
            self._untold += 1
            return
        self._silent_until = now + _PAUSE
        _line.error(what, error=type(error).__name__, untold=self._untold, exc_info=error)
        self._untold = 0
