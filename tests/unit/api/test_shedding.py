"""Of more calls than can be answered in time some are refused at once; a burst, a probe and who waits for something else are not."""

from collections import deque

import pytest

from api.aside import stand_aside
from api.metrics import Metrics
from api.shedding import BEAT_S, BURST, FEW, STANDING_S, Pressure, Shedding

TARGET = 0.01
COST = 0.001
"""Seconds of the processor that a call takes, in the process below."""


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pressure(clock):
    return Pressure(target=TARGET, metrics=Metrics(), clock=clock)


class AProcess:
    """Answers one call after the other, and beats late while it has any."""

    def __init__(self, pressure, clock):
        self._pressure, self._clock = pressure, clock
        self._queue: deque[tuple[int, float]] = deque()
        self._beaten = clock.now
        self.waits: list[float] = []

    def arrive(self, calls=1):
        """Answer how many of them were refused."""
        taken = [self._pressure.begin() for _ in range(calls)]
        self._queue += [(number, self._clock.now) for number in taken if number is not None]
        return taken.count(None)

    def run(self, seconds, *, load):
        """Answer how many were refused of those that came: `load` times as many as can be answered."""
        refused, due, until = 0, 0.0, self._clock.now + seconds
        while self._clock.now < until:
            due += load
            refused += self.arrive(int(due))
            due -= int(due)
            late = BEAT_S / 2 if self._queue else 0.0
            self._clock.now += COST
            if self._queue:
                number, began = self._queue.popleft()
                self._pressure.finish(number)
                self.waits.append(self._clock.now - began)
            if self._clock.now >= self._beaten + BEAT_S + late:
                self._pressure.beat()
                self._beaten = self._clock.now
        return refused


@pytest.fixture
def process(pressure, clock):
    """A process that knows how fast it is."""
    made = AProcess(pressure, clock)
    made.run(1, load=0.5)
    made.waits.clear()
    return made


def late(pressure, clock, *, seconds=1.0):
    """Let time pass in a process that somebody else keeps from the processor."""
    until = clock.now + seconds
    while clock.now < until:
        clock.now += BEAT_S + 0.03
        pressure.beat()


def test_at_twice_the_capacity_who_is_taken_is_answered_in_time_and_the_processor_is_never_idle(process):
    process.run(2, load=2)

    assert max(process.waits) <= BURST * TARGET + 2 * COST
    settled = process.waits[int(2 * STANDING_S / COST) :]
    assert max(settled) <= TARGET + 2 * COST
    assert len(process.waits) * COST == pytest.approx(2, rel=0.01)


def test_a_load_that_can_be_answered_is_answered_whole(process):
    assert process.run(2, load=0.9) == 0


def test_a_burst_is_answered_whole(process):
    process.run(0.1, load=0.5)

    assert process.arrive(round(BURST * TARGET / COST / 2)) == 0
    assert process.run(0.5, load=0.5) == 0


def test_when_fewer_come_again_everybody_is_answered(process):
    process.run(1, load=2)
    process.run(2 * STANDING_S, load=0.5)

    assert process.run(1, load=0.9) == 0


def test_a_process_with_time_to_spare_refuses_nobody_however_many_wait_for_something_else(pressure, clock, process):
    for _ in range(1000):
        clock.now += BEAT_S
        pressure.beat()

        assert pressure.begin() is not None


def test_a_process_that_is_late_for_other_reasons_answers_the_few_who_call(pressure, clock, process):
    late(pressure, clock)

    assert [pressure.begin() for _ in range(FEW)].count(None) == 0


def test_who_is_under_way_for_long_waits_for_something_else_and_is_in_nobodys_way(pressure, clock, process):
    late(pressure, clock)
    while pressure.begin() is not None:
        pass
    clock.now += 2 * STANDING_S

    assert pressure.begin() is not None


def test_that_shedding_began_and_that_it_is_over_is_known(pressure, process):
    process.run(1, load=2)
    assert pressure.shedding

    process.run(2, load=0.5)
    assert not pressure.shedding


async def answered(pressure, path, *, method="POST", then=lambda: None):
    """Answer the status and headers of a call; `then` is called while it is under way."""
    sent = []

    async def app(scope, receive, send):
        then()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    async def receive():
        raise AssertionError("a body that is refused is not read")

    scope = {"type": "http", "method": method, "path": path, "headers": []}
    await Shedding(app, pressure=pressure)(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])


@pytest.fixture
def overloaded(pressure, clock, process):
    """One that has as many calls as it may have."""
    late(pressure, clock)
    while pressure.begin() is not None:
        pass
    return pressure


async def test_a_refusal_says_when_to_come_back(overloaded):
    status, headers = await answered(overloaded, "/v1/decide")

    assert (status, headers[b"retry-after"]) == (429, b"1")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_probes_are_answered_however_long_the_queue(overloaded, path):
    assert (await answered(overloaded, path))[0] == 200


async def test_what_a_page_is_made_of_is_answered_for_no_browser_asks_again(overloaded):
    assert (await answered(overloaded, "/js/main.js", method="GET"))[0] == 200
    assert (await answered(overloaded, "/v1/jobs/1", method="GET"))[0] == 429


async def test_a_call_that_was_answered_makes_room(overloaded, clock):
    clock.now += 2 * STANDING_S
    for _ in range(1000):
        assert (await answered(overloaded, "/v1/decide"))[0] == 200


async def test_a_call_that_waits_for_kafka_makes_room(pressure, clock, process):
    late(pressure, clock)

    def waits():
        stand_aside()
        crowd = [pressure.begin() for _ in range(FEW)]
        assert None not in crowd
        for number in crowd:
            pressure.finish(number)

    assert (await answered(pressure, "/v1/track", then=waits))[0] == 200


def test_who_is_no_call_may_stand_aside_too():
    stand_aside()
