"""The decision log on a real Kafka: whole as the API writes it, and broken as soon as somebody else does."""

import asyncio
import time

import pytest

from api.decision_log import DecisionLog
from api.keeping import Keeping
from api.log import KafkaLog
from api.metrics import Metrics
from api.outbox import MemoryOutbox
from api.partition import Partitions
from careerstream.audit import audit_log
from careerstream.clock import wall_clock
from profiles.erasures import Erasures
from schemas.topics import Topic, TopicNames
from streams.sink import KafkaSink, Outgoing

pytestmark = pytest.mark.servers
PEOPLE = 40


async def anchored(options, names):
    """Wait until every chain has its anchor."""
    async with asyncio.timeout(60):
        while not (found := await audit_log(options, names)).chains or found.anchors.keys() != found.chains.keys():
            await asyncio.sleep(0.1)


async def test_a_log_is_whole_until_somebody_writes_into_it_without_a_place(kafka, prefix):
    names, options = TopicNames(prefix.rstrip(".")), {"bootstrap_servers": kafka.bootstrap}
    kafka.create_topics({names.full(topic): 4 for topic in Topic})
    log = KafkaLog(options, names)
    partitions = Partitions(log)
    keeping = Keeping(MemoryOutbox(), Erasures(), lambda: True, Metrics())
    async with log, partitions, DecisionLog(log, partitions, Metrics(), wall_clock, keeping=keeping) as decisions:
        for number in range(PEOPLE):
            decisions.put(f"a:{number}", wall_clock(), {"kind": "served", "id": f"d-{number}"})
        await anchored(options, names)
        for number in range(PEOPLE):
            decisions.put(f"a:{number}", wall_clock(), {"kind": "served", "id": f"e-{number}"})
    whole = await audit_log(options, names)

    assert whole.breaks == []
    assert sum(chain.records for chain in whole.chains.values()) == 2 * PEOPLE
    assert whole.anchors.keys() == whole.chains.keys()

    async with KafkaSink(options) as sink:
        await sink.send([Outgoing(names.full(Topic.DECISIONS), b"a:0", b'{"kind": "served", "id": "forged"}')])
    broken = await audit_log(options, names)
    later = await audit_log(options, names, since=time.time_ns() // 1_000_000 + 60_000)

    assert [each.problem for each in broken.breaks] == ["it stands in no chain"]
    assert (later.chains, later.breaks) == ({}, [])
