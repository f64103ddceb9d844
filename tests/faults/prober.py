"""Asks for decisions all the time while something is broken, and remembers every answer that should not have been."""

import base64
import http.client
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import orjson

from schemas.decision import Rung
from tests.faults.catalogue import APPLIED, CLOSED, DISMISSED, FORBIDDEN
from tests.faults.house import PUBLISHABLE, SECRET, House
from tests.faults.rounds import Rounds, Told

RUNGS: frozenset[Rung] = frozenset({"live", "last_good", "segment", "site", "curated"})
IMPERSONAL = frozenset({"segment", "site", "curated"})
PAUSE_S = 0.03
ANSWERS_IN_TIME = 3
BUDGET_MS = 200
AGREED, _NO = ({"consent": {"categoryPreferences": {"personalization": word}}} for word in (True, False))
_WHO = (("userId", "careful"), ("userId", "withdrawn"), ("anonymousId", "stranger"))
_ABOUT = [
    {"event": "Preference Set", "properties": {"key": "salary_min", "value": 60_000}},
    {"event": "Preference Set", "properties": {"key": "credentials", "value": ["licence:driver"]}},
    {"event": "Application Submitted", "properties": {"job_id": APPLIED}},
    {"event": "Job Dismissed", "properties": {"job_id": DISMISSED}},
]
_ARRIVED = [{"event": "Job Viewed", "properties": {"job_id": "good-1"}}]
_TOOK_BACK = [{"event": "Segment Consent Preference Updated", "context": _NO}]


@dataclass(frozen=True, slots=True)
class Ask:
    """One way to ask. `forbidden` are postings that no rung may answer, `rungs` those that may speak."""

    key: str
    user: Mapping[str, str]
    forbidden: frozenset[str]
    rungs: frozenset[str]
    context: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class People:
    """Whom a prober asks for, new ones each time: what one of them said, nobody said before."""

    def __init__(self) -> None:
        number = time.time_ns()
        careful, withdrawn, stranger = ({name: f"{who}-{number}"} for name, who in _WHO)
        self.careful = Ask(SECRET, careful, FORBIDDEN, RUNGS)
        self.withdrawn = Ask(SECRET, withdrawn, frozenset({CLOSED}), IMPERSONAL)
        """Said yes, was decided for, and took it back."""
        self.asks = (
            self.careful,
            self.withdrawn,
            Ask(PUBLISHABLE, stranger, frozenset({CLOSED}), RUNGS),
            Ask(SECRET, careful, frozenset({CLOSED}), IMPERSONAL, context=_NO),
            Ask(PUBLISHABLE, stranger, frozenset({CLOSED}), IMPERSONAL, headers={"Sec-GPC": "1"}),
        )

    def introduce(self, connection: http.client.HTTPConnection) -> None:
        """Tell who the careful person is and who took the consent back, and wait until decisions know it."""
        self.arrive(connection)
        self.speak(connection)

    def arrive(self, connection: http.client.HTTPConnection) -> None:
        """Have both of them decided for, who have said nothing yet but yes."""
        _tell(connection, self.careful, _ARRIVED, {"live"})
        _tell(connection, self.withdrawn, _ABOUT, {"live"})

    def speak(self, connection: http.client.HTTPConnection) -> None:
        """Have one of them say what must be heeded, and the other take the consent back."""
        _tell(connection, self.careful, _ABOUT, {"live"}, self.careful.forbidden)
        _tell(connection, self.withdrawn, _TOOK_BACK, IMPERSONAL)


@dataclass(slots=True)
class Heard:
    """What was answered so far."""

    rungs: Counter[str] = field(default_factory=Counter)
    models: set[str] = field(default_factory=set)
    warnings: set[str] = field(default_factory=set)
    degraded: int = 0
    shed: int = 0
    """Asks that the API refused at once because the machine was busy: pages ask again."""
    complaints: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    in_time: int = 0
    """Answers of the live rung that were not degraded."""

    @property
    def answers(self) -> int:
        return len(self.milliseconds)

    def over_the_budget(self) -> float:
        """Answer by how many milliseconds the slowest of all missed the budget."""
        return max(0.0, max(self.milliseconds) - BUDGET_MS)


