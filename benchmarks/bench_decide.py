"""Deciding, by the size of the catalogue: one person alone, and a worker's batch; `python -m benchmarks.bench_decide`.

Postings are the sample's, copied under ids, towns and times of their own; people view what lies in one or two of the towns. Wall-clock
time beside the thread's own: where they differ, somebody else had the processor.
"""

import gc
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial
from random import Random

from benchmarks.distribution import Distribution, distribution, median
from benchmarks.figures import Chapter, Figure, told, within
from catalog.index import Catalog
from catalog.sample import sample_content, sample_jobs
from profiles.candidate import Candidate, Dismissal, Interaction, Search
from profiles.preferences import NO_PREFERENCES
from profiles.trails import looked_at
from profiles.visits import SessionState
from schemas.decision_json import encode_decision
from schemas.jobs import Job
from scorers.affinity import affinities
from scorers.models import PriorModel
from scorers.overlay import lay
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.query import Query, RequestContext, SelectorRequest
from scorers.sessions import Sessions
from scorers.trends import Trends

SIZES = (100, 1_000, 10_000, 100_000)
BATCH = 400
OTHERS = 20_000
"""Sessions of others: some look at the very postings that the people asked about looked at."""
NOW = 1_763_900_000_000
HOUR, DAY = 3_600_000, 86_400_000
SINGLE_LIMIT_MS, RANKING_LIMIT_MS = 8.0, 1.0
RETRIEVAL = ("people", "sources", "rules")
"""The stages that find a person's candidates; what comes after ranks them."""
PAGE = ("jobs", "hero")
"""What a page asks for."""


def postings(count: int) -> Iterator[Job]:
    """Answer so many postings: the sample's, then copies in towns of their own and a little older."""
    sample = list(sample_jobs(NOW))
    for number in range(count):
        job, copy = sample[number % len(sample)], number // len(sample)
        towns = tuple(replace(place, locality=f"{place.locality} {copy}") for place in job.places)
        yield replace(job, id=f"{job.id}.{copy}", places=towns, posted_at=(job.posted_at or NOW) - copy * HOUR)


def somebody(number: int, jobs: list[Job], near: dict[str, list[Job]]) -> Candidate:
    """Answer a person with 2 to 30 views in mostly one town, and a share of everything else people do."""
    chance = Random(number)
    home = near[chance.choice(jobs).places[0].label]
    seen = [chance.choice(home if chance.random() < 0.8 else jobs) for _ in range(chance.choice([2, 2, 5, 12, 30]))]
    deeds = [Interaction(NOW - place * HOUR, "viewed", job.id) for place, job in enumerate(seen)]
    reads = [Interaction(deed.at - 1, "read", deed.job_id, chance.randrange(90_000)) for deed in deeds[::2]]
    name = f"a:{number:06d}-0000-4000-8000-000000000000"
    wishes = replace(NO_PREFERENCES, salary_min=40_000.0, employment_types=("FULL_TIME",))
    return Candidate(
        id=name,
        ids=(name,),
        version={f"clicks/{name}": number, f"sessions/{name}": number},
        interactions=tuple(sorted([*deeds, *reads], reverse=True)),
        saved={seen[0].id: NOW - HOUR} if chance.random() < 0.4 else {},
        dismissed={seen[-1].id: Dismissal(NOW - DAY, None)} if chance.random() < 0.3 else {},
        shown={chance.choice(jobs).id: (1, NOW - HOUR) for _ in range(24)},
        searches=(Search(NOW - HOUR, seen[0].title, {}),) if chance.random() < 0.3 else (),
        session=SessionState("s", NOW - HOUR, NOW, 4),
        preferences=wishes if chance.random() < 0.3 else NO_PREFERENCES,
        last_visit_before=NOW - 3 * DAY,
    )


def measure(_ground: object = None) -> Chapter:
    """Answer the figures of every size."""
    figures: list[Figure] = []
    for size in SIZES:
        figures += _of_size(size)
    return Chapter("Deciding", tuple(figures), __doc__ or "")


