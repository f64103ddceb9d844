"""`careerstream up` as a user runs it: a process of its own, spoken to over HTTP."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import orjson

from deploy.embedded.process import free_port

START_LIMIT = 240.0
WAIT = 60.0
COMMAND_LIMIT = 240.0
"""Seconds after which we give up: many times what a quiet machine needs, for a busy one must not fail."""
PUBLISHABLE, SECRET = "pk_demo", "sk_demo"


@dataclass
class Running:
    """A house that is up, and what a site, a server and an operator do with it."""

    port: int
    log: Path
    process: subprocess.Popen
    publishable: str = PUBLISHABLE
    secret: str = SECRET
    metrics_ports: tuple[int, ...] = ()
    http: httpx.Client = field(init=False)

    def __post_init__(self):
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def send(self, event, properties=None, *, path="/v1/track", key=None, **message):
        """Send one call and answer its body; the call must be accepted."""
        body = {"event": event, "properties": properties or {}, **message} if event else message
        answer = self.http.post(path, content=orjson.dumps(body), auth=(key or self.publishable, ""))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def decide(self, *selectors, **body):
        """Ask for a decision and answer its body, once it was made in time: a busy machine may need several tries."""
        return until(lambda: (answer := self.ask(*selectors, **body)) and not _is_degraded(answer) and answer)

    def ask(self, *selectors, key=None, budget_ms=1000, **body):
        """Ask for a decision once and answer its body, whichever rung spoke."""
        request = {
            "selectors": list(selectors or ["jobs"]),
            "options": {"budgetMs": budget_ms, "explain": True},
            **body,
        }
        answer = self.http.post("/v1/decide", content=orjson.dumps(request), auth=(key or self.publishable, ""))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def jobs(self, *, after=None, **user):
        """Answer the playlist's items for a user, once `after` is in it."""
        body = {"user": user} | ({"after": after} if after else {})
        return self.decide("jobs", **body)["choices"][0]["items"]

    def profile(self, kind, identifier):
        """Answer what is held about somebody, {} when that is nothing."""
        answer = self.http.get(f"/v1/profiles/{kind}:{identifier}", auth=(self.secret, ""))
        assert answer.status_code in {200, 404}, answer.text
        return answer.json() if answer.status_code == 200 else {}

    def stop(self, number=signal.SIGINT):
        """Stop as Ctrl-C does; answer the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(WAIT)
        self.http.close()
        return code


def launch(log, *arguments, environment=None):
    """Start `careerstream up` and wait for nothing; its output goes to the file `log`."""
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "careerstream", "up", *arguments],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=_environment(environment),
        )


def start(log, *arguments, port=None, environment=None, **keys):
    """Start `careerstream up` and return when it is ready; its output goes to the file `log`."""
    port = port or free_port()
    process = launch(log, "--port", str(port), *arguments, environment=environment)
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        assert process.poll() is None, f"it ended with {process.returncode}:\n{log.read_text()[-20_000:]}"
        with contextlib.suppress(httpx.TransportError):
            if (
                httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
                and "is ready" in log.read_text()
            ):
                return Running(port, log, process, **keys)
        time.sleep(0.1)
    process.kill()
    raise AssertionError(f"not ready in {START_LIMIT} s:\n{log.read_text()[-20_000:]}")


def command(*arguments, environment=None, timeout=COMMAND_LIMIT):
    """Run a verb to its end."""
    return subprocess.run(
        [sys.executable, "-m", "careerstream", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=_environment(environment),
        check=False,
    )


def until(question, *, wait=WAIT):
    """Ask until the answer is truthy, and answer it; fail when the time is up."""
    deadline = time.monotonic() + wait
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"still {answer!r} after {wait} s"
        time.sleep(0.02)


def _is_degraded(answer):
    return any(choice.get("degraded") for choice in answer["choices"])


def _environment(extra):
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CAREERSTREAM_")}
    return {**ours, **(extra or {})}
