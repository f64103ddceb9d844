"""A real Apache Kafka out of its own image, where a container engine answers."""

import os
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deploy.embedded.process import ServerDidNotStart, free_port
from tests.servers.kafka_client import answers

IMAGE = "apache/kafka:4.1.2"

_START_S = 120.0
_STOP_S = 20
_LOOK_EVERY_S = 0.1
_PROBE_S = 3
_ENGINE_PORT = 2375
_DATA = "/tmp/kafka-logs"  # noqa: S108  # inside the container


class KafkaInContainer:
    """Keeps its port and its data over `stop`, `kill` and `start`; `remove` ends it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._container: Any = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it has said so far."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "kafka.log"
        path.write_bytes(self._container.logs() if self._container else b"")
        return path

    def start(self) -> None:
        if self._container is None:
            self._container = self._created()
        else:
            self._container.start()
        give_up = time.monotonic() + _START_S
        while not answers(self.bootstrap):
            if time.monotonic() > give_up:
                said = self.log.read_text(errors="replace")[-2000:]
                raise ServerDidNotStart("Kafka's container", f"did not answer within {_START_S:.0f} s", said)
            time.sleep(_LOOK_EVERY_S)

    def stop(self) -> None:
        if self._container is not None:
            self._container.stop(timeout=_STOP_S)

    def kill(self) -> None:
        if self._container is not None:
            self._container.kill()

    def on_disk(self) -> bytes:
        if self._container is None:
            return b""
        chunks, _ = self._container.get_archive(_DATA)
        return b"".join(chunks)

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        if self._container is not None:
            self._container.pause()

    def resume(self) -> None:
        if self._container is not None:
            self._container.unpause()

    def _created(self) -> Any:
        from testcontainers.core.container import DockerContainer

        container = DockerContainer(IMAGE).with_bind_ports(9092, self.port)
        for name, value in _settings(self.port).items():
            container = container.with_env(name, value)
        # Its sidekick removes the container when this process is gone, however that happens.
        return container.start().get_wrapped_container()


def engine_answers() -> bool:
    """Whether a container engine is here; a client without an engine behind it is not one."""
    engine = urlsplit(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
    # A probe of our own: the library leaves its socket open when nobody answers, and warnings are errors.
    family, address = (
        (socket.AF_UNIX, engine.path)
        if engine.scheme == "unix"
        else (socket.AF_INET, (engine.hostname or "", engine.port or _ENGINE_PORT))
    )
    with socket.socket(family) as probe:
        probe.settimeout(_PROBE_S)
        return probe.connect_ex(address) == 0


def _settings(port: int) -> dict[str, str]:
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_LOG_DIRS": _DATA,
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_BROKER_SESSION_TIMEOUT_MS": "2000",
        "KAFKA_BROKER_HEARTBEAT_INTERVAL_MS": "500",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
        "KAFKA_HEAP_OPTS": "-Xms64m -Xmx320m",
    }
