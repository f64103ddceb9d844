"""Events sent over HTTP as an SDK sends them: kept until they are acknowledged, and sent again when they are not."""

import base64
import http.client
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import orjson

from schemas.messages import Message
from tests.faults.house import SECRET, House

CALL = 20
"""Events of one call at most."""
PATIENCE_S = 20.0
PAUSE_S = 0.25


class Traffic:
    """Sends a history at a rate; what a fault holds up is sent as soon as that is over."""

    def __init__(self, house: House, messages: Sequence[Message], *, a_second: float) -> None:
        self.acknowledged: set[str] = set()
        self.answers: Counter[int] = Counter()
        self._house = house
        # To the hour before now: later than now cannot be.
        shift = time.time_ns() // 1_000_000 - 3_600_000 - max(each.event_time for each in messages)
        self._events = deque(sdk_event(each, each.event_time + shift) for each in messages)
        self._a_second = a_second
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._send_all, daemon=True)

    def wait(self, patience: float = 300) -> None:
        """Wait until everything is acknowledged."""
        self._thread.join(patience)
        left = len(self._events)
        assert not self._thread.is_alive(), f"{left} events were never acknowledged; answers: {dict(self.answers)}"

    def _send_all(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._house.port, timeout=PATIENCE_S)
        began, sent = time.monotonic(), 0
        while self._events and not self._abandoned.is_set():
            due = int((time.monotonic() - began) * self._a_second) - sent
            if due < 1:
                time.sleep(0.005)
                continue
            batch = [self._events[number] for number in range(min(due, CALL, len(self._events)))]
            if self._is_acknowledged(connection, batch):
                sent += len(batch)
                for event in batch:
                    self._events.popleft()
                    self.acknowledged.add(event["messageId"])
        connection.close()

    def _is_acknowledged(self, connection: http.client.HTTPConnection, batch: list[dict[str, Any]]) -> bool:
        credentials = base64.b64encode(f"{SECRET}:".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}"}
        try:
            connection.request("POST", "/v1/batch", orjson.dumps({"batch": batch}), headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            self.answers[0] += 1
            self._abandoned.wait(PAUSE_S)
            return False
        self.answers[answer.status] += 1
        if answer.status == 200:
            assert not orjson.loads(body).keys() & {"rejected", "withheld"}, body
            return True
        assert answer.headers["Retry-After"], f"{answer.status} says not when to come back"
        self._abandoned.wait(PAUSE_S)
        return False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._abandoned.set()
        self.wait()


def sdk_event(message: Message, at: int) -> dict[str, Any]:
    """Answer what an SDK would send of a message, as of `at` by its clock (milliseconds)."""
    body: dict[str, Any] = {
        "type": message.type,
        "messageId": message.message_id,
        "timestamp": iso(at),
        "context": {**message.context, "consent": {"categoryPreferences": message.consent}},
    }
    named = {"name": message.event} if message.type in ("page", "screen") else {"event": message.event}
    optional = {
        **named,
        "userId": message.user_id,
        "anonymousId": message.anonymous_id,
        "properties": dict(message.properties),
        "traits": dict(message.traits),
    }
    return body | {name: value for name, value in optional.items() if value}


def iso(at: int) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(at // 1000))}.{at % 1000:03d}Z"
