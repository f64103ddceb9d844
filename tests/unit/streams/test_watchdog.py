"""A worker that stands still while there is work ends itself; one that waits for Redis or for Kafka does not."""

from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from streams.app import EXIT_CODE
from streams.watchdog import watch

PLACE = TP("clicks", 0)


class AConsumer:
    """Stands at 5 of `end` records."""

    def __init__(self, end):
        self._end = end

    def assignment(self):
        return {PLACE}

    async def position(self, _):
        return 5

    async def highwaters(self, *_):
        return {PLACE: self._end}


class AStore:
    """Is away when it is looked at, so often."""

    def __init__(self, away):
        self.looks, self._away = 0, away

    @property
    def waiting(self):
        self.looks += 1
        return self.looks <= self._away


def a_shift(*, working=False, away=0):
    return SimpleNamespace(progress=({PLACE: 5},), patience=AStore(away), working=working)


async def looked_at(shift, *, end=9, kafka=()):
    """Answer the codes that it ended with, and how often Kafka was asked; past its last word, Kafka answers."""
    ended: list[int] = []
    asked = 0

    async def kafka_answers():
        nonlocal asked
        asked += 1
        return asked > len(kafka) or kafka[asked - 1]

    app: Any = SimpleNamespace(consumer=AConsumer(end))
    await watch(app, shift, ended.append, kafka_answers=kafka_answers, standstill=0.0, look=0.001)
    return ended, asked


@pytest.mark.parametrize(("working", "end"), [(True, 5), (False, 9)])
async def test_a_worker_that_stands_still_in_a_batch_or_behind_the_log_asks_to_be_started_again(working, end):
    assert (await looked_at(a_shift(working=working), end=end))[0] == [EXIT_CODE]


@pytest.mark.parametrize("working", [True, False])
async def test_a_worker_waits_for_a_kafka_that_is_away_however_long(working):
    ended, asked = await looked_at(a_shift(working=working), kafka=[False] * 20)

    assert ended == [EXIT_CODE]
    assert asked > 20


async def test_a_worker_waits_for_a_redis_that_is_away_however_long():
    shift = a_shift(working=True, away=20)

    assert (await looked_at(shift))[0] == [EXIT_CODE]
    assert shift.patience.looks > 20
