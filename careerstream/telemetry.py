"""Logging: one JSON line a request, a batch or an incident, on standard error."""

import logging
import sys

import orjson
import structlog

from careerstream.traces import without_values

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


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
