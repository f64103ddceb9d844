"""The Kafka that the tests run against: always a real one, in a container or from its own jars."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from tests.servers import kafka_client
from tests.servers.kafka_container import KafkaInContainer, engine_answers
from tests.servers.kafka_jars import KafkaFromJars


class _Runs(Protocol):
    @property
    def bootstrap(self) -> str: ...
    @property
    def log(self) -> Path: ...
    def on_disk(self) -> bytes: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


class KafkaServer:
    """One broker. After `stop` or `kill`, `start` brings it back on the same port with the same data."""

    def __init__(self, folder: Path) -> None:
        self._runs: _Runs = KafkaInContainer(folder) if engine_answers() else KafkaFromJars(folder)

    @property
    def bootstrap(self) -> str:
        return self._runs.bootstrap

    @property
    def log(self) -> Path:
        return self._runs.log

    def on_disk(self) -> bytes:
        """Answer what its data folder holds, one file behind the other: what somebody reads who steals the disk."""
        return self._runs.on_disk()

    def start(self) -> Self:
        """Return when it answers. Raises ServerMissing, with what to install, or ServerDidNotStart, with its log."""
        self._runs.start()
        return self

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._runs.stop()

    def kill(self) -> None:
        """SIGKILL: it flushes nothing and says goodbye to nobody."""
        self._runs.kill()

    def restart(self) -> None:
        self._runs.restart()

    def pause(self) -> None:
        """It keeps its connections and answers nothing, until `resume`."""
        self._runs.pause()

    def resume(self) -> None:
        self._runs.resume()

    def create_topics(self, topics: Mapping[str, int], **config: str) -> None:
        """Make topics with these numbers of partitions, as `create_topics({"jobs": 2}, cleanup_policy="compact")`."""
        kafka_client.create_topics(self.bootstrap, topics, **config)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
