"""Somebody who is known, asked for again and again: what answers say of how old they are and how far the log is in them."""

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from tests.faults.house import SECRET, House
from tests.faults.prober import AGREED, headers

_BUDGET_MS = 1000


@dataclass(frozen=True, slots=True)
class Dated:
    """An answer; times are milliseconds since the epoch, `asked_at` by this process, the others as it says itself."""

    asked_at: int
    decided_at: int
    made_at: int
    age_ms: int
    version: int
    degraded: bool
    warnings: frozenset[str]


class Known:
    """Made once a worker's decision is kept for them: the same is answered twice."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._who = {"userId": f"known-{time.time_ns()}"}
        after = self.views("good-1")
        until = time.monotonic() + 240
        while (answer := self.ask(after)).warnings or self.ask().made_at != answer.made_at:
            assert time.monotonic() < until, f"nothing is kept: {answer}"
            time.sleep(0.05)

    def views(self, job: str) -> str:
        """Look at a posting; answer the token by which that can be waited for."""
        viewed = {"event": "Job Viewed", "properties": {"job_id": job}, "context": AGREED, **self._who}
        while "after" not in (told := self._post("/v1/track", viewed)):
            time.sleep(0.05)  # the API was busy
        return str(told["after"])

    def ask(self, after: str | None = None) -> Dated:
        asked_at = now_ms()
        asked = {"selectors": ["jobs"], "user": self._who, "after": after, "options": {"budgetMs": _BUDGET_MS}}
        while "choices" not in (told := self._post("/v1/decide", asked)):
            time.sleep(0.05)
        return Dated(
            asked_at,
            _milliseconds(told["decidedAt"]),
            _milliseconds(told["madeAt"]),
            told["ageMs"],
            told["profile"]["version"],
            any(choice["degraded"] for choice in told["choices"]),
            frozenset(warning["code"] for warning in told["warnings"]),
        )

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        with closing(self._house.connection()) as connection:
            connection.request("POST", path, orjson.dumps(body), headers(SECRET))
            told: dict[str, Any] = orjson.loads(connection.getresponse().read())
        return told


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _milliseconds(told: str) -> int:
    return round(datetime.fromisoformat(told).timestamp() * 1000)
