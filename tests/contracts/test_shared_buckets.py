"""Several processes spend from one bucket in Redis, and go on by themselves while it is away."""

import asyncio

import pytest
import redis.asyncio

from api.errors import RateLimited
from api.rates import RateLimits, Rates
from api.redis_rates import RedisBuckets

pytestmark = pytest.mark.servers


@pytest.fixture
async def client(redis_url):
    made = redis.asyncio.Redis.from_url(redis_url)
    yield made
    await made.aclose()


def spent(rates, number):
    """Answer how many of these calls were let through."""
    passed = 0
    for _ in range(number):
        try:
            rates.spend("key", "k", 10)
        except RateLimited:
            break
        passed += 1
    return passed


async def test_what_one_process_spends_another_lacks(client):
    shared = RedisBuckets(client, "t")
    one, other = Rates(RateLimits()), Rates(RateLimits())

    assert spent(one, 30) == 30
    await one.settle(shared)
    assert spent(other, 1) == 1
    await other.settle(shared)
    assert spent(other, 40) < 15


async def test_nobodys_name_stands_in_redis(client):
    rates = Rates(RateLimits())
    rates.spend("visitor", "ada@example.com", 10)
    await rates.settle(RedisBuckets(client, "t"))

    keys = await client.keys("*")
    assert len(keys) == 1
    assert b"ada" not in keys[0]
    assert 0 < await client.pttl(keys[0]) <= 8_000


async def test_a_process_settles_by_itself_and_again_after_redis_was_away(own_redis):
    server = own_redis()
    client = redis.asyncio.Redis.from_url(server.url, socket_timeout=0.5, socket_connect_timeout=0.5)
    async with Rates(RateLimits(), RedisBuckets(client, "t")) as rates:
        spent(rates, 5)
        server.pause()
        await until(lambda: rates.is_away)
        assert spent(rates, 100) > 0
        server.resume()
        await until(lambda: not rates.is_away)
    await client.aclose()


async def until(question):
    async with asyncio.timeout(20):
        while not question():
            await asyncio.sleep(0.05)
