"""`careerstream notices`: which OpenDSR callbacks were given up, and having them told once more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from api.callbacks import RedisQueue
from api.cloudevents import rfc3339
from api.errors import StoreAway
from api.requests import RedisRequests
from careerstream.errors import Stopped
from careerstream.parts import redis_client
from careerstream.settings import Settings


async def waiting_callbacks(settings: Settings, *, url: str) -> list[str]:
    """Answer a line for each address that waits: when it was given up, which it is, and about which request it was to be told."""
    async with _client(settings, url) as client:
        requests = RedisRequests(client, settings.redis.namespace, keep_ms=0)
        given_up = await RedisQueue(client, settings.redis.namespace).given_up()
        kept = {name: await requests.find(name) or {} for name in given_up}
    return [
        f"{rfc3339(at)}  opendsr  {address}  {name}"
        for name, at in given_up.items()
        for address in kept[name].get("given_up", ())
    ]


async def send_callbacks(settings: Settings, *, url: str) -> int:
    """Have an API process tell each request's callers once more; answer how many requests that are."""
    async with _client(settings, url) as client:
        queue = RedisQueue(client, settings.redis.namespace)
        given_up = await queue.given_up()
        for name in given_up:
            await queue.put(name, 0)
    return len(given_up)


@asynccontextmanager
async def _client(settings: Settings, url: str) -> AsyncIterator[Redis]:
    client = redis_client(settings, url)
    try:
        yield client
    except StoreAway as error:
        raise Stopped("Redis went away; run it again") from error
    finally:
        await client.aclose()
