"""What every index of addresses and every queue of callbacks does, in memory as in Redis."""

import pytest
import redis.asyncio

from api.addresses import PEOPLE_OF_ONE, Index, MemoryIndex, RedisIndex
from api.callbacks import LEASE_MS, MemoryQueue, Queue, RedisQueue
from api.errors import StoreAway
from profiles.pseudonym import pseudonym

pytestmark = pytest.mark.servers


@pytest.fixture
async def client(redis_url):
    async with redis.asyncio.Redis.from_url(redis_url) as opened:
        yield opened


@pytest.fixture(params=["memory", "redis"])
def index(request, client) -> Index:
    return MemoryIndex() if request.param == "memory" else RedisIndex(client, "t")


@pytest.fixture(params=["memory", "redis"])
def queue(request, client) -> Queue:
    return MemoryQueue() if request.param == "memory" else RedisQueue(client, "t")


async def test_a_name_finds_everybody_it_was_given_for(index):
    for name, who in (("n1", "u:ada"), ("n1", "u:ada"), ("n1", "a:1"), ("n2", "u:eve")):
        await index.add(name, who)

    assert await index.find("n1") == ["a:1", "u:ada"]
    assert await index.find("n3") == []


async def test_who_is_forgotten_is_found_by_no_name(index):
    for name, who in (("n1", "u:ada"), ("n2", "u:ada"), ("n1", "u:eve")):
        await index.add(name, who)

    await index.forget([pseudonym("u:ada"), pseudonym("u:nobody")])

    assert await index.find("n1") == ["u:eve"]
    assert await index.find("n2") == []


async def test_a_name_finds_no_crowd_and_a_person_has_no_flood_of_names(index):
    for number in range(PEOPLE_OF_ONE + 5):
        await index.add("crowd", f"u:{number}")
        await index.add(f"n{number}", "u:many")

    assert len(await index.find("crowd")) == PEOPLE_OF_ONE
    assert await index.find(f"n{PEOPLE_OF_ONE}") == []


async def test_a_request_is_taken_by_one_and_comes_again_when_that_one_ends(queue):
    await queue.put("r1", 10)
    await queue.put("r2", 30)

    assert await queue.take(9) == []
    assert await queue.take(20) == ["r1"]
    assert await queue.take(20) == []
    assert set(await queue.take(20 + LEASE_MS)) == {"r1", "r2"}


async def test_a_request_that_is_put_again_or_dropped_keeps_no_earlier_time(queue):
    await queue.put("r1", 10)
    await queue.put("r1", 50)
    await queue.put("r2", 10)
    await queue.drop("r2")

    assert await queue.take(40) == []
    assert await queue.take(50) == ["r1"]


async def test_a_request_that_was_given_up_is_remembered_with_the_time_until_it_is_put_again_or_dropped(queue):
    for name in ("r1", "r2", "r3"):
        await queue.put(name, 10)
        await queue.give_up(name, 70)
    await queue.put("r2", 80)
    await queue.drop("r3")

    assert await queue.given_up() == {"r1": 70}
    assert await queue.take(100) == ["r2"]


async def test_a_redis_that_is_away_is_said_to_be(own_redis):
    server = own_redis()
    client = redis.asyncio.Redis.from_url(server.url, socket_timeout=0.5)
    server.kill()

    for asked in (RedisIndex(client, "t").find("n1"), RedisQueue(client, "t").take(1)):
        with pytest.raises(StoreAway):
            await asked
    await client.aclose()
