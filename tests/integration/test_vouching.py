"""A run of Redis is vouched for once its profiles hold what lay in the log when it was met."""

import asyncio
from contextlib import asynccontextmanager
from functools import partial

import pytest
import redis.asyncio
from aiokafka import AIOKafkaProducer

from api.background import in_background
from api.undecided import Undecided
from careerstream.log_ends import LogEnds
from careerstream.redis_runs import VouchedPool
from careerstream.vouching import Vouching
from deploy.embedded.process import free_port
from profiles.redis_store import RedisStore
from profiles.store import Advance, Commit
from schemas.topics import Topic
from tests.streaming import ends_of, history, lines, write

pytestmark = pytest.mark.servers


class House:
    """What an API process has of it: the pool that is vouched for, and what was done before."""

    def __init__(self, pool):
        self.pool = pool
        self.undecided = Undecided()
        self.prepared = self.begun = 0

    async def prepare(self):
        assert self.pool.run is None
        self.prepared += 1

    def begin_again(self):
        self.begun += 1

    async def vouched(self):
        """Wait until a run is vouched for."""
        async with asyncio.timeout(60):
            while self.pool.run is None:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def opened(url, bootstrap, names):
    house = House(VouchedPool.from_url(url, socket_timeout=2.0))
    async with (
        redis.asyncio.Redis.from_url(url, socket_timeout=2.0) as client,
        LogEnds({"bootstrap_servers": bootstrap}, names) as ends,
    ):
        vouching = Vouching(
            pool=house.pool,
            open_pool=partial(VouchedPool.from_url, url, socket_timeout=2.0),
            client=client,
            namespace="careers",
            ends=ends,
            undecided=house.undecided,
            prepare=house.prepare,
            begin_again=house.begin_again,
        )
        async with in_background(vouching.run()):
            yield house
    await house.pool.disconnect()


async def folded(url, following):
    """Do as the agents do: move the checkpoints, and leave somebody undecided."""
    store = RedisStore.open(url)
    stored = await store.checkpoints(following)
    moves = {each: Advance(stored[each], offset) for each, offset in following.items() if stored[each] != offset}
    await store.commit(Commit(await store.generation(), moves, {(Topic.CLICKS, "a:a1"): (7, b"{}")}))
    await store.close()


async def doubts(house, seconds=0.6):
    """Say whether nobody vouches for so long."""
    await asyncio.sleep(seconds)
    return house.pool.run is None


async def test_a_run_is_vouched_for_when_the_log_is_folded_as_far_as_it_went(kafka, own_redis, names):
    server = own_redis()
    await write(kafka.bootstrap, names, lines(history(1, 50)))
    ends = await ends_of(kafka.bootstrap, names)

    async with opened(server.url, kafka.bootstrap, names) as house:
        assert await doubts(house)
        await folded(server.url, {each: max(0, end - 1) for each, end in ends.items()})
        assert await doubts(house)
        await folded(server.url, ends)
        await house.vouched()

        assert len(house.undecided) == 1
        assert (house.prepared, house.begun) == (1, 1)


async def test_who_starts_trusts_what_another_vouched_for_and_no_other_run(kafka, own_redis, names):
    server, nowhere = own_redis(), f"127.0.0.1:{free_port()}"
    await write(kafka.bootstrap, names, lines(history(2, 20)))
    await folded(server.url, await ends_of(kafka.bootstrap, names))
    async with opened(server.url, kafka.bootstrap, names) as house:
        await house.vouched()

    async with opened(server.url, nowhere, names) as without_kafka:
        await without_kafka.vouched()
        assert len(without_kafka.undecided) == 1
    server.restart()
    async with opened(server.url, nowhere, names) as without_kafka:
        assert await doubts(without_kafka)
    async with opened(server.url, kafka.bootstrap, names) as house:
        await house.vouched()


async def test_what_the_markers_of_transactions_leave_behind_is_not_waited_for(kafka, own_redis, names):
    server = own_redis()
    line = lines(history(3, 1))[0]
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{names.prefix}-t")
    await producer.start()
    async with producer.transaction():
        await producer.send_and_wait(names.full(line.topic), line.value, line.key)
    await producer.stop()
    ends = {each: end for each, end in (await ends_of(kafka.bootstrap, names)).items() if end}
    ((partition, end),) = ends.items()

    async with opened(server.url, kafka.bootstrap, names) as house:
        assert await doubts(house)
        await folded(server.url, {partition: end - 1})
        await house.vouched()
