"""Folding before judging: two threads of one process, of which Python runs one at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST = 0.005
"""Seconds that a judgement gives way at a time: a store that is away must not hold it up."""


class Precedence:
    """While something is folded, whoever judges pauses between two stages: what is folded is a click that somebody waits for.

    Without it the event loop asks for the interpreter's lock some ten times an event, and waits for it a switch interval each time.
    """

    def __init__(self) -> None:
        self._nobody = threading.Event()
        self._nobody.set()

    @contextmanager
    def first(self) -> Iterator[None]:
        """Hold it while folding; one at a time."""
        self._nobody.clear()
        try:
            yield
        finally:
            self._nobody.set()

    def give_way(self) -> None:
        """Wait, in a thread of one's own, until nothing is being folded."""
        self._nobody.wait(LONGEST)
