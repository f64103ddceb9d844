"""Bodies without end, bombs, a thousand brackets, slow hands: each is refused, and whoever else asks meanwhile notices little."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.ground import rss
from deploy.embedded.process import Process
from tests.faults.attacker import Attack
from tests.faults.house import PUBLISHABLE, House
from tests.faults.visitors import asked_by_visitors, late
from tests.hostile import HOSTILE

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

CONNECTIONS = 16
A_SECOND = 50
SECONDS = (6.0, 60.0)
LOOK_S = 0.2
MEMORY_MB = 50
TIMES_AS_LATE = 2
REFUSED = 1
"""Percent: what stands still for a moment, as a machine may, sheds by itself."""


async def test_who_sends_too_much_or_too_slowly_is_refused_and_others_are_answered_as_before(
    kafka, redis_url, prefix, tmp_path, long, measured
):
    with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis_url, name=prefix.rstrip(".")) as house:
        alone = await asked_by_visitors(house, connections=CONNECTIONS, seconds=SECONDS[long], rate=A_SECOND)
        before = rss(house.api)
        with _largest(house.api) as sizes, Attack(house.port, PUBLISHABLE) as attack:
            beside = await asked_by_visitors(house, connections=CONNECTIONS, seconds=SECONDS[long], rate=A_SECOND)
        after = await asked_by_visitors(house, connections=CONNECTIONS, seconds=2.0, rate=A_SECOND)

    assert {name: set(seen) - {HOSTILE[name].status, 429, 0} for name, seen in attack.statuses.items()} == {
        name: set() for name in HOSTILE
    }
    assert all(seen.get(HOSTILE[name].status) for name, seen in attack.statuses.items()), attack.statuses
    assert [each.statuses.keys() for each in (alone, after)] == [{"200"}] * 2
    assert beside.statuses.keys() <= {"200", "429"}
    measured("Attack", "growth of the API's memory", (max(sizes) - before) / 2**20, "MB", MEMORY_MB)
    measured("Attack", "others' decisions, 99 of 100", late(beside), "ms", TIMES_AS_LATE * late(alone))
    refused = 100 * beside.statuses.get("429", 0) / sum(beside.statuses.values())
    measured("Attack", "others' calls that were refused", refused, "%", REFUSED)


@contextmanager
def _largest(process: Process) -> Iterator[list[int]]:
    """Look at a process's memory all the time; answers the bytes seen."""
    seen = [rss(process)]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_S):
            seen.append(rss(process))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join(10)
