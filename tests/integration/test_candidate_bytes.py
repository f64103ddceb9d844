"""How much of Redis one candidate may take, whatever they do."""

import time
from collections import defaultdict

from benchmarks.events import accepted
from benchmarks.hoarder import BROWSERS, USER_ID, hoarding
from careerstream.deciders import build_deciding
from careerstream.models.registry import Serving
from careerstream.parts import read_configuration
from careerstream.settings import Settings
from catalog.index import Catalog
from catalog.sample import sample_jobs
from profiles.erasures import Erasures
from profiles.redis_store import RedisStore
from profiles.store import TopicPartition
from schemas.topics import CANDIDATE_TOPICS
from scorers.override_book import OverrideBook
from streams.batch import Effect, Folder, batches
from streams.patience import Patience
from streams.positions import Positions
from streams.records import Run
from streams.replay import Nothing
from streams.sink import MemorySink
from tests.unit.streams.records import NAMES, ARecord, a_record

MOST_BYTES = 16 * 1024


async def test_whoever_writes_into_every_corner_of_a_profile_takes_less_than_16_kib(redis_url):
    store = RedisStore.open(redis_url, "hoarder")
    effects = await folded(store, hoarding(time.time_ns() // 1_000_000))
    await (await a_decider(store)).decide_for({each for effect in effects for each in effect.touched}, Nothing())
    sizes = {each: await store.bytes_of(each) for each in (f"u:{USER_ID}", *(f"a:{browser}" for browser in BROWSERS))}
    decision = await store.decision(f"u:{USER_ID}")
    await store.close()

    assert decision is not None
    assert sizes[f"u:{USER_ID}"] > MOST_BYTES // 2
    assert max(sizes.values()) <= MOST_BYTES


async def folded(store: RedisStore, happenings) -> list[Effect]:
    """Fold what happened, each topic in one partition."""
    logs: defaultdict[TopicPartition, list[ARecord]] = defaultdict(list)
    for happening in happenings:
        taken = accepted(happening)
        log = logs[TopicPartition(taken.topic, 0)]
        log.append(a_record(len(log), taken.message))
    positions, places = Positions(), [TopicPartition(topic, 0) for topic in CANDIDATE_TOPICS]
    positions.restart(await store.generation(), dict.fromkeys(places), dict.fromkeys(places, 0))
    folder = Folder(
        store=store, sink=MemorySink(), names=NAMES, positions=positions, partitions=lambda _: 1, patience=Patience()
    )
    runs = [Run(place, records) for place, records in logs.items()]
    return [await folder.apply(batch) for batch in batches(runs)]


async def a_decider(store: RedisStore):
    catalog, configuration = Catalog(), read_configuration(Settings())
    for job in sample_jobs(time.time_ns() // 1_000_000):
        catalog.apply_job(job.id, job)
    catalog.settle()
    return await build_deciding(
        store=store,
        sink=MemorySink(),
        names=NAMES,
        catalog=catalog,
        configuration=configuration,
        serving=Serving(configuration.policy.fit_share),
        erasures=Erasures(),
        overrides=OverrideBook(),
    )
