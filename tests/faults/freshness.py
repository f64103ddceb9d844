"""How soon a decision knows of an event, seen by a process of its own: in the one that tests run in, traffic and probers stand in the way.

`python -m tests.faults.freshness PORT` makes one event after the other known, each of a person of its own, writes the milliseconds
of each in a line, and ends with its input.
"""

import gc
import http.client
import select
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing

import orjson

from tests.faults.house import PUBLISHABLE
from tests.faults.prober import AGREED, headers

_BUDGET_MS = 1000


def freshness(port: int, asked: int, goes_on: Callable[[], bool] = lambda: False) -> list[float]:
    """Answer the milliseconds from sending an event until a decision knows it, so many times, and for as long as something goes on."""
    command = [sys.executable, "-m", "tests.faults.freshness", str(port)]
    seen: list[float] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            seen.append(float(line))
            if len(seen) >= asked and not goes_on():
                break
        process.communicate(timeout=60)
    assert len(seen) >= asked, f"it ended after {len(seen)}"
    return seen


def _known_after(connection: http.client.HTTPConnection, number: int) -> float:
    visitor = {"anonymousId": f"fresh-{time.time_ns()}"}
    viewed = {"event": "Job Viewed", "properties": {"job_id": f"good-{number % 12}"}, "context": AGREED, **visitor}
    began = time.perf_counter()
    after = None
    while after is None:  # a busy house may answer 429: a page tries again, and that is part of the time
        connection.request("POST", "/v1/track", orjson.dumps(viewed), headers(PUBLISHABLE))
        after = orjson.loads(connection.getresponse().read()).get("after")
    asked = {"selectors": ["jobs"], "user": visitor, "after": after, "options": {"budgetMs": _BUDGET_MS}}
    connection.request("POST", "/v1/decide", orjson.dumps(asked), headers(PUBLISHABLE))
    connection.getresponse().read()
    return (time.perf_counter() - began) * 1000


def _main() -> None:
    gc.disable()
    with closing(http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)) as connection:
        number = 0
        while not select.select([sys.stdin], [], [], 0)[0]:
            print(_known_after(connection, number), flush=True)
            number += 1


if __name__ == "__main__":
    _main()
