"""Under which conditions figures were measured."""

import os
import platform
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

PACKAGES = ("faust-streaming", "aiokafka", "redis", "fastapi", "uvicorn", "uvloop", "httptools", "orjson", "numpy")


def conditions(command: str, servers: Mapping[str, str]) -> dict[str, str]:
    """Answer what a reader must know to compare; `servers` names each server's version."""
    return {
        "command": f"`{command}`",
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_processor()}, {os.cpu_count()} cores for everything: broker, Redis, worker, API and load",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "servers": ", ".join(f"{name} {number}" for name, number in servers.items()),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    }


class Moment(NamedTuple):
    """What the machine was like when a part ended: a shared host is four times slower in one hour than in another."""

    load: float
    loop_ms: float
    """How long Python adds up a million squares, the quickest of several times."""

    @classmethod
    def now(cls) -> "Moment":
        return cls(load_average(), min(_loop_ms() for _ in range(5)))


def load_average() -> float:
    """Answer how many processes wanted a core in the last minute."""
    return os.getloadavg()[0]


def _loop_ms() -> float:
    began, total = time.perf_counter(), 0
    for number in range(1_000_000):
        total += number * number
    return (time.perf_counter() - began) * 1000


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    named = next((line for line in lines if line.startswith("model name")), ":")
    return named.partition(":")[2].strip() or "unknown processor"
