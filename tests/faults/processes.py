"""Worker processes that tests start, stop, freeze and kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from schemas.topics import TopicNames

_MAIN = Path(__file__).with_name("worker_main.py")


class WorkerProcess:
    """One worker. Its lines go to a file, so that a full pipe never stops it."""

    def __init__(
        self,
        bootstrap: str,
        redis_url: str,
        names: TopicNames,
        folder: Path,
        member: str = "w0",
        *,
        fails_on: Sequence[str] = (),
    ) -> None:
        """`fails_on` are ids of messages whose fold raises: a bug that the worker is to have."""
        self._command = [sys.executable, str(_MAIN), bootstrap, redis_url, names.prefix, member, *fails_on]
        self.log = folder / f"worker-{member}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, env=os.environ | {"NO_COLOR": "1"})
        return self

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait(60)

    def wait(self, seconds: float) -> int:
        assert self._process is not None
        return self._process.wait(seconds)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def wait_for(self, text: str, *, times: int = 1, seconds: float = 240) -> None:
        """Wait until the worker has said something so often."""
        until = time.monotonic() + seconds
        while self.said.count(text) < times:
            assert time.monotonic() < until, f"{text!r} was not said {times} times:\n{self.said[-3000:]}"
            assert self.running, f"the worker ended:\n{self.said[-3000:]}"
            time.sleep(0.02)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.running:
            self.signal(signal.SIGCONT)
            self.kill()
