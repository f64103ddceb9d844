"""One suite for every store of personal keys, one of them a real Redis."""

from contextlib import AsyncExitStack

import pytest
import redis.asyncio

from api.errors import StoreAway
from api.personal_keys import MemoryPersonalKeys, RedisPersonalKeys

pytestmark = pytest.mark.servers


@pytest.fixture(params=["memory", "redis"])
async def keys(request, redis_url):
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            yield MemoryPersonalKeys()
        else:
            client = redis.asyncio.Redis.from_url(redis_url)
            stack.push_async_callback(client.aclose)
            yield RedisPersonalKeys(client, "t")


async def test_the_first_key_of_a_person_stays(keys):
    assert await keys.add("p1", b"one") == b"one"
    assert await keys.add("p1", b"two") == b"one"
    assert await keys.read(["p1", "p2"]) == [b"one", None]


async def test_a_key_is_wrapped_anew_only_where_it_was_read(keys):
    await keys.add("p1", b"one")

    assert await keys.rewrap("p1", b"one", b"new")
    assert not await keys.rewrap("p1", b"one", b"other")
    assert await keys.read(["p1"]) == [b"new"]


async def test_a_destroyed_key_does_not_come_back_by_being_wrapped_anew(keys):
    await keys.add("p1", b"one")

    assert await keys.destroy(["p1", "p2"]) == 1
    assert not await keys.rewrap("p1", b"one", b"new")
    assert await keys.read(["p1"]) == [None]


async def test_a_walk_meets_every_key(keys):
    for number in range(50):
        await keys.add(f"p{number}", b"%d" % number)
    await keys.add("h:house", b"house")

    walked = {name: wrapped async for name, wrapped in keys.walk()}
    assert walked == {"h:house": b"house", **{f"p{n}": b"%d" % n for n in range(50)}}


async def test_a_redis_that_is_away_is_said_to_be(own_redis):
    server = own_redis()
    client = redis.asyncio.Redis.from_url(server.url, socket_timeout=0.5)
    server.kill()

    with pytest.raises(StoreAway):
        await RedisPersonalKeys(client, "t").read(["p1"])
    await client.aclose()
