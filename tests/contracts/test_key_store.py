"""Every store of keys keeps the same promises."""

import itertools

import pytest
import redis.asyncio

from api.keys import ANY_ORIGIN, Key, KeyRing
from api.redis_keys import RedisKeys
from api.stored_keys import (
    AlreadyReplaced,
    KeysAway,
    LiveKeys,
    MemoryKeys,
    UnknownKeyId,
    new_key,
    rotate,
)

NOW = 1_795_435_200.0
SITE = Key("site", "publishable", "", (ANY_ORIGIN,), "careers")
ATS = Key("ats", "secret", "", scopes=("events:write",))
ADS = Key("ads", "ad", "", segments=("nurses",))


class Unplugged(MemoryKeys):
    is_away = False

    async def version(self):
        if self.is_away:
            raise KeysAway("away")
        return await super().version()


@pytest.fixture
def chance():
    """Secrets that differ."""
    numbers = itertools.count()
    return lambda count: f"{next(numbers):0{count}}"


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.servers)])
async def store(request):
    if request.param == "memory":
        yield MemoryKeys()
    else:
        client = redis.asyncio.Redis.from_url(request.getfixturevalue("redis_url"))
        yield RedisKeys(client, "t")
        await client.aclose()


async def test_what_was_written_is_read_back_whole(store, chance):
    made = [new_key(key, now=NOW + number, chance=chance)[0] for number, key in enumerate((SITE, ATS, ADS))]
    await store.write(*made)

    assert list(await store.records()) == made


async def test_no_key_is_kept_in_the_clear(store, chance):
    record, text = new_key(ATS, now=NOW, chance=chance)
    await store.write(record)

    kept = repr(await store.records())
    assert text not in kept
    assert record.shown == f"sk_…{text[-4:]}"


async def test_every_write_changes_the_version(store, chance):
    record, _ = new_key(ATS, now=NOW, chance=chance)
    versions = [await store.version()]
    await store.write(record)
    versions.append(await store.version())
    await store.remove(record.id)
    versions.append(await store.version())

    assert len(set(versions)) == 3


async def test_a_key_and_its_successor_are_both_live_until_the_overlap_is_over(store, chance):
    old, old_text = new_key(ATS, now=NOW, chance=chance)
    await store.write(old)
    _, new_text = await rotate(store, old.id, now=NOW, overlap=60, chance=chance)
    now = NOW
    ring = KeyRing(())
    live = LiveKeys(ring, store, fixed=(), now=lambda: now)

    await live.refresh()
    assert ring.find(old_text)
    assert ring.find(new_text)
    now = NOW + 61
    await live.refresh()
    assert ring.find(old_text) is None
    successor = ring.find(new_text)
    assert successor is not None
    assert successor.scopes == ATS.scopes


async def test_a_third_live_key_is_refused(store, chance):
    old, _ = new_key(ATS, now=NOW, chance=chance)
    await store.write(old)
    await rotate(store, old.id, now=NOW, overlap=60, chance=chance)

    with pytest.raises(AlreadyReplaced, match=old.id):
        await rotate(store, old.id, now=NOW, overlap=60, chance=chance)
    with pytest.raises(UnknownKeyId, match="keys list"):
        await rotate(store, "k0", now=NOW, overlap=60, chance=chance)


async def test_a_revoked_key_is_unknown_at_the_next_reading(store, chance):
    record, text = new_key(SITE, now=NOW, chance=chance)
    await store.write(record)
    ring = KeyRing(())
    live = LiveKeys(ring, store, fixed=(), now=lambda: NOW)
    await live.refresh()
    assert ring.allows("https://any.example")

    assert await store.remove(record.id)
    await live.refresh()
    assert ring.find(text) is None
    assert not ring.allows("https://any.example")
    assert not await store.remove(record.id)


async def test_while_the_store_is_away_the_last_reading_stands(chance):
    store = Unplugged()
    record, text = new_key(ATS, now=NOW, chance=chance)
    await store.write(record)
    ring = KeyRing(())
    live = LiveKeys(ring, store, fixed=(), now=lambda: NOW)
    await live.refresh()

    store.is_away = True
    await live.refresh()
    assert ring.find(text)


async def test_a_redis_that_is_away_is_told_so():
    client = redis.asyncio.Redis.from_url("redis://127.0.0.1:9")

    with pytest.raises(KeysAway, match="Redis does not answer"):
        await RedisKeys(client).version()
    await client.aclose()
