"""Visitors who ask for decisions, many at once or at a rate, from a process of their own."""

import asyncio

from benchmarks.http_client import post
from benchmarks.load import Load, Outcome, sent
from tests.faults.house import PUBLISHABLE, House

VISITORS = 400


async def asked_by_visitors(house: House, *, connections: int, seconds: float, rate: float | None = None) -> Outcome:
    """Have visitors ask for decisions, as fast as they are answered or at so many Poisson moments a second."""
    requests = tuple(
        post("/v1/decide", {"selectors": ["jobs"], "user": {"anonymousId": f"visitor-{number}"}}, PUBLISHABLE)
        for number in range(VISITORS)
    )
    return await asyncio.to_thread(sent, Load(house.port, requests, connections, seconds, rate=rate))


def late(outcome: Outcome) -> float:
    """Answer the 99th percentile of what visitors waited, in milliseconds."""
    return sorted(outcome.latencies)[int(len(outcome.latencies) * 0.99)]
