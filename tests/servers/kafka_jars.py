"""A real Apache Kafka out of its own jars: one KRaft node, broker and controller in one JVM."""

import hashlib
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from deploy.embedded.process import Process, ServerDidNotStart, ServerMissing, free_port
from tests.servers.kafka_client import answers

POM = Path(__file__).parents[2] / "deploy" / "kafka" / "pom.xml"
TO_INSTALL = "Run tests/servers/install as root, or install a Java runtime of 17 or newer and Maven."

_FETCH_S = 600.0
_START_S = 180.0
_STOP_S = 20.0

# A broker for a handful of tests: small heap, one collector thread, no time spent on optimising for a long life.
_JVM = (
    "-Xms64m",
    "-Xmx320m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)


class KafkaFromJars:
    """Keeps its port and its folder over `stop`, `kill` and `start`."""

    format_options: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._controller_port = free_port()
        self._process: Process | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "kafka.log"

    def on_disk(self) -> bytes:
        # A broker deletes segments while they are read: what is gone is not there to be read.
        found = []
        for file in sorted((self.folder / "data").rglob("*.log")):
            with suppress(FileNotFoundError):
                found.append(file.read_bytes())
        return b"".join(found)

    def start(self) -> None:
        process = self._process = self._process or self._formatted()
        process.start(ready=lambda: answers(self.bootstrap), deadline_s=_START_S)

    def stop(self) -> None:
        if self._process:
            self._process.stop(grace_s=_STOP_S)

    def kill(self) -> None:
        if self._process:
            self._process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        if self._process:
            self._process.pause()

    def resume(self) -> None:
        if self._process:
            self._process.resume()

    def properties(self) -> str:
        """Answer what its configuration file says."""
        return _properties(self.folder / "data", port=self.port, controller_port=self._controller_port)

    def _formatted(self) -> Process:
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        properties.write_text(self.properties())
        java = [_program("java"), *_JVM, "-cp", f"{jars()}/*"]
        storage_tool = ["kafka.tools.StorageTool", "format", "--cluster-id", "careerstream-tests-id"]
        command = [*java, *storage_tool, *self.format_options, "--config", str(properties)]
        formatting = subprocess.run(command, capture_output=True, text=True, timeout=_START_S, check=False)
        if formatting.returncode:
            raise ServerDidNotStart("Kafka", "could not format its folder", formatting.stdout + formatting.stderr)
        return Process("Kafka", [*java, "kafka.Kafka", str(properties)], log=self.log)


def jars() -> Path:
    """Answer a folder that holds Kafka's jars; the first call of a machine fetches them, some 43 MB."""
    name = f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    kept = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "careerstream", name)
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        fetched = Path(mkdtemp(prefix=f"{name}-", dir=kept.parent))
        _fetch(fetched)
        try:
            fetched.rename(kept)  # whole or not at all, whoever else is fetching at the same time
        except OSError:
            shutil.rmtree(fetched)
    return kept


def _fetch(folder: Path) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    command = [_program("mvn"), "--batch-mode", "--quiet", "--file", str(POM), *goal]
    fetching = subprocess.run(
        command, capture_output=True, text=True, timeout=_FETCH_S, check=False, stdin=subprocess.DEVNULL
    )
    if fetching.returncode:
        shutil.rmtree(folder)
        raise ServerMissing(f"Maven could not fetch Kafka's jars:\n{(fetching.stdout + fetching.stderr)[-2000:]}")


def _program(name: str) -> str:
    path = shutil.which(name)
    if not path:
        raise ServerMissing(f"The tests run against a real Kafka, and there is no `{name}` here. {TO_INSTALL}")
    return path


def _properties(data: Path, *, port: int, controller_port: int) -> str:
    return f"""
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
# A killed broker is let in again when the session of its former life is over; nine seconds by default.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=2
num.recovery.threads.per.data.dir=1
log.cleaner.dedupe.buffer.size=4194304
log.cleaner.threads=1
controlled.shutdown.enable=false
"""
