"""Bytes of Redis a candidate, and what a worker holds in memory."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping

from benchmarks.distribution import distribution
from benchmarks.events import accepted
from benchmarks.figures import Chapter, Figure, told, within
from benchmarks.ground import DAY, LIVE, TOPICS, Ground, rss
from benchmarks.hoarder import USER_ID, hoarding
from benchmarks.log import Backlog, produce
from benchmarks.postings import grown
from deploy.embedded.process import Process
from schemas.topics import TopicNames

MOST_BYTES, MEDIAN_BYTES = 16 * 1024, 4 * 1024
KINDS = ("s", "d", "seg", "links", "redirect")
"""Keys that belong to one candidate; the ones whose name goes on with a topic are sections."""
MANY = TopicNames("bench-many")
MIB = 1024 * 1024

HOW = f"""\\
`MEMORY USAGE` of every key that belongs to one candidate id (sections, decision, segments, links), keys and Redis's own
overhead included, after the backlog. The worst candidate writes into every corner of a profile, in the longest words
that the door lets through, of four-byte characters; its own id has {len(USER_ID)} characters.

The worker's memory is its resident set after its first fold, the catalogue read; the postings are the sample's, copied
under ids of their own, so that employers, places and skills do not grow with them.
"""


def measure(ground: Ground) -> Chapter:
    """Answer bytes a candidate for everybody in the backlog and for the worst candidate, and two resident sets."""
    worker = ground.live_worker
    everybody = candidate_bytes(ground)
    resident = rss(worker)
    worst = _worst(ground, worker)
    return Chapter(
        "Memory",
        (
            *_redis_figures(everybody, worst),
            told(f"worker's resident set at {len(ground.jobs):,} postings", resident / MIB, "MiB"),
            told(
                f"worker's resident set at {ground.scale.postings:,} postings", _resident_with_many(ground) / MIB, "MiB"
            ),
        ),
        HOW,
    )


def candidate_bytes(ground: Ground) -> Mapping[str, Mapping[str, int]]:
    """Answer the bytes of each candidate id by kind of key."""
    prefix = f"{LIVE}:{ground.generation(LIVE)}:"
    sizes: dict[str, dict[str, int]] = defaultdict(dict)
    for kind in KINDS:
        keys = list(ground.redis.scan_iter(match=f"{prefix}{kind}:*", count=5_000))
        pipe = ground.redis.pipeline(transaction=False)
        for key in keys:
            pipe.memory_usage(key, samples=0)
        for key, size in zip(keys, pipe.execute(), strict=True):
            name = key.decode().removeprefix(f"{prefix}{kind}:")
            candidate = name.partition(":")[2] if kind == "s" else name
            sizes[candidate][kind] = sizes[candidate].get(kind, 0) + (size or 0)
    return sizes


def _redis_figures(everybody: Mapping[str, Mapping[str, int]], worst: int) -> tuple[Figure, ...]:
    whole = distribution(sum(kinds.values()) for kinds in everybody.values())
    sections = distribution(kinds.get("s", 0) for kinds in everybody.values())
    return (
        within("a candidate's state, median", whole.p50, "bytes", limit=MEDIAN_BYTES),
        within(f"a candidate's state, most of {whole.count:,}", whole.worst, "bytes", limit=MOST_BYTES),
        within("the worst candidate's state", worst, "bytes", limit=MOST_BYTES),
        told("of a candidate's state the sections, median", sections.p50, "bytes"),
        told("of a candidate's state the sections, most", sections.worst, "bytes"),
    )


def _worst(ground: Ground, worker: Process) -> int:
    ground.say("the worst candidate")
    backlog = asyncio.run(produce(map(accepted, hoarding(ground.began)), bootstrap=ground.kafka, names=TOPICS))
    ground.follow(worker, LIVE, backlog)
    return sum(candidate_bytes(ground)[f"u:{USER_ID}"].values())


def _resident_with_many(ground: Ground) -> int:
    ground.say(f"a worker with {ground.scale.postings:,} postings")
    ground.load(MANY, grown(ground.jobs, ground.scale.postings))
    happenings = ground.visitors.happenings(500, since=ground.began - DAY, until=ground.began)
    backlog: Backlog = asyncio.run(produce(map(accepted, happenings), bootstrap=ground.kafka, names=MANY))
    worker = ground.worker(MANY.prefix, MANY)
    ground.follow(worker, MANY.prefix, backlog)
    time.sleep(1)
    resident = rss(worker)
    worker.stop(grace_s=10)
    return resident
