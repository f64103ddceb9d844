"""What is served while Kafka is away outlives the process that served it, and nobody who was erased comes back by it."""

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest

from api.memory_log import MemoryLog
from api.outbox import MemoryOutbox
from profiles.erasures import NOTHING, Erasures, encode_standing
from profiles.pseudonym import pseudonym
from schemas.logged import decode_logged
from schemas.served import decode_served
from schemas.topics import Topic
from tests.unit.api.doors import NOON, Door, a_job


@pytest.fixture(autouse=True)
def _nobody_waits_for_kafka_at_the_end(monkeypatch):
    monkeypatch.setattr("api.decision_log._DRAIN", 0.1)


@asynccontextmanager
async def a_site(outbox, **options):
    log = MemoryLog(away=options.pop("away", False))
    async with Door(log=log, options={"outbox": outbox, **options}).open() as door:
        door.offer(*(a_job(f"nurse-{number}", days_old=number + 1) for number in range(4)))
        yield door


async def served(door, *people):
    answers = [await door.decide("jobs", user={"anonymousId": person}) for person in people]
    return [answer["choices"][0]["decisionId"] for answer in answers]


async def until(holds):
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.01)


async def left_by_a_killed_process(*people):
    """Answer what a process had kept when it was killed, and under which ids it had answered."""
    outbox = MemoryOutbox()
    async with a_site(outbox, away=True) as door:
        ids = await served(door, *people)
        # Strangers share the decision that they were answered by.
        await until(lambda: len(outbox.kept) == 1 + len(people))
        return dict(outbox.kept), ids


def logged(door):
    """Answer what lies in the decision log, in its order: ids of decisions that were made, and of choices that were served."""
    found = []
    for record in door.log.of(Topic.DECISIONS):
        if (made := decode_logged(record.value)) is not None:
            found.append(made.decision.id)
        elif (answer := decode_served(record.value)) is not None:
            found += [choice.id for choice in answer.choices]
    return found


async def test_while_kafka_is_there_nothing_is_kept_beside_it():
    class Untouched(MemoryOutbox):
        async def keep(self, news):
            raise AssertionError(news)

    async with a_site(Untouched()) as door:
        ids = await served(door, "a1", "a2")
        await until(lambda: set(ids) <= set(logged(door)))


async def test_what_is_kept_is_told_once_when_kafka_is_back_and_kept_no_longer():
    outbox = MemoryOutbox()
    async with a_site(outbox, away=True) as door:
        ids = await served(door, "a1", "a2")
        await until(lambda: len(outbox.kept) == 3)
        door.log.away = False
        await until(lambda: not outbox.kept)

    assert [each for each in logged(door) if each in ids] == ids
    assert len(logged(door)) == len(set(logged(door))) == 3


async def test_the_next_process_tells_what_a_killed_one_had_served_decisions_before_answers():
    left, ids = await left_by_a_killed_process("a1", "a2")
    outbox = MemoryOutbox(left)
    async with a_site(outbox) as door:
        await until(lambda: not outbox.left and not outbox.kept)
        told = logged(door)
        answers = [read for each in door.log.of(Topic.DECISIONS) if (read := decode_served(each.value)) is not None]

    assert sorted(told[1:]) == sorted(ids)
    assert {each.base for each in answers} == {told[0]}
    assert {each.at for each in door.log.of(Topic.DECISIONS)} == {NOON}
    assert {orjson.loads(each.value)["kind"] for each in door.log.of(Topic.DECISIONS)} == {"decided", "served"}


@pytest.mark.parametrize("standing", [NOTHING.with_erasure(), NOTHING.with_erasure().released(NOON + 1)])
async def test_what_an_erased_person_was_served_does_not_come_back(standing):
    left, ids = await left_by_a_killed_process("a1", "a2")
    erasures, outbox = Erasures(), MemoryOutbox(left)
    erasures.apply(pseudonym("a:a1"), encode_standing(standing))
    async with a_site(outbox, erasures=erasures) as door:
        await until(lambda: not outbox.left and not outbox.kept)

    assert ids[1] in logged(door)
    assert ids[0] not in logged(door)


async def test_who_came_back_after_an_erasure_is_told_of_what_they_were_served_since():
    left, ids = await left_by_a_killed_process("a1")
    erasures, outbox = Erasures(), MemoryOutbox(left)
    erasures.apply(pseudonym("a:a1"), encode_standing(NOTHING.with_erasure().released(NOON)))
    async with a_site(outbox, erasures=erasures) as door:
        await until(lambda: not outbox.left and not outbox.kept)

    assert set(ids) <= set(logged(door))


async def test_nothing_is_taken_over_before_it_is_known_who_was_erased():
    left, ids = await left_by_a_killed_process("a1")
    listed, outbox = asyncio.Event(), MemoryOutbox(left)
    async with a_site(outbox, is_listed=listed.is_set) as door:
        (own,) = await served(door, "a2")
        await until(lambda: own in logged(door))
        before = dict(outbox.left)
        listed.set()
        await until(lambda: not outbox.left and not outbox.kept)

    assert before == left
    assert set(ids) <= set(logged(door))


async def test_a_process_that_is_stopped_while_kafka_is_away_leaves_what_it_served_to_the_next():
    outbox = MemoryOutbox()
    async with a_site(outbox, away=True) as door:
        await served(door, "a1")
    dropped = door.app.state.ports.metrics.page()

    assert len(outbox.kept) == 2
    assert b"careerstream_decision_log_dropped_total 0.0" in dropped


@pytest.mark.parametrize("limit", [0, -1])
async def test_what_finds_no_room_is_counted_as_unkept_and_told_all_the_same(limit):
    outbox = MemoryOutbox(limit=limit)
    async with a_site(outbox, away=True) as door:
        ids = await served(door, "a1")
        async with asyncio.timeout(60):
            while limit < 0 and "careerstream_decision_log_unkept 2.0" not in await metrics(door):
                await asyncio.sleep(0.01)
        door.log.away = False
        await until(lambda: set(ids) <= set(logged(door)))
        async with asyncio.timeout(60):
            while "careerstream_decision_log_unkept 0.0" not in await metrics(door):
                await asyncio.sleep(0.01)


async def metrics(door):
    return (await door.get("/metrics", key=None)).text
