"""`python -m benchmarks.soak [--minutes 60]`: the whole house at half of its capacity, watched for what grows.

Kafka, Redis, a worker and an API process run as in production; decisions and events come at Poisson moments. Every few seconds memory,
open files and the age of the last commit are looked at; at the end each is held against its limit, and the exit code says whether all hold.
Everybody has a full profile beforehand: a worker keeps what it folded, and profiles that fill up would look like a leak. A run of half
an hour or more writes SOAK.md.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, linear_regression
from typing import cast

from redis import Redis

from benchmarks.conditions import conditions, load_average
from benchmarks.figures import Figure, table, told, within
from benchmarks.ground import rss
from benchmarks.http_client import post
from benchmarks.load import Load, sent
from deploy.embedded.process import Process
from profiles.redis_store import RedisStore
from profiles.store import StoreUnavailable, TopicPartition
from schemas.messages import Message
from tests.faults.house import PUBLISHABLE, House
from tests.servers.kafka import KafkaServer
from tests.servers.kafka_container import IMAGE
from tests.servers.redis import RedisServer
from tests.streaming import GRANTED, ends_of, lines, write

REPORT = Path(__file__).with_name("SOAK.md")
VISITORS = 2_000
VIEWS = 60
"""Of each visitor, beforehand: more than a section keeps."""
FILLED_S = 900.0
CONNECTIONS = 32
AT_ONCE = 8
LOOK_S = 5.0
WARM_UP = 0.2
"""Share of the run that is not looked at: caches fill, pools grow."""
SLOPE_LIMIT = 5.0
SLOPE_FROM_S = 1_800
"""A shorter run only tells the slope: pools and caches are still filling. Nor is it written down."""
AGE_LIMIT_S = 10.0
FILES_LIMIT = 16
"""Connections come and go; a leak of one a minute would be sixty."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one moment (seconds since the begin): bytes and open files by process, the commit's age, the load average."""

    at: float
    memory: Mapping[str, int]
    files: Mapping[str, int]
    age: float
    load: float


@dataclass(slots=True)
class Watch:
    """Everything seen so far."""

    looks: list[Look] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    _ends: list[tuple[float, dict[TopicPartition, int]]] = field(default_factory=list)

    async def look(self, house: House, store: RedisStore, at: float) -> Look:
        processes = [*house.workers, house.api]
        seen = Look(
            at,
            {each.name: rss(each) for each in processes},
            {each.name: _open_files(each) for each in processes},
            await self._age(house, store, at),
            load_average(),
        )
        self.looks.append(seen)
        return seen

    async def _age(self, house: House, store: RedisStore, at: float) -> float:
        """Answer how old the newest moment is whose whole log is committed."""
        self._ends.append((at, await ends_of(house.bootstrap, house.names)))
        try:
            stored = await store.checkpoints(self._ends[-1][1])
        except StoreUnavailable:
            stored = {}
        done = [
            moment for moment, ends in self._ends if all((stored.get(each) or 0) >= end for each, end in ends.items())
        ]
        newest = max(done, default=self._ends[0][0])
        self._ends = [(moment, ends) for moment, ends in self._ends if moment >= newest]
        return at - newest

    @property
    def oldest_commit(self) -> float:
        """Answer the greatest age of a commit in seconds."""
        return max(look.age for look in self._settled)

    @property
    def files_grown(self) -> dict[str, int]:
        """Answer how many more files each process has open at the end than once it was warm."""
        first, last = self._settled[0].files, self._settled[-1].files
        return {name: last[name] - count for name, count in first.items()}

    @property
    def memory_slopes(self) -> dict[str, float]:
        """Answer by how many percent an hour each process's memory grows."""
        looks = self._settled
        return {name: _percent_an_hour([(look.at, look.memory[name]) for look in looks]) for name in looks[0].memory}

    @property
    def others(self) -> dict[str, int]:
        """Answer how many answers were neither 200 nor 429, by status."""
        return {status: count for status, count in sorted(self.statuses.items()) if status not in ("200", "429")}

    @property
    def _settled(self) -> Sequence[Look]:
        return self.looks[int(len(self.looks) * WARM_UP) :]

    def figures(self) -> list[Figure]:
        """Answer what is held against the limits."""
        found = [within("commit age, the oldest", self.oldest_commit, "s", limit=AGE_LIMIT_S)]
        for name, slope in self.memory_slopes.items():
            growth = f"{name}: growth of memory"
            held = self.looks[-1].at >= SLOPE_FROM_S
            found += [
                within(growth, slope, "%/h", limit=SLOPE_LIMIT) if held else told(growth, slope, "%/h"),
                told(f"{name}: memory at the end", self.looks[-1].memory[name] / 2**20, "MB"),
                within(f"{name}: growth of open files", self.files_grown[name], "", limit=FILES_LIMIT),
            ]
        shed = 100 * self.statuses["429"] / max(1, self.statuses.total())
        return [
            *found,
            told("answers", self.statuses.total(), ""),
            told("answers that were 429", shed, "%"),
            within(
                "answers other than 200 and 429" + _in_brackets(self.others), sum(self.others.values()), "", limit=0
            ),
        ]

    def loads(self) -> str:
        """Say how many processes wanted a core while this ran."""
        seen = [look.load for look in self.looks]
        return f"{min(seen):.1f} to {max(seen):.1f}, {fmean(seen):.1f} on average"


