"""People are judged in a thread: whoever changes what that reads waits for it, and nobody else does."""

import asyncio
import threading

from profiles.candidate import merge
from schemas.decision import Decision, Evidence
from scorers.trends import Trends
from streams.judging import Bench

NOW = 1_000
NOTHING = Evidence((), (), b"", ())
PEOPLE = [merge("u:ada", {})]


def a_bench(judge, reading=None) -> Bench:
    return Bench(
        judge=judge, affinities=lambda *_: {}, rules=(), new_id=lambda candidate, _now: candidate, reading=reading
    )


def decided(queries, _trends, now):
    return [(Decision(each.decision_id, each.candidate.id, now, {}, ()), lambda: NOTHING) for each in queries]


async def test_the_event_loop_goes_on_while_people_are_judged():
    began, may_end = threading.Event(), threading.Event()

    def slow(queries, trends, now):
        began.set()
        assert may_end.wait(10)
        return decided(queries, trends, now)

    judging = asyncio.create_task(a_bench(slow).judge(PEOPLE, Trends({}), NOW, named=lambda each: each))
    while not began.is_set():
        await asyncio.sleep(0.001)
    was_done = judging.done()
    may_end.set()

    assert not was_done
    assert [each.decision.candidate_id for each in await judging] == ["u:ada"]


async def test_nobody_is_judged_while_what_that_reads_is_changed():
    reading = asyncio.Lock()
    bench = a_bench(decided, reading)
    async with reading:
        judging = asyncio.create_task(bench.judge(PEOPLE, Trends({}), NOW, named=lambda each: each))
        done, _ = await asyncio.wait({judging}, timeout=0.05)

    assert not done
    assert len(await judging) == 1
