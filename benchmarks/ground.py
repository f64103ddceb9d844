"""What the measurements stand on: a real Kafka and Redis, the sample catalogue, a backlog, our own processes.

Everything is made when it is first asked for and ends with the run.
"""

import asyncio
import base64
import os
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from redis import Redis

from benchmarks.events import Visitors, accepted
from benchmarks.log import Backlog, produce
from benchmarks.scale import Scale
from careerstream.loading import load_items
from careerstream.settings import PREFIX, KafkaSettings
from careerstream.topics import create_topics
from catalog.feeds import Accepted
from catalog.sample import sample_content, sample_jobs
from deploy.embedded.process import Process, free_port
from profiles.redis_layout import Layout
from schemas.content import Content
from schemas.jobs import Job
from schemas.topics import TopicNames
from tests.servers.kafka import KafkaServer
from tests.servers.kafka_container import IMAGE
from tests.servers.redis import RedisServer

PUBLISHABLE = "pk_bench"
TOPICS = TopicNames("bench")
LIVE = "live"
"""The namespace whose worker and API stay up for the parts that need both."""
START_LIMIT = 60.0
DAY = 86_400_000


class Stalled(RuntimeError):
    """Something that was waited for did not come; the message says what and shows the end of a log."""


@dataclass(frozen=True, slots=True)
class Api:
    process: Process
    port: int


