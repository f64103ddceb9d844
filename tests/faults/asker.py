"""Asks for decisions for many people while processes are killed, and remembers under which ids they were answered."""

import http.client
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import orjson

from tests.faults.house import SECRET, House
from tests.faults.prober import AGREED, headers

PAUSE_S = 0.005


class Asker:
    """Enter it to have it ask; `lives` holds, for each time that the API was up, who got a choice under which id, in order."""

    def __init__(self, house: House, people: Sequence[str]) -> None:
        self.lives: list[list[tuple[str, str]]] = [[]]
        self._house = house
        self._people = people
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def _go_on(self) -> None:
        connection = self._house.connection()
        turn = 0
        while not self._ended.wait(PAUSE_S):
            try:
                self._ask(connection, self._people[turn % len(self._people)])
            except (OSError, http.client.HTTPException):
                self.lives.append([])  # it was killed, and comes back
                connection.close()
            turn += 1
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection, person: str) -> None:
        asked = {"selectors": [{"name": "jobs", "count": 5}], "user": {"userId": person}, "context": AGREED}
        connection.request("POST", "/v1/decide", orjson.dumps(asked), headers(SECRET))
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 200:
            self.lives[-1] += [(person, choice["decisionId"]) for choice in orjson.loads(body)["choices"]]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(120)
