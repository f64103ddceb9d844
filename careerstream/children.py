"""A verb of ours as a child process that cannot outlive us."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

from deploy.embedded import leash

_LEASH = Path(leash.__file__)


class Child:
    """`careerstream VERB …` in a process group of its own; it writes to our standard error.

    Ctrl-C in the terminal reaches us alone, and we end the children in our order; should we be killed, the leash
    ends them.
    """

    def __init__(self, verb: list[str], environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "careerstream", *verb]
        self._leash = subprocess.Popen(  # noqa: S603 -- our own interpreter and our own verbs
            [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environment),
            start_new_session=True,
            text=True,
        )
        self._group = int(cast("IO[str]", self._leash.stdout).readline() or 0)

    def code(self) -> int | None:
        """Answer the exit code, None while it runs."""
        return self._leash.poll()

    def ask_to_end(self) -> None:
        self._signal(signal.SIGTERM)

    def end(self, patience: float) -> None:
        """Wait so many seconds for its end, then kill it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._leash.wait(patience)
        self._signal(signal.SIGKILL)
        self._leash.wait()
        for pipe in (self._leash.stdin, self._leash.stdout):
            if pipe is not None:
                pipe.close()

    def _signal(self, number: signal.Signals) -> None:
        if self.code() is None and self._group:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._group, number)
