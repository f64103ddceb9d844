"""A server as a child process: started, waited for, paused, killed, and never left behind."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, cast

_LEASH = Path(__file__).with_name("leash.py")
_LOOK_EVERY_S = 0.02
_LOG_TAIL = 2000

# Below Linux's range for outgoing connections (32768 and up), so that nobody's outgoing connection sits on a server's
# port while that server is down for a restart.
_FIRST_PORT, _LAST_PORT = 20_000, 32_000


class ServerDidNotStart(RuntimeError):
    """A server ended, or did not answer in time, while it was starting."""

    def __init__(self, name: str, what: str, log: str) -> None:
        super().__init__(f"{name} {what}. The end of its log:\n{log or '(empty)'}")
        self.name = name


class ServerMissing(RuntimeError):
    """What is needed to run a server is not on this machine; the message says what to install."""


class Process:
    """One command under a leash (see `leash.py`): whatever ends this process ends that one.

    Every call blocks, none of them for longer than its deadline. `start` after `stop` or `kill` starts it anew.
    """

    def __init__(self, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.command = tuple(command)
        self.log = log
        self._env = dict(env or {})
        self._leash: subprocess.Popen[str] | None = None
        self._group = 0

    @property
    def pid(self) -> int:
        """The server's own process id, 0 when it does not run."""
        return self._group if self.is_running() else 0

    def is_running(self) -> bool:
        return self._leash is not None and self._leash.poll() is None

    def start(self, *, ready: Callable[[], bool], deadline_s: float) -> None:
        """Return when `ready` answers true; it is asked again and again, and may raise OSError for "not yet"."""
        if self.is_running():
            raise RuntimeError(f"{self.name} runs already")
        give_up = time.monotonic() + deadline_s
        self._launch()
        while not _holds(ready):
            if not self.is_running():
                self._reap()
                raise ServerDidNotStart(self.name, "ended while it was starting", self._log_tail())
            if time.monotonic() > give_up:
                self.kill()
                raise ServerDidNotStart(self.name, f"did not answer within {deadline_s:.0f} s", self._log_tail())
            time.sleep(_LOOK_EVERY_S)

    def stop(self, *, grace_s: float) -> None:
        """Ask it to end, and kill it when it has not ended after `grace_s`. Stopping what does not run is fine."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        if self._leash is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._leash.wait(grace_s)
        self.kill()

    def kill(self) -> None:
        """SIGKILL, as an out-of-memory killer would."""
        self._signal(signal.SIGKILL)
        self._reap()

    def pause(self) -> None:
        """SIGSTOP: it keeps its connections and answers nothing, as a machine that swaps or a network that drops."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _launch(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._leash = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *self.command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **self._env},
                start_new_session=True,  # a Ctrl-C in the terminal is for us: we stop the servers, in our order
                text=True,
            )
        first_line = cast("IO[str]", self._leash.stdout).readline()
        self._group = int(first_line or 0)
        if not self._group:
            self._reap()
            raise ServerDidNotStart(self.name, f"could not be started ({self.command[0]})", self._log_tail())

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._group, number)

    def _reap(self) -> None:
        if self._leash is None:
            return
        for pipe in (self._leash.stdin, self._leash.stdout):
            if pipe is not None:
                pipe.close()
        if self._leash.wait() < 0 and self._group:  # somebody killed the leash itself
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._group, signal.SIGKILL)
        self._leash = None

    def _log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-_LOG_TAIL:].strip()


def free_port(*, and_next: int = 0) -> int:
    """Answer a loopback port that nobody listens on right now, nor on so many next to it."""
    for _ in range(1000):
        port = _FIRST_PORT + secrets.randbelow(_LAST_PORT - _FIRST_PORT - and_next)
        if all(_is_free(port + number) for number in range(and_next + 1)):
            return port
    raise ServerMissing(f"No free port between {_FIRST_PORT} and {_LAST_PORT} on 127.0.0.1.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listens(port: int) -> bool:
    """Whether somebody accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _holds(ready: Callable[[], bool]) -> bool:
    try:
        return ready()
    except OSError:
        return False
