"""Asks the API again and again, in a thread of its own."""

import http.client
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from tests.faults.house import House


class Rounds(ABC):
    """Enter it to have `ask` called every `pause` seconds until it is left; what breaks a call is told to `unanswered`."""

    def __init__(self, house: House, pause: float) -> None:
        self.house = house
        self._pause = pause
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    @abstractmethod
    def ask(self, connection: http.client.HTTPConnection, turn: int) -> None:
        """Ask once; `turn` counts from 0."""

    @abstractmethod
    def unanswered(self, error: Exception) -> None:
        """Hear that there was no answer; the next call has a new connection."""

    def _go_on(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=60)
        turn = 0
        while not self._ended.wait(self._pause):
            try:
                self.ask(connection, turn)
            except (OSError, http.client.HTTPException) as error:
                self.unanswered(error)
                connection.close()
            turn += 1
        connection.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(120)
