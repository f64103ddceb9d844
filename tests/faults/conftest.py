"""What the fault tests share: seeds, how long a fault lasts, servers, and the figures they take.

`FAULT_SEEDS` says how many histories each fault is tried on, `FAULT_LONG=1` lets it last as long as the table says, and `FAULT_REPORT`
names a file for the figures. `make faults` sets all three.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from profiles.redis_store import RedisStore
from schemas.topics import TopicNames
from tests.faults.figures import Measured, Taken, figure, worst, write_report
from tests.streaming import topics_of

SEEDS = int(os.environ.get("FAULT_SEEDS", "1"))
LONG = os.environ.get("FAULT_LONG") == "1"

_TAKEN: list[Taken] = []
_SEEDS: dict[str, int] = {}
"""The seed of each test, 0 for those that have none."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(1, SEEDS + 1))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One seed after the other: a run that is interrupted has tried each fault."""
    if SEEDS > 1:
        items.sort(key=_seed)
    _SEEDS.update({item.nodeid: _seed(item) for item in items})


@pytest.fixture
def long() -> bool:
    """Whether a fault lasts as long as the table says; a few seconds otherwise."""
    return LONG


@pytest.fixture
def measured() -> Measured:
    def take(fault: str, what: str, value: float, unit: str, limit: float) -> None:
        _TAKEN.append(figure(fault, what, value, unit, limit))

    return take


@pytest.fixture
def names(kafka, prefix) -> TopicNames:
    names = TopicNames(prefix.rstrip("."))
    kafka.create_topics(topics_of(names))
    return names


@pytest.fixture
async def store(redis_url) -> AsyncIterator[RedisStore]:
    kept = RedisStore.open(redis_url)
    yield kept
    await kept.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _TAKEN:
        return
    terminalreporter.section("faults: the worst figure of all seeds, and its limit")
    for each in worst(_TAKEN):
        late = "" if each.holds else "   OVER"
        terminalreporter.write_line(f"{each.name}: {each.measured:.2f} {each.unit} (<= {each.reference:g}){late}")
    if report := os.environ.get("FAULT_REPORT"):
        passed, failed = (
            {each.nodeid for each in terminalreporter.stats.get(outcome, ())} for outcome in ("passed", "failed")
        )
        unfinished = {seed for name, seed in _SEEDS.items() if name not in passed | failed}
        whole = len(set(range(1, SEEDS + 1)) - unfinished)
        write_report(Path(report), _TAKEN, passed=len(passed), failed=len(failed), seeds=whole)


def _seed(item: pytest.Item) -> int:
    called = getattr(item, "callspec", None)
    return 0 if called is None else int(called.params.get("seed", 0))
