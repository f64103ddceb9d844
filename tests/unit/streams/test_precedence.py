"""Folding goes before judging in a worker's two threads."""

import threading

from streams.precedence import Precedence


def judged(precedence):
    """Answer a thread that gives way once, and the list that it then writes into."""
    done: list[str] = []

    def judge():
        precedence.give_way()
        done.append("judged")

    thread = threading.Thread(target=judge)
    thread.start()
    return thread, done


def test_a_judgement_goes_on_when_what_is_folded_is_committed(monkeypatch):
    monkeypatch.setattr("streams.precedence.LONGEST", 60.0)
    precedence = Precedence()
    with precedence.first():
        thread, done = judged(precedence)
        thread.join(0.05)
        meanwhile = list(done)
    thread.join()

    assert (meanwhile, done) == ([], ["judged"])


def test_a_judgement_waits_for_nobody_when_nothing_is_folded(monkeypatch):
    monkeypatch.setattr("streams.precedence.LONGEST", 60.0)
    thread, done = judged(Precedence())
    thread.join()

    assert done == ["judged"]


def test_a_store_that_is_away_does_not_hold_a_judgement_up(monkeypatch):
    monkeypatch.setattr("streams.precedence.LONGEST", 0.001)
    precedence = Precedence()
    with precedence.first():
        thread, done = judged(precedence)
        thread.join()

    assert done == ["judged"]
