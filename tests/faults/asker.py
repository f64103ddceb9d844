"""Asks for decisions for many people while processes are killed, and remembers under which ids they were answered."""

import http.client
from collections.abc import Sequence

import orjson

from tests.faults.house import SECRET, House
from tests.faults.prober import headers
from tests.faults.rounds import Rounds

PAUSE_S = 0.005
_AGREED = {"consent": {"categoryPreferences": {"personalization": True}}}


class Asker(Rounds):
    """Enter it to have it ask; `lives` holds, for each time that the API was up, who got a choice under which id, in order."""

    def __init__(self, house: House, people: Sequence[str]) -> None:
        super().__init__(house, PAUSE_S)
        self.lives: list[list[tuple[str, str]]] = [[]]
        self._people = people

    def ask(self, connection: http.client.HTTPConnection, turn: int) -> None:
        person = self._people[turn % len(self._people)]
        asked = {"selectors": [{"name": "jobs", "count": 5}], "user": {"userId": person}, "context": _AGREED}
        connection.request("POST", "/v1/decide", orjson.dumps(asked), headers(SECRET))
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 200:
            self.lives[-1] += [(person, choice["decisionId"]) for choice in orjson.loads(body)["choices"]]

    def unanswered(self, _error: Exception) -> None:
        self.lives.append([])  # it was killed, and comes back