class Ground:
    """One run's servers, data and processes."""

    def __init__(self, folder: Path, scale: Scale, stack: ExitStack, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.scale = scale
        self.say = say
        self.began = time.time_ns() // 1_000_000
        self._stack = stack

    @cached_property
    def kafka(self) -> str:
        self.say("starting Kafka")
        return self._stack.enter_context(KafkaServer(self.folder / "kafka")).bootstrap

    @cached_property
    def redis_url(self) -> str:
        self.say("starting Redis")
        url = self._stack.enter_context(RedisServer(self.folder / "redis")).url
        with Redis.from_url(url) as client:
            # Tests want every write on disk before it is answered; production, and so this, once a second.
            client.config_set("appendfsync", "everysec")
        return url

    @cached_property
    def redis(self) -> Redis:
        client = Redis.from_url(self.redis_url)
        self._stack.callback(client.close)
        return client

    @cached_property
    def jobs(self) -> list[Job]:
        """The sample's postings, loaded."""
        jobs = list(sample_jobs(self.began))
        self.say(f"loading {len(jobs):,} sample postings")
        self.load(TOPICS, [*jobs, *sample_content(self.began)])
        return jobs

    @cached_property
    def visitors(self) -> Visitors:
        return Visitors(self.scale.visitors, self.jobs)

    @cached_property
    def backlog(self) -> Backlog:
        """The visitors' log of the last two days, on the candidate topics."""
        self.say(f"writing {self.scale.events:,} events of {self.scale.visitors:,} visitors")
        happenings = self.visitors.happenings(self.scale.events, since=self.began - 2 * DAY, until=self.began)
        return asyncio.run(produce(map(accepted, happenings), bootstrap=self.kafka, names=TOPICS))

    @cached_property
    def live_worker(self) -> Process:
        """A worker that stays, and has folded the backlog."""
        worker = self.worker(LIVE)
        self.follow(worker, LIVE, self.backlog)
        return worker

    @cached_property
    def api(self) -> Api:
        """An API over what the live worker keeps."""
        self.check(self.live_worker, time.monotonic() + START_LIMIT, "it runs on")
        return self.start_api(LIVE)

    def versions(self) -> dict[str, str]:
        """Answer the servers' versions."""
        redis = cast("dict[str, str]", self.redis.info("server"))["redis_version"]
        return {"Redis": f"{redis} (AOF everysec)", "Kafka": IMAGE.rpartition(":")[2]}

    def load(self, names: TopicNames, items: Iterable[Job | Content]) -> None:
        """Make the topics under a prefix and put items into their catalogue."""
        options = KafkaSettings(bootstrap=self.kafka, prefix=names.prefix).client_options(self.kafka)
        asyncio.run(create_topics(KafkaSettings(bootstrap=self.kafka, prefix=names.prefix), options))
        asyncio.run(
            load_items(
                (Accepted(item=item, line=number) for number, item in enumerate(items, 1)),
                client_options=options,
                names=names,
                on_refused=lambda _: None,
                on_progress=lambda _: None,
            )
        )

    def worker(self, namespace: str, names: TopicNames = TOPICS) -> Process:
        """Start a worker that writes under a namespace of its own and reads the log from its beginning."""
        return self._start(f"worker-{namespace}", ["-m", "careerstream", "worker"], self._environment(namespace, names))

    def start_api(self, namespace: str, names: TopicNames = TOPICS) -> Api:
        port = free_port()
        verb = ["-m", "careerstream", "api", "--port", str(port)]
        process = self._start(f"api-{namespace}", verb, self._environment(namespace, names))
        self.await_url(f"http://127.0.0.1:{port}/readyz", process)
        return Api(process, port)

    def rival(self, module: str, *arguments: str) -> Process:
        """Start a module of ours that something is measured beside."""
        return self._start(module, ["-m", f"benchmarks.{module}", *arguments], {})

    def await_url(self, url: str, process: Process) -> None:
        deadline = time.monotonic() + START_LIMIT
        while not _answers(url):
            self.check(process, deadline, f"{process.name} answers")
            time.sleep(0.1)

    def follow(self, worker: Process, namespace: str, backlog: Backlog) -> list[tuple[float, int]]:
        """Watch a worker until everything is folded and decided; answer (seconds, records folded) at each look."""
        deadline = time.monotonic() + START_LIMIT * 3
        marks: list[tuple[float, int]] = []
        while not marks or marks[-1][1] < backlog.records:
            self.check(worker, deadline, f"{worker.name} folds {backlog.records:,} records")
            marks.append((time.perf_counter(), self._done(namespace, backlog)))
            time.sleep(0.01)
        return marks

    def generation(self, namespace: str) -> str:
        """Answer the live generation's name, empty while there is none."""
        name = cast("bytes | None", self.redis.get(Layout(namespace).pointer))
        return name.decode() if name else ""

    def check(self, process: Process, deadline: float, wanted: str) -> None:
        """Raise Stalled when a process ended or the time is up."""
        if not process.is_running() or time.monotonic() > deadline:
            what = "took too long" if process.is_running() else "ended"
            raise Stalled(f"{process.name} {what}; wanted: {wanted}. The end of its log:\n{_tail(process.log)}")

    def _done(self, namespace: str, backlog: Backlog) -> int:
        generation = self.generation(namespace)
        if not generation:
            return 0
        layout = Layout(namespace)
        stored = self.redis.mget([layout.checkpoint(generation, place) for place in backlog.ends])
        ends = zip(stored, backlog.ends.values(), strict=True)
        done = max(0, backlog.records - sum(max(0, end - int(offset or 0)) for offset, end in ends))
        is_decided = not self.redis.exists(layout.of(generation, "undecided"))
        return done if is_decided else min(done, backlog.records - 1)

    def _environment(self, namespace: str, names: TopicNames) -> dict[str, str]:
        keys = self.folder / "keys.yaml"
        if not keys.exists():
            keys.write_text(f"- source: bench\n  publishable: {PUBLISHABLE}\n", encoding="utf-8")
            granted = "consent:\n  default:\n    bench: [personalization]\n"
            (self.folder / "privacy.yaml").write_text(granted, encoding="utf-8")
        settings = {
            "KAFKA__BOOTSTRAP": self.kafka,
            "KAFKA__PREFIX": names.prefix,
            "REDIS__URL": self.redis_url,
            "REDIS__NAMESPACE": namespace,
            "WORKER__GROUP": f"bench-{namespace}",
            "API__KEYS_FILE": str(keys),
            # A closed loop is a queue that stands, and is to be measured, not refused.
            "API__LONGEST_WAIT": "5",
            "CONFIG": str(self.folder),
            "PRIVACY__MASTER_KEYS": f"k1:{base64.b64encode(bytes(32)).decode()}",
        }
        return {f"{PREFIX}{name}": value for name, value in settings.items()}

    def _start(self, name: str, arguments: list[str], environment: dict[str, str]) -> Process:
        command = [sys.executable, *arguments]
        process = Process(name, command, log=self.folder / f"{name}.log", env=environment)
        process.start(ready=lambda: True, deadline_s=START_LIMIT)
        self._stack.callback(process.kill)
        return process


def rss(process: Process) -> int:
    """Answer the bytes of memory that a process holds."""
    pages = Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # a loopback address of our own
            return bool(answer.status == 200)
    except OSError:
        return False


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-1500:]
