"""The same site through a real Kafka and Redis, a worker and an API in processes of their own; trained and promoted by the command line."""

import asyncio
import base64
import csv
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import orjson

from api.after import positions_of
from benchmarks.ground import Ground
from benchmarks.scale import QUICK
from benchmarks.simulation.clocked import Clock
from benchmarks.simulation.house import GRANTED, MARKER, PARTITIONS, SOURCE, marker
from benchmarks.simulation.market import START
from benchmarks.simulation.people import Person
from benchmarks.simulation.rules import SHOWN
from benchmarks.simulation.site import Call, Shown
from careerstream.loading import load_items
from careerstream.settings import PREFIX, KafkaSettings
from careerstream.topics import create_topics
from catalog.feeds import Accepted
from deploy.embedded.process import Process, free_port
from learning.groups import Labels
from profiles.redis_layout import Layout, stored_decision
from profiles.store import TopicPartition
from schemas.decision import Decision
from schemas.decision_json import decode_decision
from schemas.jobs import Job
from schemas.topics import TopicNames

NAMES = TopicNames("simulation")
SECRET = "sk_simulation"
AT_ONCE = 1_000
"""Calls of one request."""
FOR_EVER = {"events": -1, "decisions": -1, "dead_letters": -1}
"""Milliseconds that Kafka keeps records: it goes by the machine's clock, by which the simulation may be long ago."""
DEADLINE = 600.0
"""Seconds until what is waited for is taken for not coming: the machine may have much else to do."""


