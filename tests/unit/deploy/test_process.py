"""A server under a leash starts, waits, ends, and is never left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, cast

import pytest

from deploy.embedded.process import Process, ServerDidNotStart, free_port, listens

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


def a_process(tmp_path: Path, command=SLEEP) -> Process:
    return Process("Sleep", command, log=tmp_path / "log")


def start(process: Process) -> None:
    process.start(ready=lambda: process.log.read_text().endswith("up\n"), deadline_s=10)


def test_a_started_process_runs_and_a_stopped_one_is_gone(tmp_path):
    process = a_process(tmp_path)
    start(process)
    pid = process.pid
    assert is_alive(pid)
    process.stop(grace_s=5)

    assert not process.is_running()
    assert not is_alive(pid)


def test_stopping_kills_what_does_not_listen_within_its_grace(tmp_path):
    process = a_process(tmp_path, STUBBORN)
    start(process)
    asked = time.monotonic()
    process.stop(grace_s=0.3)

    assert not process.is_running()
    assert time.monotonic() - asked < 3


def test_a_paused_process_can_be_stopped(tmp_path):
    process = a_process(tmp_path)
    start(process)
    process.pause()
    process.stop(grace_s=5)

    assert not process.is_running()


def test_stopping_what_does_not_run_is_fine(tmp_path):
    a_process(tmp_path).stop(grace_s=1)


def test_a_killed_process_can_be_started_again(tmp_path):
    process = a_process(tmp_path)
    start(process)
    process.kill()
    start(process)
    assert process.is_running()
    process.kill()


def test_a_process_that_ends_while_it_starts_is_reported_with_the_end_of_its_log(tmp_path):
    process = a_process(tmp_path, [sys.executable, "-c", "raise SystemExit('no room on disk')"])

    with pytest.raises(ServerDidNotStart, match="no room on disk"):
        process.start(ready=lambda: False, deadline_s=10)


def test_a_process_that_is_not_ready_in_time_is_killed_and_reported(tmp_path):
    process = a_process(tmp_path)

    with pytest.raises(ServerDidNotStart, match="did not answer within"):
        process.start(ready=lambda: False, deadline_s=0.5)
    assert not process.is_running()


def test_a_program_that_does_not_exist_is_reported(tmp_path):
    with pytest.raises(ServerDidNotStart, match="could not be started"):
        a_process(tmp_path, ["/nowhere/redis-server"]).start(ready=lambda: True, deadline_s=5)


@pytest.mark.parametrize("paused", [False, True])
def test_nothing_is_left_when_the_process_that_started_it_is_killed(tmp_path, paused):
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with owner:
        server = int(cast("IO[str]", owner.stdout).readline())
        assert is_alive(server)
        if paused:
            os.kill(server, signal.SIGSTOP)
        owner.kill()

    assert ends_within(3, server)


def test_nothing_is_left_when_somebody_kills_the_leash(tmp_path):
    process = a_process(tmp_path)
    start(process)
    server = process.pid
    leash = cast("subprocess.Popen[str]", process._leash)
    leash.kill()
    leash.wait()
    process.stop(grace_s=1)

    assert ends_within(3, server)


def test_a_free_port_has_no_listener():
    assert not listens(free_port())


def test_ports_next_to_a_free_one_are_free_too(monkeypatch):
    port = free_port(and_next=3) + 3  # not where outgoing connections get theirs: there others take the next ones
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        monkeypatch.setattr("deploy.embedded.process._FIRST_PORT", port - 3)
        monkeypatch.setattr("deploy.embedded.process._LAST_PORT", port + 1)

        assert free_port(and_next=1) + 1 < port


OWNER = f"""
import sys, time
from pathlib import Path
from deploy.embedded.process import Process
process = Process("Sleep", {SLEEP!r}, log=Path(sys.argv[1], "log"))
process.start(ready=lambda: True, deadline_s=10)
print(process.pid, flush=True)
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    """A zombie counts as gone: whoever inherits it reaps it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the second when it goes while it is read
        return False


def ends_within(seconds: float, pid: int) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if not is_alive(pid):
            return True
        time.sleep(0.02)
    return False