async def soak(minutes: float) -> bool:
    """Run, tell and answer whether all limits held."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        kafka = stack.enter_context(KafkaServer(folder / "kafka"))
        redis = stack.enter_context(RedisServer(folder / "redis"))
        with Redis.from_url(redis.url) as client:
            client.config_set("appendfsync", "everysec")  # as in production; tests want every write on disk at once
            version = cast("dict[str, str]", client.info("server"))["redis_version"]
        house = stack.enter_context(
            House(folder / "house", bootstrap=kafka.bootstrap, redis_url=redis.url, name="soak")
        )
        _say(f"{VISITORS * VIEWS:,} views fill the profiles")
        await fill(house)
        rate = await half_of_capacity(house, seconds=10.0)
        _say(f"{2 * rate:,.0f} calls a second are its capacity; {minutes:g} minutes at {rate:,.0f}")
        watch = await watched(house, minutes * 60, rate)
    figures = [told("calls a second", rate, ""), *watch.figures()]
    servers = {"Redis": f"{version} (AOF everysec)", "Kafka": IMAGE.rpartition(":")[2]}
    facts = {**conditions(f"make soak MINUTES={minutes:g}", servers), "load average": watch.loads()}
    told_of = report(facts, figures)
    print(f"\n{told_of}")
    if minutes * 60 >= SLOPE_FROM_S:
        REPORT.write_text(told_of, encoding="utf-8")
    return all(figure.holds is not False for figure in figures)


def report(facts: Mapping[str, str], figures: Sequence[Figure]) -> str:
    """Answer the whole report in Markdown."""
    broken = [figure.name for figure in figures if figure.holds is False]
    verdict = f"Not held: {', '.join(broken)}." if broken else "Everything held."
    lines = "\n".join(f"- {name}: {fact}" for name, fact in facts.items())
    return f"# Soak\n\nMade by `make soak`. {verdict}\n\n{lines}\n\n{table(figures)}\n"


async def half_of_capacity(house: House, *, seconds: float) -> float:
    """Answer half of the calls a second that are answered when so few are under way that none is refused."""
    full = await asyncio.to_thread(sent, Load(house.port, _requests(), AT_ONCE, seconds))
    return full.rate / 2


async def fill(house: House, visitors: int = VISITORS) -> None:
    """Let the worker fold as many views of everybody, or of so many, as a profile keeps."""
    now = time.time_ns() // 1_000_000
    views = [
        Message(
            message_id=f"before-{number}-{view}",
            type="track",
            event="Job Viewed",
            properties={"job_id": f"good-{(number + view) % 12}"},
            event_time=now - (VIEWS - view) * 60_000,
            received_at=now,
            anonymous_id=f"visitor-{number}",
            consent=GRANTED,
        )
        for view in range(VIEWS)
        for number in range(visitors)
    ]
    await write(house.bootstrap, house.names, lines(views))
    async with house.store() as store:
        await house.caught_up(store, patience=FILLED_S)


async def watched(house: House, seconds: float, rate: float) -> Watch:
    """Send calls at a rate and look meanwhile."""
    watch, began = Watch(), time.monotonic()
    async with house.store() as store:
        loading = asyncio.create_task(_load(house, seconds, rate, watch.statuses))
        while not loading.done():
            seen = await watch.look(house, store, time.monotonic() - began)
            _say(_line(seen, seconds))
            await asyncio.wait({loading}, timeout=LOOK_S)
        await loading
    return watch


async def _load(house: House, seconds: float, rate: float, statuses: Counter[str]) -> None:
    """A minute at a time: what a run keeps of each answer stays small."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 1:
        outcome = await asyncio.to_thread(sent, Load(house.port, _requests(), CONNECTIONS, min(60.0, left), rate=rate))
        statuses.update(outcome.statuses)


def _requests() -> tuple[bytes, ...]:
    """Of four calls, three ask for a decision and one tells of a view; without an id, so that each counts."""
    context = {"consent": {"categoryPreferences": {"personalization": True}}}
    found = []
    for number in range(VISITORS):
        who = {"anonymousId": f"visitor-{number}"}
        asked = post("/v1/decide", {"selectors": ["jobs", "hero"], "user": who}, PUBLISHABLE)
        seen = {"event": "Job Viewed", "properties": {"job_id": f"good-{number % 12}"}, "context": context, **who}
        found += [asked, asked, post("/v1/track", seen, PUBLISHABLE), asked]
    return tuple(found)


def _percent_an_hour(points: Sequence[tuple[float, int]]) -> float:
    """Answer the slope of the line through memory over time, of its mean, an hour; what shrinks does not grow."""
    if len(points) < 2:
        return 0.0
    slope = linear_regression([at for at, _ in points], [size for _, size in points]).slope
    return max(0.0, slope * 3600 / (sum(size for _, size in points) / len(points)) * 100)


def _in_brackets(statuses: Mapping[str, int]) -> str:
    return f" ({', '.join(f'{status}: {count}' for status, count in statuses.items())})" if statuses else ""


def _open_files(process: Process) -> int:
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))


def _line(look: Look, seconds: float) -> str:
    memory = ", ".join(f"{name} {size / 2**20:.0f} MB" for name, size in look.memory.items())
    files = ", ".join(f"{name} {count}" for name, count in look.files.items())
    return f"{look.at / 60:5.1f} of {seconds / 60:g} min   {memory}   open files {files}   commit age {look.age:.0f} s"


def _say(sentence: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {sentence}", file=sys.stderr, flush=True)


def main() -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it reports each retry while topics get their leaders
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (default: 60)")
    sys.exit(0 if asyncio.run(soak(parser.parse_args().minutes)) else 1)


if __name__ == "__main__":
    main()
