"""Twice as many calls as one API process can answer: it refuses some at once, answers the others in time, and recovers."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.load import Outcome
from tests.faults.house import House
from tests.faults.traffic import Traffic
from tests.faults.visitors import asked_by_visitors, late
from tests.streaming import history

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

CONNECTIONS = 192
AT_ONCE = 4
"""Calls under way while the capacity is measured: so few are never refused."""
BUDGET_MS = 50
MOST = 10_000
"""Calls a second that one process never answers."""


async def test_twice_the_load_is_shed_what_is_taken_is_kept_and_afterwards_all_is_as_before(
    kafka, redis_url, prefix, tmp_path, seed, long, measured
):
    seconds = 12.0 if long else 4.0
    with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis_url, name=prefix.rstrip(".")) as house:
        async with house.store() as store:
            capacity = await asked_by_visitors(house, connections=AT_ONCE, seconds=2.0)
            with (
                _probed(house.port) as refused_probes,
                Traffic(house, history(seed, 400), a_second=100) as traffic,
            ):
                over = await _overloaded(house, seconds, 2 * capacity.rate)
            recovered = await _recovered(house)

            assert await house.faults_in_profiles(store, traffic.acknowledged) == []
    assert over.statuses.keys() == {"200", "429"}
    assert refused_probes == []
    assert recovered
    measured("Overload", "99 of 100 accepted decisions", late(over), "ms", BUDGET_MS)
    measured("Overload", "capacity not used for answers", 100 * (1 - over.rate / capacity.rate), "%", 40)


async def _overloaded(house: House, seconds: float, rate: float) -> Outcome:
    """Twice the capacity, or more where that was measured while the machine did something else beside."""
    while True:
        over = await asked_by_visitors(house, connections=CONNECTIONS, seconds=seconds, rate=rate)
        if "429" in over.statuses or rate > MOST:
            return over
        rate *= 2


async def _recovered(house: House) -> bool:
    """Whether a light load is answered whole again, by itself, within ten seconds."""
    for _ in range(10):
        light = await asked_by_visitors(house, connections=2, seconds=1.0, rate=20)
        if light.statuses.keys() == {"200"}:
            return True
    return False


@contextmanager
def _probed(port: int) -> Iterator[list[str]]:
    """Ask the probes all the time; answers what they said when it was not 200."""
    refused: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(0.1):
            for path in ("/healthz", "/metrics"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                try:
                    connection.request("GET", path)
                    if (answer := connection.getresponse()).status != 200:
                        refused.append(f"{path}: {answer.status}")
                except OSError as error:
                    refused.append(f"{path}: {error!r}")
                finally:
                    connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield refused
    finally:
        ended.set()
        thread.join(10)
