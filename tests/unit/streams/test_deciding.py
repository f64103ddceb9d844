import asyncio

import orjson
import pytest

from profiles.erasures import NOTHING, Erasures, encode_standing
from profiles.memory_store import MemoryStore
from profiles.pseudonym import pseudonym
from profiles.segments import load_segments
from profiles.store import DecisionPut, Written
from schemas.decision import Decision, Evidence
from schemas.decision_json import decode_decision
from schemas.logged import decode_logged
from schemas.topics import Topic
from streams.batch import Effect
from streams.deciding import Deciding
from streams.decoding import NOBODY_ERASED
from streams.judging import Bench
from streams.replay import Nothing
from streams.sink import MemorySink, as_they_are
from tests.unit.streams.records import CLICKS, NAMES, Desk, a_record, a_run, a_view

NOW = 2_000_000
RULES = load_segments(
    """
segments:
  viewers:
    name: Who looked at a posting of late
    when: {recency: {event: job_viewed, within: 7d}}
""",
    "segments.yaml",
)
NO_EVIDENCE = Evidence((), (), b"", ())


def judge(queries, _trends, now):
    if any(query.candidate.id == "u:odd" for query in queries):
        raise ZeroDivisionError
    return [
        (Decision(q.decision_id, q.candidate.id, now, q.candidate.version, (), q.segments), lambda: NO_EVIDENCE)
        for q in queries
    ]


def a_bench(judged=judge) -> Bench:
    return Bench(
        judge=judged,
        affinities=lambda _candidate, _now: {},
        rules=RULES,
        new_id=lambda candidate, now: f"d-{candidate}-{now}",
    )


def a_decider(desk: Desk, *, judged=judge, now: int = NOW, erasures: Erasures = NOBODY_ERASED) -> Deciding:
    return Deciding(
        store=desk.store,
        sink=desk.sink,
        names=NAMES,
        bench=a_bench(judged),
        clock=lambda: now,
        erasures=erasures,
    )


class Everything(Nothing):
    """A worker that owns every partition and keeps nothing."""

    def owns(self, _key):
        return True


async def decided(desk: Desk, effect: Effect) -> None:
    decider = a_decider(desk)
    await decider.decide(effect, Nothing())
    await decider.told()


async def decision_of(desk: Desk, candidate: str) -> Decision | None:
    kept = await desk.store.decision(candidate)
    return None if kept is None else decode_decision(kept)


async def committed(desk: Desk, *messages) -> Effect:
    checkpoint = (await desk.store.checkpoints([CLICKS]))[CLICKS]
    start = checkpoint or 0
    records = [a_record(start + n, message) for n, message in enumerate(messages)]
    return await desk.folder(stored=checkpoint, following=start).apply([a_run(*records)])


async def test_whoever_a_batch_touched_is_decided_for_at_the_version_it_made():
    desk = Desk()
    await decided(desk, await committed(desk, a_view(user="ada"), a_view(user="bob")))
    ada, bob = [await decision_of(desk, f"u:{name}") for name in ("ada", "bob")]

    assert ada is not None
    assert bob is not None
    assert (ada.version, bob.version) == ({"clicks/u:ada": 0}, {"clicks/u:bob": 1})
    assert await desk.store.undecided() == {}
    assert len(desk.sink.to("careers.decisions")) == 2


async def test_a_browsers_event_decides_for_the_browser_alone_and_for_the_user_with_everything():
    desk = Desk()
    link = a_view("j-1", user="ada", anonymous_id="x", at=1)
    browser = a_view("j-2", user=None, anonymous_id="x", at=2)
    await decided(desk, await committed(desk, link))
    await decided(desk, await committed(desk, browser))
    user, alone = await decision_of(desk, "u:ada"), await decision_of(desk, "a:x")

    assert user is not None
    assert alone is not None
    assert user.version == {"clicks/u:ada": 0, "clicks/a:x": 1}
    assert alone.version == {"clicks/a:x": 1}


async def test_who_enters_a_segment_is_told_of_once():
    desk = Desk()
    decider = a_decider(desk)
    for at in (NOW - 10, NOW - 5):
        await decider.decide(await committed(desk, a_view(at=at)), Nothing())
        await decider.told()
    events = [orjson.loads(record.value or b"") for record in desk.sink.to("careers.segments")]

    assert [(event["candidateId"], event["segment"], event["change"]) for event in events] == [
        ("u:ada", "viewers", "entered")
    ]
    assert await desk.store.members("viewers") == [("u:ada", NOW)]
    assert await desk.store.untold() == set()


async def test_time_alone_takes_somebody_out_of_a_segment():
    desk = Desk()
    await decided(desk, await committed(desk, a_view(at=NOW - 10)))
    later = a_decider(desk, now=NOW + 9 * 86_400_000)
    await later.sweep(Everything())
    changes = [orjson.loads(record.value or b"")["change"] for record in desk.sink.to("careers.segments")]

    assert changes == ["entered", "exited"]
    assert await desk.store.members("viewers") == []


async def test_one_persons_trouble_stays_theirs():
    desk = Desk()
    effect = await committed(desk, *(a_view(user=name) for name in ("a", "b", "odd", "c", "d")))
    await decided(desk, effect)
    known = [name for name in ("a", "b", "odd", "c", "d") if await decision_of(desk, f"u:{name}")]

    assert known == ["a", "b", "c", "d"]
    assert await desk.store.undecided() == {}


