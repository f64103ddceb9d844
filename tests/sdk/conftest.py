"""The SDKs that people already run, pointed at a running API: what each sends must arrive once, and whole."""

import hashlib
import os
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from careerstream.clock import wall_clock
from tests.unit.api.doors import Door, a_job

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "careerstream"
WAIT = 60.0


@dataclass
class Running:
    """An API on a real socket, whose event log can be looked into."""

    door: Door
    port: int

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def received(self, count):
        """Answer the messages once `count` are there, in the order of their event times; more is a failure."""
        deadline = time.monotonic() + WAIT
        while len(self.door.messages()) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        found = self.door.messages()
        assert len(found) == count, [(message.type, message.event) for message in found]
        return sorted(found, key=lambda message: (message.event_time, message.message_id))


@pytest.fixture
def running():
    door = Door(clock=wall_clock)
    door.offer(a_job())
    server = uvicorn.Server(uvicorn.Config(door.app, port=0, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Running(door, _port_of(server, thread))
    finally:
        server.should_exit = True
        thread.join(WAIT)


@pytest.fixture(scope="session")
def node_modules():
    """The npm packages of node/package.json, installed once outside the repository."""
    wanted = (HERE / "node" / "package.json").read_bytes()
    folder = CACHE / f"sdk-{hashlib.sha256(wanted).hexdigest()[:12]}"
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_bytes(wanted)
        npm = shutil.which("npm")
        assert npm, "npm is missing: install Node.js 20 or later"
        arguments = ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([npm, *arguments], cwd=folder, check=True, capture_output=True, timeout=300)
        (folder / "installed").touch()
    return folder / "node_modules"


@pytest.fixture
def node(node_modules):
    """Run one of the scripts in node/ to its end."""

    def run(script, *arguments):
        # The package folder is looked up from the working directory, for the scripts stand in the repository.
        done = subprocess.run(
            ["node", HERE / "node" / script, node_modules, *arguments],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def _port_of(server, thread):
    deadline = time.monotonic() + WAIT
    while not (server.started and server.servers):
        assert thread.is_alive(), "the API did not start"
        assert time.monotonic() < deadline, "the API did not start in time"
        time.sleep(0.01)
    return server.servers[0].sockets[0].getsockname()[1]
