"""Nothing is read from a run of Redis that nobody vouches for, over whichever connection."""

import pytest
import redis.asyncio

from careerstream.doors import redis_problem
from careerstream.redis_runs import VouchedPool
from profiles.redis_store import RedisStore
from profiles.store import StoreUnavailable
from tests.servers.proxy import Proxy


async def run_of(url):
    async with redis.asyncio.Redis.from_url(url) as client:
        return (await client.info("server"))["run_id"]


@pytest.fixture
async def pool_to():
    """Open a pool, and the store that reads over it."""
    pools = []

    def opened(url):
        pools.append(VouchedPool.from_url(url, socket_timeout=2.0))
        return pools[-1], RedisStore(redis.asyncio.Redis.from_pool(pools[-1]))

    yield opened
    for pool in pools:
        await pool.disconnect()


async def test_until_somebody_vouches_nothing_is_read(own_redis, pool_to):
    server = own_redis()
    pool, store = pool_to(server.url)

    with pytest.raises(StoreUnavailable):
        await store.kept("u:ada")
    pool.vouch(await run_of(server.url))

    assert (await store.kept("u:ada")).decision is None


async def test_a_user_who_may_not_ask_for_the_run_is_told_before_the_start(own_redis):
    server = own_redis()
    async with redis.asyncio.Redis.from_url(server.url) as admin:
        await admin.execute_command("ACL", "SETUSER", "narrow", "on", ">pass", "~*", "+@all", "-@dangerous")

    problem = await redis_problem(server.url.replace("//", "//narrow:pass@"), {})

    assert problem is not None
    assert "info" in problem


async def test_after_a_restart_the_very_first_question_is_refused(own_redis, pool_to):
    server = own_redis()
    pool, store = pool_to(server.url)
    pool.vouch(await run_of(server.url))
    await store.kept("u:ada")
    await store.identities(["u:ada"])

    server.kill()
    server.start()

    for ask in (lambda: store.kept("u:ada"), lambda: store.identities(["u:ada"]), lambda: store.due(0)):
        with pytest.raises(StoreUnavailable):
            await ask()
    assert pool.doubted.is_set()
    pool.vouch(await run_of(server.url))
    assert (await store.kept("u:ada")).decision is None
    assert not pool.doubted.is_set()


async def test_a_server_that_was_replaced_and_still_answers_is_not_read_any_more(own_redis, pool_to):
    one, other = own_redis(), own_redis()
    with Proxy(one.port) as door:
        pool, store = pool_to(f"redis://127.0.0.1:{door.port}/0")
        pool.vouch(await run_of(one.url))
        await store.kept("u:ada")

        door.lead_to(other.port)
        # The line to the first still stands; a second connection leads to the other.
        with pytest.raises(StoreUnavailable):
            await store.due(0)

        with pytest.raises(StoreUnavailable):
            await store.kept("u:ada")
