"""Calls are refused while a queue stands, and only those that waited; a burst and a probe are not."""

import pytest

from api.metrics import Metrics
from api.shedding import BEAT_S, FEW, STANDING_S, Pressure, Shedding

TARGET = 0.01


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


def beats(pressure, clock, *, late, seconds):
    """Let time pass with a loop that is so late at every beat."""
    until = clock.now + seconds
    while clock.now < until:
        clock.now += BEAT_S + late
        pressure.beat()


def crowd(pressure):
    """As many calls as are taken whatever they waited."""
    assert all(pressure.takes() for _ in range(FEW))


def test_a_burst_that_is_over_before_the_queue_stands_is_answered(pressure, clock):
    beats(pressure, clock, late=0.03, seconds=STANDING_S * 0.9)
    beats(pressure, clock, late=0.0, seconds=0.02)
    beats(pressure, clock, late=0.03, seconds=STANDING_S * 0.9)
    crowd(pressure)
    clock.now += 1

    assert pressure.takes()


def test_in_a_queue_that_stands_who_waited_too_long_is_refused_and_who_did_not_is_answered(pressure, clock):
    beats(pressure, clock, late=0.03, seconds=STANDING_S * 2)
    crowd(pressure)

    assert pressure.takes()
    clock.now += TARGET
    assert not pressure.takes()


def test_a_process_that_is_late_for_other_reasons_answers_the_few_who_call(pressure, clock):
    beats(pressure, clock, late=0.03, seconds=STANDING_S * 2)
    clock.now += TARGET

    crowd(pressure)
    assert not pressure.takes()


def test_a_queue_that_shedding_keeps_short_still_stands(pressure, clock):
    beats(pressure, clock, late=0.03, seconds=STANDING_S * 2)
    beats(pressure, clock, late=TARGET * 0.8, seconds=1)

    assert pressure.shedding


def test_when_the_queue_is_gone_everybody_is_answered_again(pressure, clock):
    beats(pressure, clock, late=0.03, seconds=STANDING_S * 2)
    beats(pressure, clock, late=0.0, seconds=STANDING_S * 1.2)
    crowd(pressure)
    clock.now += 1

    assert pressure.takes()


async def answered(pressure, path):
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    async def receive():
        raise AssertionError("a body that is refused is not read")

    scope = {"type": "http", "method": "POST", "path": path, "headers": []}
    await Shedding(app, pressure=pressure)(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])


@pytest.fixture
def overloaded(pressure, clock):
    beats(pressure, clock, late=0.03, seconds=STANDING_S * 2)
    crowd(pressure)
    clock.now += 1
    return pressure


async def test_a_refusal_says_when_to_come_back(overloaded):
    status, headers = await answered(overloaded, "/v1/decide")

    assert (status, headers[b"retry-after"]) == (429, b"1")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_probes_are_answered_however_long_the_queue(overloaded, path):
    assert (await answered(overloaded, path))[0] == 200
