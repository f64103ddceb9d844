"""How a trace is logged: where it broke and what broke, without the values that an error's sentence may quote."""

import sys
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

_FRAMES = 12
_SERVERS = frozenset({"redis", "aiokafka", "confluent_kafka"})


def without_values(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put the frames and types of an exception in place of `exc_info`, as a structlog processor.

    Messages are kept where they can only speak of servers: a validation error quotes what somebody typed, a KeyError an
    e-mail address, and a log is read by people who may know neither.
    """
    error = _error_of(event.pop("exc_info", None))
    if error is not None:
        event["exception"] = "\n".join(_told(error))
    return event


def _error_of(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exception() if given else None


def _told(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _told(before)
        yield "which led to"
    yield from _frames(error.__traceback__)
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    yield f"{kind}: {error}" if _speaks_of_servers(error) else kind


def _frames(trace: TracebackType | None) -> Iterator[str]:
    for frame in traceback.extract_tb(trace)[-_FRAMES:]:
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"


def _speaks_of_servers(error: BaseException) -> bool:
    return isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _SERVERS
