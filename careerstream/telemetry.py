"""Logging: one JSON line a request, a batch or an incident, on standard error."""

import logging
import sys

import orjson
import structlog

from careerstream.traces import without_values

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

REPEAT_SECONDS = 10.0
"""How long a library that has said something does not say it again: while Kafka is away its client says a hundred lines a second."""


class Repeats(logging.Filter):
    """Lets through one line in `REPEAT_SECONDS` from each place in a library's code, with how many were left out before it."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is told."""
        place = (record.pathname, record.lineno)
        at, left_out = self._said.get(place, (-REPEAT_SECONDS, 0))
        if record.created - at < REPEAT_SECONDS:
            self._said[place] = (at, left_out + 1)
            return False
        self._said[place] = (record.created, 0)
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} more like it before)", ()
        return True


def start_logging(level: str) -> None:
    """Send structlog's lines and the libraries' warnings to standard error, as JSON."""
    shared = (
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    structlog.configure(
        processors=[*shared, without_values, structlog.processors.JSONRenderer(orjson.dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Repeats())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_values,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    # Libraries speak at INFO of every rebalance and commit; the batch line says what an operator needs.
    logging.basicConfig(level=max(logging.WARNING, _LEVELS[level]), handlers=[handler], force=True)