class RealHouse:
    """A site whose lists come from real processes. `within` ends everything that was started."""

    def __init__(self, folder: Path, stack: ExitStack, say: Callable[[str], None]) -> None:
        self._ground = Ground(folder, QUICK, stack, say)
        self._folder = folder
        self._clock = Clock(folder / "clock", at=START)
        self._http = httpx.Client(timeout=DEADLINE, auth=(SECRET, ""))
        stack.callback(self._http.close)
        self._marked = self._jobs = 0
        self.marks: list[int] = []
        """How many of the marker's events came before each `collect`."""
        self._sent: dict[TopicPartition, int] = {}
        self._environment = self._settings()
        self._kafka = KafkaSettings(bootstrap=self._ground.kafka, prefix=NAMES.prefix, partitions=PARTITIONS)
        asyncio.run(create_topics(self._kafka, self._kafka.client_options(self._ground.kafka), FOR_EVER))
        self.worker = self._start("worker")
        self.api = self._start("api", "--port", str(port := free_port()))
        self._base = f"http://127.0.0.1:{port}"
        _until(self._is_ready, "the API is ready")

    def arrive(self, jobs: Sequence[Job], now: int) -> None:
        """Put postings on their topic, and wait until API and worker have all of them."""
        self._clock.set(now)
        if not jobs:
            return
        asyncio.run(
            load_items(
                (Accepted(item=job, line=number) for number, job in enumerate(jobs, 1)),
                client_options=self._kafka.client_options(self._ground.kafka),
                names=NAMES,
                on_refused=lambda refused: sys.exit(f"the catalogue refused {refused}"),
                on_progress=lambda _: None,
            )
        )
        self._jobs += len(jobs)
        waiting = [job.id for job in jobs]
        _until(lambda: self._has(waiting), f"the API has {len(jobs)} new postings")

    def collect(self, calls: Sequence[Call], now: int) -> None:
        """Send everything in order, and wait until it is decided: by what others did before, and by the time of `now`."""
        self._clock.set(now)
        self._clock.say_read()
        _until(self._clock.all_have_read, "the worker has read trails and counts")
        # The worker reads what is trending with the first decision of a new time, and knows of new postings a moment after the API.
        _until(self._worker_is_up_to_date, "the worker decides by the whole catalogue")
        self.marks.append(self._marked - sum(self.marks))
        for start in range(0, len(calls), AT_ONCE):
            self._send(calls[start : start + AT_ONCE])
        _until(self._all_is_decided, "the worker has decided for everybody")

    def lists(self, people: Sequence[Person], now: int) -> Sequence[Shown]:
        shown = []
        for number, person in enumerate(people):
            self._clock.set(now + number)
            choice = self._decided({"userId": person.id})
            shown.append(Shown(choice["decisionId"], [item["id"] for item in choice["items"]]))
        return shown

    def retrain(self, labels: Labels, now: int, *, despite: str | None) -> tuple[str, str]:
        """Train and promote by the command line; answer the model's name and what the commands said."""
        self._clock.set(now)
        file = self._folder / "labels.csv"
        with file.open("w", newline="") as opened:
            csv.writer(opened).writerows(
                [("candidate", *labels.attributes), *((who, *of) for who, of in labels.of.items())]
            )
        how = [
            "--groups",
            str(file),
            "--response",
            "1d",
            "--interview",
            "14d",
            "--reports",
            str(self._folder / "reports"),
        ]
        trained = self._command("train", *how)
        found = re.search(r"model-[0-9a-f]{12}-[0-9a-f]{12}", trained)
        if found is None:
            return "", trained
        name = found.group()
        promoted = self._command("promote", name, *how, *(["--despite", despite] if despite else []))
        if f"{name} decides" in promoted:
            _until(lambda: self._decides(name), f"{name} decides in the API and in the worker")
        return name, trained + promoted

    def versions(self) -> Mapping[str, str]:
        return self._ground.versions()

    def _decides(self, name: str) -> bool:
        """Say whether both decide by a model."""
        decision = self._of_marker()
        return decision.model == name and self._decided({"anonymousId": "nobody"}, rung="site")["model"] == name

    def _worker_is_up_to_date(self) -> bool:
        return self._of_marker().catalogue >= self._jobs

    def _of_marker(self) -> Decision:
        """Answer what the worker decides for the marker by now."""
        self._marked += 1
        self._send([marker(self._clock.milliseconds(), self._marked)])
        _until(self._all_is_decided, "the worker has decided for the marker")
        layout = Layout("simulation")
        value = self._ground.redis.get(layout.of(self._ground.generation("simulation"), "d", f"u:{MARKER}"))
        assert isinstance(value, bytes)
        return decode_decision(stored_decision(value))

    def _all_is_decided(self) -> bool:
        layout, generation = Layout("simulation"), self._ground.generation("simulation")
        if not generation:
            return False
        following = self._ground.redis.mget([layout.checkpoint(generation, place) for place in self._sent])
        folded = all(int(at or 0) > sent for at, sent in zip(following, self._sent.values(), strict=True))
        return folded and not self._ground.redis.exists(layout.of(generation, "undecided"))

    def _decided(self, user: Mapping[str, str], *, rung: str = "live") -> Mapping[str, Any]:
        """Ask for a list until it is of this rung: one that is not what it should be is not learned from."""
        found: list[Mapping[str, Any]] = []

        def asked() -> bool:
            answer = self._ask({"selectors": [{"name": "jobs", "count": SHOWN}], "user": user})
            found[:] = answer["choices"]
            return not answer["warnings"] and found[0]["rung"] == rung and not found[0]["degraded"]

        _until(asked, f"a {rung} decision for {user}")
        return found[0]

    def _is_ready(self) -> bool:
        if not self.api.is_running():
            raise RuntimeError(f"the API ended:\n{self.api.log.read_text()[-2000:]}")
        try:
            return self._http.get(f"{self._base}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def _ask(self, body: Mapping[str, object]) -> Mapping[str, Any]:
        answer = self._http.post(f"{self._base}/v1/decide", content=orjson.dumps(body))
        answer.raise_for_status()
        told: Mapping[str, Any] = answer.json()
        return told

    def _send(self, calls: Sequence[Call]) -> None:
        """Send some calls, again while they are refused; ids of messages keep what came through from counting twice."""
        told: list[Any] = []

        def taken() -> bool:
            answer = self._http.post(f"{self._base}/v1/batch", content=orjson.dumps({"batch": list(calls)}))
            told[:] = [answer.json()] if answer.is_success else []
            return answer.is_success

        _until(taken, "the API takes events")
        for at in positions_of(told[0]["after"]) or ():
            place = TopicPartition(at.topic, at.partition)
            self._sent[place] = max(at.offset, self._sent.get(place, -1))

    def _has(self, waiting: list[str]) -> bool:
        while waiting and self._http.get(f"{self._base}/v1/jobs/{waiting[-1]}").status_code == 200:
            waiting.pop()
        return not waiting

    def _command(self, *verb: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.simulation.clocked", str(self._folder / "clock"), *verb],
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stderr

    def _start(self, *verb: str) -> Process:
        arguments = ["-m", "benchmarks.simulation.clocked", str(self._folder / "clock"), *verb]
        return self._ground._start(verb[0], arguments, dict(self._environment))

    def _settings(self) -> Mapping[str, str]:
        (self._folder / "keys.yaml").write_text(
            f"- source: {SOURCE}\n  secret_sha256: {hashlib.sha256(SECRET.encode()).hexdigest()}\n", encoding="utf-8"
        )
        granted = f"consent:\n  default:\n    {SOURCE}: [{', '.join(GRANTED)}]\n"
        (self._folder / "privacy.yaml").write_text(granted, encoding="utf-8")
        (self._folder / "segments.yaml").write_text("segments: {}\n", encoding="utf-8")
        values = {
            "KAFKA__BOOTSTRAP": self._ground.kafka,
            "KAFKA__PREFIX": NAMES.prefix,
            "KAFKA__PARTITIONS": str(PARTITIONS),
            "REDIS__URL": self._ground.redis_url,
            "REDIS__NAMESPACE": "simulation",
            "WORKER__GROUP": "simulation",
            "API__KEYS_FILE": str(self._folder / "keys.yaml"),
            "CONFIG": str(self._folder),
            "PRIVACY__MASTER_KEYS": f"k1:{base64.b64encode(bytes(32)).decode()}",
        }
        return {f"{PREFIX}{name}": value for name, value in values.items()}


def _until(question: Callable[[], bool], wanted: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not question():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {DEADLINE:g} s still not: {wanted}")
        time.sleep(0.05)
