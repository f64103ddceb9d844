"""`careerstream up`: the whole house on one machine, with servers of its own where none are named."""

import asyncio
import contextlib
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from careerstream.children import Child
from careerstream.doors import port_problem
from careerstream.errors import Stopped
from careerstream.settings import PREFIX, Settings
from careerstream.topics import partitions_of_topics, run_topics
from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.redis import EmbeddedRedis

GRACE = 8.0
"""Seconds that workers and API have to end by themselves before they are killed."""
START_LIMIT = 240.0
"""Seconds until everything must be ready: a slow machine takes a while to read the catalogue."""
RESTART_CODE = 75
"""A worker that ends with this code asks to be started again: its state is in Redis and Kafka."""


@dataclass(slots=True)
class House:
    """The running processes, and where they answer."""

    kafka: str
    redis: str
    embedded: bool
    port: int
    environment: Mapping[str, str]
    workers: list[Child] = field(default_factory=list)
    api: Child | None = None
    webhooks: Child | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def start_worker(self, number: int) -> Child:
        return self._start("worker", "--number", str(number))

    def start(self, workers: int, *, webhooks: bool = False) -> None:
        self.workers = [self.start_worker(number) for number in range(workers)]
        self.api = self._start("api")
        self.webhooks = self._start("webhooks") if webhooks else None

    def problem(self) -> str | None:
        """Start workers again that asked for it; answer the sentence that ends the house, or None."""
        for number, worker in enumerate(self.workers):
            code = worker.code()
            if code == RESTART_CODE:
                self.workers[number] = self.start_worker(number)
            elif code is not None:
                return f"worker {number} ended with code {code}; its last lines above say why"
        if self.webhooks is not None and (code := self.webhooks.code()) is not None:
            if code != RESTART_CODE:
                return f"webhooks ended with code {code}; its last lines above say why"
            self.webhooks = self._start("webhooks")
        if self.api is not None and self.api.code() is not None:
            return f"the API ended with code {self.api.code()}; its last lines above say why"
        return None

    def stop(self) -> None:
        """End every process: asked first, then killed."""
        children = [*self.workers, *(child for child in (self.api, self.webhooks) if child is not None)]
        for child in children:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE
        for child in children:
            child.end(max(0.0, deadline - time.monotonic()))

    def _start(self, *verb: str) -> Child:
        return Child([*verb, *(["--embedded"] if self.embedded else [])], self.environment)


def check_port(settings: Settings) -> None:
    """Raise Stopped when the API's port is taken."""
    problem = port_problem(settings.api.host, settings.api.port)
    if problem:
        raise Stopped(problem)


def check_workers(settings: Settings) -> None:
    """Raise Stopped for several workers on the embedded broker: it settles a group before its second member is in."""
    if settings.kafka.bootstrap is None and settings.worker.count > 1:
        raise Stopped("the embedded broker serves one worker; name a real Kafka with --kafka to run several")


@contextlib.contextmanager
def servers(settings: Settings, say: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    """Hold Kafka's bootstrap and Redis's URL: the named ones, else embedded ones that end with us."""
    with contextlib.ExitStack() as stack:
        bootstrap = settings.kafka.bootstrap
        if bootstrap is None:
            say("starting the embedded broker")
            bootstrap = stack.enter_context(EmbeddedBroker(partitions_of_topics(settings.kafka))).bootstrap
        else:
            say(asyncio.run(run_topics(settings, bootstrap=bootstrap)))
        url = settings.redis.url
        if url is None:
            say("starting the embedded Redis")
            url = stack.enter_context(EmbeddedRedis()).url
        yield bootstrap, url


def house(settings: Settings, bootstrap: str, url: str) -> House:
    """Answer the house, not yet started; its processes read the same settings from their environment."""
    environment = {
        **os.environ,
        f"{PREFIX}KAFKA__BOOTSTRAP": bootstrap,
        f"{PREFIX}REDIS__URL": url,
        f"{PREFIX}API__PORT": str(settings.api.port),
        f"{PREFIX}API__HOST": settings.api.host,
    }
    if settings.config:
        environment[f"{PREFIX}CONFIG"] = str(settings.config)
    if settings.api.keys_file:
        environment[f"{PREFIX}API__KEYS_FILE"] = str(settings.api.keys_file)
    embedded = settings.kafka.bootstrap is None and settings.redis.url is None
    return House(bootstrap, url, embedded, settings.api.port, environment)


def await_ready(running: House, wanted: Callable[[], bool]) -> None:
    """Return when /readyz says so, or nobody wants it any more; Stopped when a process ends or the time is up."""
    deadline = time.monotonic() + START_LIMIT
    answer = "no answer"
    while wanted():
        problem = running.problem()
        if problem:
            raise Stopped(problem)
        if time.monotonic() > deadline:
            raise Stopped(f"not ready after {START_LIMIT:.0f} s; /readyz says: {answer}")
        try:
            with urllib.request.urlopen(f"{running.address}/readyz", timeout=2):  # noqa: S310  # nosec B310  # our own address
                return
        except urllib.error.HTTPError as error:
            answer = error.read(2000).decode("utf-8", "replace")
        except (urllib.error.URLError, OSError) as error:
            answer = str(error)
        time.sleep(0.1)


class Interruption:
    """Ctrl-C and SIGTERM, remembered instead of raised, so that stopping is one path."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: object) -> None:
        self.asked = True
