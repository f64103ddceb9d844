"""Waiting for an event costs the store nothing as long as announcements come."""

import asyncio
from collections.abc import AsyncIterator

from profiles.feed import AppliedFeed
from profiles.memory_store import MemoryStore
from profiles.store import Advance, Announcement, Commit, StoreUnavailable, TopicPartition
from schemas.topics import Topic

HERE, THERE = TopicPartition(Topic.CLICKS, 0), TopicPartition(Topic.CLICKS, 1)


class Counting(MemoryStore):
    """A store that counts how often it is asked how far it is, and whose announcements may break off."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.broken = asyncio.Event()

    async def checkpoints(self, partitions):
        self.asked += 1
        return await super().checkpoints(partitions)

    async def announcements(self) -> AsyncIterator[Announcement]:
        heard = super().announcements()
        while not self.broken.is_set():
            following, ending = asyncio.ensure_future(anext(heard)), asyncio.ensure_future(self.broken.wait())
            await asyncio.wait({following, ending}, return_when=asyncio.FIRST_COMPLETED)
            ending.cancel()
            if not following.done():
                following.cancel()
                break
            yield following.result()
        self.broken.clear()
        raise StoreUnavailable("broken off")


async def folded(store, *partitions, following):
    stored = await store.checkpoints(partitions)
    moves = {each: Advance(stored[each], following) for each in partitions}
    await store.commit(Commit(await store.generation(), moves, {}, []))


def soon(seconds=5.0):
    return asyncio.get_running_loop().time() + seconds


async def test_who_hears_of_every_batch_asks_the_store_nothing():
    store = Counting()
    async with AppliedFeed(store) as feed:
        await asyncio.sleep(0)
        await folded(store, HERE, following=1)
        assert await feed.wait({HERE: 0}, soon())
        waiting = asyncio.create_task(feed.wait({HERE: 1}, soon()))
        await asyncio.sleep(0)
        asked = store.asked
        await folded(store, HERE, following=2)

        assert await waiting
        assert store.asked == asked + 1, "only the folding asked"


async def test_what_was_announced_while_nobody_listened_is_asked_for():
    store = Counting()
    async with AppliedFeed(store) as feed:
        await asyncio.sleep(0)
        await folded(store, HERE, THERE, following=1)
        assert await feed.wait({HERE: 0, THERE: 0}, soon())
        store.broken.set()
        await asyncio.sleep(0.01)
        await folded(store, THERE, following=2)

        assert await feed.wait({THERE: 1}, soon(0.1))
