"""A Kafka broker for as long as this process runs, out of nothing but the `confluent-kafka` wheel.

python -m deploy.embedded.broker --topic careers.clicks:4 --topic careers.jobs:16
"""

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import NoReturn, Self

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition

from deploy.embedded.mock_cluster import MockCluster
from deploy.embedded.process import Process

# The mock broker answers a fetch that finds nothing after the whole time the client was ready to wait, even when a
# record comes in the meantime. So whoever reads from it must be ready to wait only this long: 5 ms give a median of
# 4 ms from send to receive, and cost 2 % of a core in the broker. aiokafka's default of 500 ms gives 250 ms.
FETCH_MAX_WAIT_MS = 5
# Whoever follows a list (the catalogue, models, overrides, erasures) asks ten times a second: at 5 ms, eight of them took a
# third of a core while nobody did anything.
FOLLOW_MAX_WAIT_MS = 100

# What one partition keeps, in bytes of records; the oldest batches go first. Compaction there is none.
PARTITION_BYTES = 5 * 1024 * 1024

_ANNOUNCEMENT = "bootstrap "
_ORDERS = "__topics"
_START_S = 15.0
_STOP_S = 2.0
_TOPICS_S = 10.0
_LOOK_EVERY_S = 0.02


class TopicDiffers(RuntimeError):
    """A topic exists with another number of partitions than asked for."""

    def __init__(self, topic: str, *, wanted: int, has: int) -> None:
        super().__init__(
            f"Topic {topic!r} has {has} partitions on the embedded broker, not {wanted}; restart it to change that."
        )
        self.topic = topic
        self.wanted = wanted
        self.has = has


class EmbeddedBroker:
    """The broker in a process of its own. Nothing outlives `stop`, or the end of this process."""

    def __init__(self, topics: Mapping[str, int] | None = None) -> None:
        self._topics = dict(topics or {})
        self._folder: TemporaryDirectory[str] | None = None
        self._process: Process | None = None
        self.bootstrap = ""

    def start(self) -> Self:
        """Return when it answers and has its topics; it takes about half a second."""
        self._folder = TemporaryDirectory(prefix="careerstream-broker-")
        log = Path(self._folder.name, "broker.log")
        self._process = Process(
            "The embedded broker",
            [sys.executable, "-m", "deploy.embedded.broker", *_as_arguments(self._topics)],
            log=log,
            env={"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1"},
        )
        self._process.start(ready=lambda: bool(_announced(log)), deadline_s=_START_S)
        self.bootstrap = _announced(log)
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop(grace_s=_STOP_S)
        if self._folder is not None:
            self._folder.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def ensure_topics(bootstrap: str, topics: Mapping[str, int]) -> None:
    """Return when the embedded broker at this address has these topics with these numbers of partitions.

    It knows no admin calls, so the order goes to a topic that the broker itself reads.
    """
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 3})
    producer.produce(_ORDERS, orjson.dumps(dict(topics)))
    give_up = time.monotonic() + _TOPICS_S
    producer.flush(_TOPICS_S)
    while missing := topics.keys() - (have := _partitions(producer)).keys():
        if time.monotonic() > give_up:
            raise TimeoutError(f"The embedded broker at {bootstrap} did not make {', '.join(sorted(missing))}.")
        time.sleep(_LOOK_EVERY_S)
    for topic, wanted in topics.items():
        if have[topic] != wanted:
            raise TopicDiffers(topic, wanted=wanted, has=have[topic])


def _partitions(producer: Producer) -> dict[str, int]:
    # All topics and never one by name: a question by name makes the broker invent that topic, with four partitions.
    metadata = producer.list_topics(timeout=_TOPICS_S)
    return {name: len(topic.partitions) for name, topic in metadata.topics.items()}


def _announced(log: Path) -> str:
    lines = log.read_text().splitlines(keepends=True)
    whole = (line for line in lines if line.startswith(_ANNOUNCEMENT) and line.endswith("\n"))
    return next(whole, "").removeprefix(_ANNOUNCEMENT).strip()


def _as_arguments(topics: Mapping[str, int]) -> list[str]:
    return [f"--topic={name}:{partitions}" for name, partitions in topics.items()]


def _topic(argument: str) -> tuple[str, int]:
    name, _, partitions = argument.rpartition(":")
    return name, int(partitions)


def _serve(topics: Mapping[str, int]) -> NoReturn:
    cluster = MockCluster()
    for name, partitions in {**topics, _ORDERS: 1}.items():
        cluster.create_topic(name, partitions=partitions)
    print(f"{_ANNOUNCEMENT}{cluster.bootstrap}", flush=True)  # noqa: T201 -- what the process that started us waits for
    orders = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": _ORDERS, "fetch.wait.max.ms": 20})
    orders.assign([TopicPartition(_ORDERS, 0, 0)])
    while True:
        message = orders.poll(60)
        if message is None or message.error():
            continue
        for name, partitions in orjson.loads(message.value() or b"{}").items():
            cluster.create_topic(name, partitions=partitions)


def main() -> NoReturn:
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded.broker", description=__doc__)
    parser.add_argument("--topic", action="append", default=[], type=_topic, metavar="NAME:PARTITIONS")
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with contextlib.suppress(KeyboardInterrupt):
        _serve(dict(parser.parse_args().topic))
    sys.exit(0)


if __name__ == "__main__":
    main()
