"""People erased in the middle of live traffic: what stood before is gone, what came after counts, and a replay says the same."""

import asyncio
from dataclasses import replace

import pytest

from profiles.erasures import NOTHING, Erasures, encode_standing
from profiles.memory_store import MemoryStore
from profiles.pseudonym import pseudonym
from schemas.erasing import encode_erasure
from schemas.topics import CANDIDATE_TOPICS
from streams.replay import replay
from tests.streaming import NOW, Line, caught_up, differences, history, lines, worker, write

pytestmark = pytest.mark.servers
PEOPLE = range(5)
"""Every fifth of the people of a history."""


def ids_of(who):
    return {f"u:user-{who}", *(f"a:anon-{who}-{number}" for number in range(3))}


ERASED = set().union(*(ids_of(who) for who in PEOPLE))


ERASED_AT = NOW + 2_000_000
"""After all that happened before, by every clock of a history, and before all that comes after."""


def erasing():
    value = encode_erasure(ERASED_AT)
    return [Line(topic, each.encode(), value) for each in sorted(ERASED) for topic in CANDIDATE_TOPICS]


def names_somebody_erased(message):
    return bool({f"u:{message.user_id}", f"a:{message.anonymous_id}"} & ERASED)


@pytest.mark.parametrize("batch", [1, 512])
async def test_a_replay_ends_without_whoever_was_erased_as_the_live_profiles_do(kafka, names, store, batch):
    messages = history(41, 1_500, people=25)
    before = messages[:1_000]
    after = [replace(each, event_time=each.event_time + 2_000_000) for each in messages[1_000:1_500]]
    async with worker(kafka.bootstrap, store, names):
        writing = asyncio.create_task(write(kafka.bootstrap, names, lines(before), a_second=2_000))
        await writing
        await write(kafka.bootstrap, names, [*erasing(), *lines(after)])
        await caught_up(store, kafka.bootstrap, names)
    expected = [*(each for each in before if not names_somebody_erased(each)), *after]

    memory = MemoryStore()
    done = await replay(kafka={"bootstrap_servers": kafka.bootstrap}, names=names, store=memory, into="g1", batch=batch)

    assert done.refused == 0
    assert await differences(store, expected) == []
    assert await memory.digest() == await store.digest()


async def test_given_the_list_a_replay_folds_nothing_about_who_is_on_it(kafka, names):
    messages = history(42, 600, people=25)
    await write(kafka.bootstrap, names, lines(messages))
    erasures = Erasures()
    for each in ERASED:
        erasures.apply(pseudonym(each), encode_standing(NOTHING.with_erasure()))

    memory = MemoryStore()
    await replay(kafka={"bootstrap_servers": kafka.bootstrap}, names=names, store=memory, into="g1", erasures=erasures)

    assert await differences(memory, [each for each in messages if not names_somebody_erased(each)]) == []
    assert {each async for each in memory.candidates()} & ERASED == set()
