"""Events a second of one worker with everything on, beside loops that only count the same log."""

import time

import orjson

from benchmarks.distribution import median
from benchmarks.figures import Chapter, Figure, at_least, beside, told
from benchmarks.ground import TOPICS, Ground
from benchmarks.progress import Mark, steady_rate
from schemas.topics import CANDIDATE_TOPICS

LIMIT = 5_000.0
"""Events a second that one worker must do."""
SHARE = 0.5
"""Of the bare Faust loop's rate: what folding, scoring and logging may leave of it."""
RIVAL_LIMIT = 120.0

HOW = """\
{scale.events:,} events of {scale.visitors:,} visitors wait on four topics of four partitions when a process starts; its
rate counts from the first tenth of them to the last decision. Median of {scale.rounds} rounds; in each, all three read
the same backlog.

The bare loops count records and do nothing else. The worker decodes, deduplicates, folds, writes sections and
checkpoints to Redis, rescores every candidate that was touched, keeps decisions, segments and trends, and logs what
changed to Kafka.
"""


def measure(ground: Ground) -> Chapter:
    """Answer the rates: all read one backlog, in turn, so that a busy moment of the machine hits each of them."""
    rates: dict[str, list[float]] = {"worker": [], "faust": [], "aiokafka": []}
    backlog = ground.backlog
    for number in range(ground.scale.rounds):
        ground.say(f"worker, round {number + 1} of {ground.scale.rounds}")
        for kind in ("faust", "aiokafka"):
            rates[kind].append(steady_rate(_bare(ground, kind), backlog.records))
        namespace = f"round-{number}"
        worker = ground.worker(namespace)
        rates["worker"].append(steady_rate(ground.follow(worker, namespace, backlog), backlog.records))
        worker.stop(grace_s=10)
    return Chapter("One worker", _figures(ground, rates), HOW.format(scale=ground.scale))


def _figures(ground: Ground, rates: dict[str, list[float]]) -> tuple[Figure, ...]:
    worker, faust, bare = (median(rates[kind]) for kind in ("worker", "faust", "aiokafka"))
    return (
        at_least("folded, rescored, decided and logged", worker, "events/s", limit=LIMIT),
        beside("the same", worker, "events/s", rival="bare Faust take_events", reference=faust, at_least=SHARE),
        beside("the same", worker, "events/s", rival="bare aiokafka getmany", reference=bare),
        told("slowest round", min(rates["worker"]), "events/s"),
        told("candidates decided for", float(_decided(ground)), ""),
    )


def _bare(ground: Ground, kind: str) -> list[Mark]:
    topics = [TOPICS.full(topic) for topic in CANDIDATE_TOPICS]
    output = ground.folder / f"{kind}-{time.monotonic_ns()}.json"
    rival = ground.rival("bare_consumers", kind, ground.kafka, str(ground.backlog.records), str(output), *topics)
    deadline = time.monotonic() + RIVAL_LIMIT
    while rival.is_running():
        if time.monotonic() > deadline:
            ground.check(rival, deadline, f"the bare {kind} loop ends")
        time.sleep(0.05)
    rival.kill()
    marks: list[Mark] = [(at, done) for at, done in orjson.loads(output.read_bytes())]
    return marks


def _decided(ground: Ground) -> int:
    prefix = f"round-0:{ground.generation('round-0')}:d:"
    return sum(1 for _ in ground.redis.scan_iter(match=f"{prefix}*", count=5_000))
