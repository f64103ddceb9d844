"""`POST /v1/decide` of one API process, beside a bare FastAPI route that does one Redis GET."""

import time

from benchmarks.distribution import Distribution, distribution
from benchmarks.figures import Chapter, Figure, beside, told, within
from benchmarks.ground import LIVE, PUBLISHABLE, Ground
from benchmarks.http_client import post
from benchmarks.load import Load, Outcome, sent
from deploy.embedded.process import free_port, listens
from profiles.redis_layout import Layout

CONNECTIONS = (1, 8, 32)
OPEN_RATE = 500.0
OPEN_CONNECTIONS = 64
P99_LIMIT_MS = 10.0
RIVAL = "bare FastAPI + Redis GET"

HOW = f"""\
A request names two selectors (ten jobs, a hero) and its context, and goes round all visitors of the backlog, whose
decisions are stored. The rival parses the body and answers the stored decision unread, under the same uvicorn settings
(uvloop, httptools, no access log).

Closed loop: a connection sends its next request when it has its answer. Open loop: requests are due at Poisson
moments, {OPEN_RATE:g} a second over {OPEN_CONNECTIONS} connections, and latency counts from the due moment, waiting
included. The load client is a process of its own.
"""


def measure(ground: Ground) -> Chapter:
    """Answer rates and latencies; API and rival take turns."""
    api = ground.api
    ids = ground.visitors.ids()
    rival, constant = free_port(), free_port()
    _start(ground, rival, "bare_api", str(rival), ground.redis_url)
    _start(ground, constant, "constant_server", str(constant))
    # Both asked for the same candidates in the same order; the rival answers the stored decision as it lies there.
    decide = tuple(post("/v1/decide", _decide_body(visitor), PUBLISHABLE) for visitor in ids)
    get = tuple(post("/v1/decide", {"key": _decision_key(ground, visitor)}, PUBLISHABLE) for visitor in ids)
    figures: list[Figure] = []
    for connections in CONNECTIONS:
        ground.say(f"HTTP, {connections} connections")
        bare = sent(Load(rival, get, connections, ground.scale.load_seconds))
        ours = sent(Load(api.port, decide, connections, ground.scale.load_seconds))
        figures += _closed(connections, ours, bare)
    ground.say(f"HTTP, {OPEN_RATE:g} requests/s whatever the answers")
    load = Load(rival, get, OPEN_CONNECTIONS, ground.scale.open_seconds, rate=OPEN_RATE)
    bare = sent(load)
    ours = sent(Load(api.port, decide, OPEN_CONNECTIONS, ground.scale.open_seconds, rate=OPEN_RATE))
    figures += _open(ours, bare)
    alone = sent(Load(constant, decide, CONNECTIONS[-1], min(2.0, ground.scale.load_seconds)))
    figures.append(told("the load client against a server that only says 200", alone.rate, "requests/s"))
    return Chapter("POST /v1/decide of one API process", tuple(figures), HOW)


def _closed(connections: int, ours: Outcome, bare: Outcome) -> list[Figure]:
    name = f"{connections} connection{'s' if connections > 1 else ''}"
    mine, theirs = _checked(ours), _checked(bare)
    return [
        beside(f"{name}: throughput", ours.rate, "requests/s", rival=RIVAL, reference=bare.rate),
        beside(f"{name}: p50", mine.p50, "ms", rival=RIVAL, reference=theirs.p50),
        beside(f"{name}: p99", mine.p99, "ms", rival=RIVAL, reference=theirs.p99),
    ]


def _open(ours: Outcome, bare: Outcome) -> list[Figure]:
    name = f"open loop at {OPEN_RATE:g} requests/s"
    mine, theirs = _checked(ours), _checked(bare)
    return [
        within(f"{name}: p99", mine.p99, "ms", limit=P99_LIMIT_MS),
        beside(f"{name}: p99", mine.p99, "ms", rival=RIVAL, reference=theirs.p99),
        beside(f"{name}: p50", mine.p50, "ms", rival=RIVAL, reference=theirs.p50),
        told(f"{name}: worst", mine.worst, "ms"),
        told(f"{name}: share of a core that the load client takes", ours.busy, ""),
    ]


def _checked(outcome: Outcome) -> Distribution:
    """Answer the latencies; a run with answers other than 200 measured something else."""
    if outcome.failures:
        raise RuntimeError(f"answers by status: {outcome.statuses}")
    return distribution(outcome.latencies)


def _decide_body(anonymous_id: str) -> dict[str, object]:
    return {
        "selectors": [{"name": "jobs", "count": 10}, "hero"],
        "user": {"anonymousId": anonymous_id},
        "context": {"page": {"type": "JOB_LIST"}, "locale": "en-US", "device": {"type": "mobile"}},
    }


def _decision_key(ground: Ground, anonymous_id: str) -> str:
    return Layout(LIVE).of(ground.generation(LIVE), "d", f"a:{anonymous_id}")


def _start(ground: Ground, port: int, module: str, *arguments: str) -> None:
    process = ground.rival(module, *arguments)
    deadline = time.monotonic() + 30
    while not listens(port):
        ground.check(process, deadline, f"{module} listens")
        time.sleep(0.05)
