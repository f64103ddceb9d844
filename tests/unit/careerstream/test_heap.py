"""The garbage collector leaves alone what stays."""

import gc
from collections.abc import Iterator

import pytest

from careerstream import heap


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    thresholds, callbacks = gc.get_threshold(), list(gc.callbacks)
    yield
    gc.callbacks[:] = callbacks
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_what_is_alive_when_the_heap_settles_is_not_looked_at_again():
    held = [[number] for number in range(1_000)]

    heap.settle()

    assert gc.get_freeze_count() >= len(held)
    assert not any(each is held for each in gc.get_objects())


def test_garbage_made_after_settling_is_still_collected():
    heap.settle()
    circle: list[object] = []
    circle.append(circle)
    del circle

    assert gc.collect() >= 1


def test_a_long_full_collection_is_the_last_to_look_at_what_it_found(monkeypatch):
    monkeypatch.setattr(heap, "LONG_MS", -1.0)
    heap.quieten()

    gc.collect()

    assert gc.get_freeze_count() > 0


def test_a_short_full_collection_freezes_nothing(monkeypatch):
    monkeypatch.setattr(heap, "LONG_MS", 60_000.0)
    heap.quieten()
    gc.collect()  # Python 3.12 takes what is immortal out by itself, the first time
    before = gc.get_freeze_count()

    gc.collect()

    assert gc.get_freeze_count() == before
