"""Session neighbours are asked in one thread while another tells of views."""

import sys
from threading import RLock, Thread

import pytest

from scorers.sessions import Companion, Sessions


@pytest.fixture
def hasty():
    """Threads that hand over a thousand times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.000005)
    yield
    sys.setswitchinterval(usual)


def test_one_thread_may_ask_while_another_tells_of_views(hasty):
    sessions, jobs = Sessions(sessions=200, turn=RLock()), [f"j{number}" for number in range(300)]

    def tell():
        for turn in range(1_500):
            sessions.put(f"s{turn % 300}", [jobs[(turn * step + step) % 300] for step in range(1, 15)])

    telling = Thread(target=tell)
    answers: list[list[Companion]] = []
    telling.start()
    while telling.is_alive():
        start = len(answers) % 290
        answers.append(sessions.next_items(jobs[start : start + 10]))
    telling.join()

    assert any(answers)
    assert len(sessions) == 200
