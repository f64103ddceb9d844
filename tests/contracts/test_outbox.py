"""What every outbox of served decisions does, in memory as in Redis; and how processes in Redis come by a dead one's."""

import asyncio

import pytest
import redis.asyncio

from api.errors import StoreAway
from api.outbox import MemoryOutbox, Outbox, RedisOutbox

pytestmark = pytest.mark.servers
DAY_MS = 86_400_000
NEWS = {"u:ada/x/served/7": b"answer", "u:a/b/y/made/9": b"decision", "u:ada/z/served/5": b"first"}
IN_ORDER = ["u:a/b/y/made/9", "u:ada/z/served/5", "u:ada/x/served/7"]


@pytest.fixture
async def client(redis_url):
    async with redis.asyncio.Redis.from_url(redis_url) as opened:
        yield opened


def a_process(client, **options):
    return RedisOutbox(client, "t", **{"keep_ms": DAY_MS, **options})


@pytest.fixture(params=["memory", "redis"])
def outbox(request, client) -> Outbox:
    return MemoryOutbox() if request.param == "memory" else a_process(client)


async def taken_over(outbox):
    async with asyncio.timeout(60):
        while not (found := await outbox.inherit()):
            await asyncio.sleep(0.01)
    return found


async def test_what_is_kept_is_there_decisions_first_until_it_is_settled(outbox):
    assert await outbox.keep(NEWS)
    assert await outbox.keep({})

    assert await outbox.inherit() == IN_ORDER
    assert await outbox.news([*IN_ORDER, "u:ada/w/served/1"]) == NEWS
    await outbox.settle_news(IN_ORDER[:2])
    assert await outbox.inherit() == IN_ORDER[2:]
    await outbox.settle_news(IN_ORDER)
    assert await outbox.inherit() == []


async def test_kept_twice_is_kept_once(outbox):
    for _ in range(2):
        await outbox.keep(NEWS)

    assert await outbox.inherit() == IN_ORDER


async def test_a_process_that_lives_keeps_its_news_for_itself(client):
    await a_process(client).keep(NEWS)

    assert await a_process(client).inherit() == []


async def test_one_process_takes_over_from_one_that_fell_silent(client):
    await a_process(client, lease_ms=1).keep(NEWS)
    heir, late = a_process(client), a_process(client)

    assert await taken_over(heir) == IN_ORDER
    assert await late.inherit() == []
    assert await heir.news(IN_ORDER) == NEWS


async def test_one_after_the_other_is_taken_over_and_nothing_stays_in_redis(client):
    for number in range(2):
        await a_process(client, lease_ms=1).keep({f"u:ada/{number}/served/{number}": b"answer"})
    heir = a_process(client, lease_ms=1)
    for _ in range(2):
        found = await taken_over(heir)
        await heir.settle_news(found)
    async with asyncio.timeout(60):
        while await client.keys("*:lease"):
            await asyncio.sleep(0.01)
    await a_process(client).inherit()

    assert await client.keys("*") == []


async def test_a_process_that_leaves_is_not_waited_for(client):
    leaving = a_process(client)
    await leaving.keep(NEWS)
    await leaving.leave()

    assert await a_process(client).inherit() == IN_ORDER


async def test_news_of_all_processes_together_takes_no_more_than_is_set_aside(client):
    one, other = a_process(client, limit=10_000), a_process(client, limit=10_000)

    assert await one.keep({"u:ada/x/served/7": bytes(20_000)})
    assert not await other.keep(NEWS)
    assert await other.inherit() == []
    await one.settle_news(["u:ada/x/served/7"])
    assert await other.keep(NEWS)


async def test_news_ends_when_its_time_is_over_however_often_more_is_kept(client):
    outbox = a_process(client, keep_ms=50_000)
    await outbox.keep(NEWS)
    (name,) = [key for key in await client.keys("t:outbox:*") if not key.endswith(b":lease")]
    await client.pexpire(name, 20_000)
    await outbox.keep({"u:eve/x/served/7": b"answer"})

    assert 0 < await client.pttl(name) <= 20_000


async def test_an_outbox_that_is_away_says_so():
    async with redis.asyncio.Redis.from_url("redis://127.0.0.1:1") as nowhere:
        outbox = a_process(nowhere)
        for asked in (
            outbox.keep(NEWS),
            outbox.inherit(),
            outbox.news(["n"]),
            outbox.settle_news(["n"]),
            outbox.leave(),
        ):
            with pytest.raises(StoreAway):
                await asked