async def test_a_decision_that_crossed_another_workers_is_made_again():
    class Crossing(MemoryStore):
        crossed = False

        async def put_decisions(self, puts):
            if not self.crossed:
                self.crossed = True
                rival = Decision("rival", "u:ada", 1, {"clicks/u:ada": 0, "sessions/u:ada": 9}, ())
                assert (await super().put_decisions([DecisionPut(rival)]))[0].written is Written.WRITTEN
            return await super().put_decisions(puts)

    desk = Desk(store=Crossing())
    await decided(desk, await committed(desk, a_view(at=1), a_view(at=2)))
    kept = await decision_of(desk, "u:ada")

    assert kept is not None
    assert kept.version == {"clicks/u:ada": 1}


async def test_what_an_ended_worker_left_undecided_is_decided_by_the_sweep():
    desk = Desk()
    await committed(desk, a_view())
    decider = a_decider(desk)
    await decider.sweep(Everything())
    before = await decision_of(desk, "u:ada")
    await decider.sweep(Everything())

    assert before is None
    assert await decision_of(desk, "u:ada") is not None
    assert await desk.store.undecided() == {}


async def test_the_sweep_leaves_alone_who_stands_in_line_anyway():
    class InLine(Everything):
        def awaits(self, candidate):
            return candidate == "u:ada"

    desk = Desk()
    await committed(desk, a_view(), a_view(user="bob"))
    decider = a_decider(desk)
    for _ in range(3):
        await decider.sweep(InLine())

    assert await desk.store.decision("u:ada") is None
    assert await desk.store.decision("u:bob") is not None
    assert set(await desk.store.undecided()) == {(Topic.CLICKS, "u:ada")}


class SlowSink(MemorySink):
    """Kafka, which acknowledges when it is let."""

    def __init__(self, acknowledged: asyncio.Event) -> None:
        super().__init__()
        self.acknowledged = acknowledged

    async def send(self, records, link=as_they_are):
        await self.acknowledged.wait()
        await super().send(records, link)


async def killed_before_kafka_was_told(desk: Desk) -> None:
    effect = await committed(desk, a_view(at=NOW - 10))
    worker = Desk(store=desk.store, sink=SlowSink(asyncio.Event()))
    await a_decider(worker).decide(effect, Nothing())


async def test_what_a_killed_worker_decided_and_did_not_tell_is_logged_and_told_by_the_sweep_as_it_was_served():
    desk = Desk()
    await killed_before_kafka_was_told(desk)
    served = await decision_of(desk, "u:ada")
    decider = a_decider(desk)
    await decider.sweep(Everything())
    at_first = list(desk.sink.sent)
    await decider.sweep(Everything())
    first, *_ = desk.sink.to(NAMES.full(Topic.DECISIONS))
    logged = decode_logged(first.value or b"")

    assert at_first == []  # another worker may be telling it just now
    assert logged is not None
    assert served is not None
    assert (logged.decision, logged.evidence) == (served, NO_EVIDENCE)
    assert (first.key, first.timestamp) == (b"u:ada", served.decided_at)
    assert [record.key for record in desk.sink.to(NAMES.full(Topic.SEGMENTS))] == [b"u:ada"]
    assert await desk.store.untold() == set()


@pytest.mark.parametrize(
    ("standing", "changes"),
    [(NOTHING.with_erasure(), ["exited"]), (NOTHING.with_erasure().released(NOW + 1), [])],
    ids=["for good", "and taken up again"],
)
async def test_who_was_erased_meanwhile_is_not_told_of_any_more(standing, changes):
    desk, erasures = Desk(), Erasures()
    await killed_before_kafka_was_told(desk)
    erasures.apply(pseudonym("u:ada"), encode_standing(standing))
    decider = a_decider(desk, erasures=erasures)
    for _ in range(2):
        await decider.sweep(Everything())
    told = desk.sink.to(NAMES.full(Topic.SEGMENTS))

    assert [orjson.loads(each.value or b"")["change"] for each in told] == changes
    assert await desk.store.untold() == set()


async def test_what_is_left_untold_is_left_to_the_worker_that_owns_the_candidate():
    desk = Desk()
    await killed_before_kafka_was_told(desk)
    decider = a_decider(desk)
    for _ in range(3):
        await decider.sweep(Nothing())

    assert desk.sink.sent == []
    assert len(await desk.store.untold()) == 2


async def test_deciding_goes_on_while_kafka_is_told_and_is_settled_when_it_was():
    acknowledged = asyncio.Event()
    desk = Desk(sink=SlowSink(acknowledged))
    decider = a_decider(desk)
    for name in ("ada", "bob", "cyd"):
        await decider.decide(await committed(desk, a_view(user=name)), Nothing())
    before = set(await desk.store.undecided())
    acknowledged.set()
    await decider.told()

    assert before == {(Topic.CLICKS, f"u:{name}") for name in ("ada", "bob", "cyd")}
    assert await desk.store.undecided() == {}
    assert len(desk.sink.to("careers.decisions")) == 3


async def test_deciding_waits_when_kafka_falls_too_far_behind(monkeypatch):
    monkeypatch.setattr("streams.telling.UNTOLD", 4)
    acknowledged = asyncio.Event()
    desk = Desk(sink=SlowSink(acknowledged))
    decider = a_decider(desk)
    for number in range(4):
        await decider.decide(await committed(desk, a_view(user=f"p{number}")), Nothing())
    one_more = asyncio.create_task(decider.decide(await committed(desk, a_view(user="late")), Nothing()))
    done, _ = await asyncio.wait([one_more], timeout=0.05)
    acknowledged.set()
    await one_more
    await decider.told()

    assert not done
    assert await desk.store.undecided() == {}


@pytest.mark.parametrize("people", [1, 700])
async def test_everybody_is_decided_for_whatever_their_number(people):
    desk = Desk()
    for start in range(0, people, 350):
        names = [f"p{n}" for n in range(start, min(start + 350, people))]
        await decided(desk, await committed(desk, *(a_view(user=name) for name in names)))

    assert len([n for n in range(people) if await decision_of(desk, f"u:p{n}")]) == people