class Prober:
    """Enter it before the fault; leaving it fails the test when one answer was wrong."""

    def __init__(self, house: House, people: People | None = None) -> None:
        """`people` have been introduced already; new ones are otherwise."""
        self.heard = Heard()
        self.people = people or People()
        self._are_known = people is not None
        self._house = house
        calls = [(_body(ask).decode(), {**headers(ask.key), **ask.headers}) for ask in self.people.asks]
        self._rounds = Rounds(house.port, PAUSE_S, calls, self._hear)

    def await_undegraded(self, patience: float = 240) -> None:
        """Wait until answers come from the live profiles again, one after the other."""
        self.heard.in_time = 0
        until = time.monotonic() + patience
        while self.heard.in_time < ANSWERS_IN_TIME:
            assert time.monotonic() < until, f"still degraded after {patience:.0f} s: {self.heard.rungs}"
            time.sleep(0.02)

    def _hear(self, told: Told) -> None:
        if told.status == 0:
            self.heard.complaints.append(f"no answer: {told.body}")
            return
        self.heard.milliseconds.append(told.milliseconds)
        if told.status == 429:
            self.heard.shed += 1
            return
        if told.status != 200:
            self.heard.complaints.append(f"{told.status}: {told.body[:200]}")
            return
        answer = orjson.loads(told.body)
        self.heard.warnings |= {warning["code"] for warning in answer["warnings"]}
        for choice in answer["choices"]:
            self._judge(choice, self.people.asks[told.turn % len(self.people.asks)])

    def _judge(self, choice: Mapping[str, Any], ask: Ask) -> None:
        rung = choice.get("rung")
        if rung not in ask.rungs:
            self.heard.complaints.append(f"{choice.get('type')} of rung {rung} for {ask.user}")
            return
        self.heard.rungs[rung] += 1
        self.heard.models.add(choice["model"])
        self.heard.degraded += bool(choice["degraded"])
        if ask is self.people.careful and rung != "live" and not choice["degraded"]:
            self.heard.complaints.append(f"{rung} for {ask.user}, who is known, and not marked as degraded")
        self.heard.in_time += rung == "live" and not choice["degraded"]
        if broken := ask.forbidden & _shown(choice):
            self.heard.complaints.append(f"{rung} showed {sorted(broken)} to {ask.user}")

    def __enter__(self) -> Self:
        if not self._are_known:
            with closing(self._house.connection()) as connection:
                self.people.introduce(connection)
        self._rounds.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rounds.__exit__(kind, error, trace)
        if kind is None:
            assert self.heard.answers > self.heard.shed
            assert self.heard.complaints == [], self.heard.complaints[:5]


def _tell(
    connection: http.client.HTTPConnection,
    ask: Ask,
    events: Sequence[Mapping[str, Any]],
    rungs: Collection[str],
    forbidden: Collection[str] = (),
) -> None:
    """Send events, and wait until decisions know them, also the one that is kept for who names no event."""
    after = _told(connection, ask, events)
    until = time.monotonic() + 240
    for named in ({"after": after}, {}):
        while not _is_so(answer := _answered(connection, ask, **named), rungs, forbidden):
            assert time.monotonic() < until, f"never decided for {ask.user}: {answer}"


def _told(connection: http.client.HTTPConnection, ask: Ask, events: Sequence[Mapping[str, Any]]) -> str:
    batch = [
        {"type": "track", "messageId": f"{ask.user['userId']}-{time.time_ns()}", "context": AGREED, **ask.user, **each}
        for each in events
    ]
    while True:
        connection.request("POST", "/v1/batch", orjson.dumps({"batch": batch}), headers(SECRET))
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 200:
            return str(orjson.loads(body)["after"])
        assert answer.status == 429, body
        time.sleep(PAUSE_S)


def _answered(connection: http.client.HTTPConnection, ask: Ask, **named: str) -> dict[str, Any]:
    connection.request("POST", "/v1/decide", _body(ask, **named), headers(ask.key))
    answer: dict[str, Any] = orjson.loads(connection.getresponse().read())
    return answer


def _is_so(answer: Mapping[str, Any], rungs: Collection[str], forbidden: Collection[str]) -> bool:
    if "choices" not in answer:  # the API was busy
        return False
    (choice,) = answer["choices"]
    return not choice["degraded"] and choice["rung"] in rungs and not _shown(choice) & set(forbidden)


def _shown(choice: Mapping[str, Any]) -> set[str]:
    return {item["id"] for item in choice["items"]}


def _body(ask: Ask, **more: str) -> bytes:
    options = {"budgetMs": BUDGET_MS}
    selectors = [{"name": "jobs", "count": 10}]
    return orjson.dumps({"selectors": selectors, "user": ask.user, "context": ask.context, "options": options, **more})


def headers(key: str) -> dict[str, str]:
    credentials = base64.b64encode(f"{key}:".encode()).decode()
    return {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
