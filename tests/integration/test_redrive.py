"""Dead letters that are driven in again are applied once, and the group's lag says what is left."""

from typing import Any

import pytest

from profiles.redis_store import RedisStore
from schemas.topics import Topic, TopicNames
from streams.redrive import Redriven, redrive
from streams.sink import KafkaSink, Outgoing
from tests.streaming import caught_up, differences, history, lines, poison, read_all, topics_of, worker, write

pytestmark = pytest.mark.servers


async def test_what_was_refused_by_mistake_is_driven_in_again_once(kafka, redis_url, prefix):
    names = TopicNames(prefix.rstrip("."))
    kafka.create_topics(topics_of(names))
    store = RedisStore.open(redis_url)
    options: dict[str, Any] = {"kafka": {"bootstrap_servers": kafka.bootstrap}, "names": names}
    messages = history(41, 300)
    log = lines(messages)
    bad = [line for line in poison(41, 30) if line.key == b"u:x"]
    async with KafkaSink(options["kafka"]) as sink, worker(kafka.bootstrap, store, names):
        # A producer with a partitioner of its own: good records in wrong places.
        wrong = [Outgoing(names.full(line.topic), b"u:other", line.value) for line in log[200:]]
        await sink.send(wrong)
        await write(kafka.bootstrap, names, log[:200] + bad)
        await caught_up(store, kafka.bootstrap, names)
        letters = await read_all(kafka.bootstrap, names.full(Topic.DEAD_LETTERS))
        mended = [
            Outgoing(letter.topic, line.key, letter.value, letter.headers)
            for line in log[200:]
            for letter in letters
            if letter.value == line.value
        ]

        assert len(letters) == len(log) - 200 + len(bad)
        assert await redrive(**options, sink=sink, reasons=["no_value"]) == Redriven(
            sum(line.value is None for line in bad), len(letters) - sum(line.value is None for line in bad)
        )
        await caught_up(store, kafka.bootstrap, names)
        # Mended by hand: the same letters under the keys they should have had.
        await redrive(**options, sink=sink)
        await sink.send(mended[: len(log) - 200])
        assert (await redrive(**options, sink=sink)).driven >= len(log) - 200
        await caught_up(store, kafka.bootstrap, names)
    assert await differences(store, messages) == []
    await store.close()