def _of_size(size: int) -> Iterator[Figure]:
    jobs = list(postings(size))
    before = _resident_mb()
    catalog, started = Catalog(), time.perf_counter()
    for job in jobs:
        catalog.apply_job(job.id, job)
    catalog.settle()
    loaded = (time.perf_counter() - started) / size * 1e6
    used = _resident_mb() - before
    for content in sample_content(NOW):
        catalog.apply_content(content.id, content)
    near: dict[str, list[Job]] = {}
    for job in jobs:
        near.setdefault(job.places[0].label, []).append(job)
    queries = [Query(somebody(number, jobs, near), f"000-{number:012x}-0123456789ab") for number in range(BATCH)]
    sessions = _sessions(jobs, near)
    trends = Trends({Random(number).choice(jobs).id: float(number) for number in range(300)})

    def judge(some: list[Query], selectors: Collection[str] | None = None) -> list[bytes]:
        made = decide(
            some,
            catalog=catalog,
            policy=Policy(),
            model=PriorModel(),
            trends=trends,
            now=NOW,
            sessions=sessions,
            selectors=selectors,
        )
        return [encode_decision(decision) for decision, _ in made]

    sizes = median([float(len(value)) for value in judge(queries)])
    gc.collect()
    gc.freeze()
    alone = _timed([partial(judge, [query]) for query in queries])
    asked = _timed([partial(judge, [query], PAGE) for query in queries])
    ranking, considered = _ranking(queries, catalog, trends, sessions)
    batch = _timed([lambda: judge(queries)] * 9)
    decision = decide([queries[0]], catalog=catalog, policy=Policy(), model=PriorModel(), trends=trends, now=NOW)[0][0]
    request, here = SelectorRequest("jobs"), RequestContext()
    laid = _timed([lambda: lay(decision, request, here, catalog, Policy(), NOW)] * 200)

    def like(query: Query) -> object:
        return affinities(query.candidate, catalog, NOW)["category"]

    liked = _timed([partial(like, query) for query in queries])
    name = f"{size:,} postings"
    yield told(f"{name}: indexing one", loaded, "us")
    yield told(f"{name}: memory", used, "MB")
    yield within(f"{name}: one person, median", alone[0].p50, "ms", limit=SINGLE_LIMIT_MS)
    yield told(f"{name}: one person, p99", alone[0].p99, "ms")
    yield told(f"{name}: one person, median of own time", alone[1].p50, "ms")
    yield told(f"{name}: one person, {' and '.join(PAGE)} only, median of own time", asked[1].p50, "ms")
    yield within(
        f"{name}: one person's {considered:.0f} candidates after retrieval, median of own time",
        ranking,
        "ms",
        limit=RANKING_LIMIT_MS,
    )
    yield told(f"{name}: a person of {BATCH}, median", batch[0].p50 / BATCH, "ms")
    yield told(f"{name}: a person of {BATCH}, least own time", batch[1].p50 / BATCH, "ms")
    yield told(f"{name}: a request laid over, median", laid[0].p50, "ms")
    yield told(f"{name}: affinities in words, median", liked[0].p50 * 1000, "us")
    yield told(f"{name}: stored decision", sizes, "bytes")


def _sessions(jobs: list[Job], near: dict[str, list[Job]]) -> Sessions:
    """Answer what others looked at, as many as are remembered; they look at what the people asked for look at."""
    sessions = Sessions()
    for number in range(OTHERS):
        other = somebody(number % (4 * BATCH) if number % 2 else BATCH + number, jobs, near)
        sessions.put(f"s-{number}", looked_at(other))
    return sessions


def _ranking(queries: list[Query], catalog: Catalog, trends: Trends, sessions: Sessions) -> tuple[float, float]:
    """Answer how many milliseconds of its own the ranking of one person's candidates takes, and how many those are: medians."""
    spent: list[float] = []
    considered: list[float] = []
    for query in queries:
        began, total = time.thread_time(), 0.0

        def lap(stage: str) -> None:
            nonlocal began, total
            now = time.thread_time()
            total += 0.0 if stage in RETRIEVAL else now - began
            began = time.thread_time()

        ((_, recall),) = decide(
            [query],
            catalog=catalog,
            policy=Policy(),
            model=PriorModel(),
            trends=trends,
            now=NOW,
            sessions=sessions,
            lap=lap,
        )
        spent.append(total * 1000)
        considered.append(float(len(recall().considered)))
    return median(spent), median(considered)


def _timed(calls: list[Callable[[], object]]) -> tuple[Distribution, Distribution]:
    """Answer the wall-clock time and the thread's own, in milliseconds."""
    wall, own = [], []
    calls[0]()
    for call in calls:
        began, worked = time.perf_counter(), time.thread_time()
        call()
        own.append((time.thread_time() - worked) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
    return distribution(wall), distribution(own)


def _resident_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as told_by_kernel:  # noqa: PTH123  a pseudo-file, not a path of ours
        return int(told_by_kernel.read().split()[1]) * 4096 / 1e6


if __name__ == "__main__":
    for figure in measure().figures:
        print(f"{figure.name:55} {figure.measured:10.3f} {figure.unit}")
