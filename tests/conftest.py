"""The servers every test shares: one real Kafka and one real Redis a session, started by the first test that asks."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.kafka import KafkaServer
from tests.servers.redis import RedisServer

# No test here is about time, and the machine may be busy.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """The session's Kafka, for every test that leaves it as it was; name topics with `prefix`."""
    with KafkaServer(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The session's Redis process; a test usually wants `redis_url`."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of an empty database; database 0 is for what lives as long as the session."""
    return redis_server.emptied(1)


@pytest.fixture
def prefix() -> str:
    """What this test's topics, groups and keys begin with, so that it meets nobody else's."""
    return f"t{uuid4().hex[:12]}."


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Callable[[], KafkaServer]]:
    """Start a Kafka of the test's own, which it may kill, pause and restart."""
    with ExitStack() as servers:
        yield lambda: servers.enter_context(KafkaServer(tmp_path / f"kafka-{uuid4().hex[:6]}"))


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Callable[[], RedisServer]]:
    """Start a Redis of the test's own, which it may kill, pause and restart."""
    with ExitStack() as servers:
        yield lambda: servers.enter_context(RedisServer(tmp_path / f"redis-{uuid4().hex[:6]}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test is a failed test: what could not be checked is not known to hold."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a file that skips itself."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped: {report.longrepr}"
    return report
