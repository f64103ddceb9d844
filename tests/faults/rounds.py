"""Makes calls in turn, again and again, in a process of its own: what its clock says is the call's, and nobody else's.

In the process that tests run in, traffic, a proxy and the reading of logs stand in the way of whoever measures: one of them runs at a time.
Run as a file, it reads a line, `{"port", "pause", "calls": [[body, headers], ...]}`, writes one for each call, and ends with its input.
"""

import gc
import http.client
import json
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Self

Call = tuple[str, Mapping[str, str]]
"""The body of a `POST /v1/decide`, and its headers."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a call; `status` 0 where there was no answer, and `body` says why."""

    turn: int
    milliseconds: float
    status: int
    body: str


class Rounds:
    """Enter it to have the calls made, `pause` seconds apart, until it is left; `hear` is told of each, in a thread."""

    def __init__(self, port: int, pause: float, calls: Sequence[Call], hear: Callable[[Told], None]) -> None:
        self._asked = json.dumps({"port": port, "pause": pause, "calls": calls})
        self._hear = hear
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._process: subprocess.Popen[str]

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._hear(Told(**json.loads(line)))

    def __enter__(self) -> Self:
        command = [sys.executable, "-I", "-S", __file__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        print(self._asked, file=self._process.stdin, flush=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._thread.join(120)
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _make(connection: http.client.HTTPConnection, turn: int, call: Call) -> Told:
    body, headers = call
    began = time.perf_counter()
    try:
        connection.request("POST", "/v1/decide", body.encode(), dict(headers))
        answer = connection.getresponse()
        status, said = answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        status, said = 0, repr(error)
    return Told(turn, (time.perf_counter() - began) * 1000, status, said)


def _main() -> None:
    gc.disable()
    asked = json.loads(sys.stdin.readline())
    connection = http.client.HTTPConnection("127.0.0.1", asked["port"], timeout=60)
    turn = 0
    while not select.select([sys.stdin], [], [], asked["pause"])[0]:
        told = _make(connection, turn, asked["calls"][turn % len(asked["calls"])])
        print(json.dumps(asdict(told)), flush=True)
        turn += 1


if __name__ == "__main__":
    _main()
