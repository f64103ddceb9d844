"""One API process: the app, with everything it needs, behind uvicorn."""

import asyncio
import importlib.metadata
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn

import web
from api.addresses import RedisIndex
from api.app import create_app
from api.appeals import AppealBook
from api.archive import KafkaArchive
from api.background import in_background
from api.callbacks import RedisQueue
from api.collect import Limits
from api.consent_records import ConsentRecords, RedisRecords
from api.engine import Current
from api.enriching import Enriching
from api.errors import StoreAway
from api.given import Given
from api.keys import KeyRing
from api.log import KafkaLog
from api.metrics import Metrics
from api.outbox import RedisOutbox
from api.rates import RateLimits, Rates
from api.redis_rates import RedisBuckets
from api.replies import Replies
from api.requests import RedisRequests
from api.seen import RedisSeen
from api.stored_keys import LiveKeys
from api.vault import Vault
from careerstream import heap
from careerstream.clock import wall_clock
from careerstream.documents import SandboxedDocuments
from careerstream.http_server import BoundedProtocol
from careerstream.identity import build_gate, kept_fresh
from careerstream.keys import kept_keys, keys_in_force
from careerstream.models.registry import InUse, Serving
from careerstream.models.topic import RegistryFollower
from careerstream.opendsr import OutwardSender, outward_of, processor_in_force
from careerstream.parts import key_store, profile_store, read_configuration, redis_client, segment_looks, topic_names
from careerstream.presence import Presence
from careerstream.readiness import Readiness
from careerstream.retaining import swept_daily
from careerstream.settings import Settings
from careerstream.statistics import StatisticsFollower, counted
from careerstream.telemetry import start_logging
from careerstream.trails import TrailsFollower, followed
from careerstream.vault import build_vault, master_keys_in_force, personal_redis
from catalog.index import Catalog
from catalog.statistics import Figures
from catalog.understanding.understanding import read_understanding
from deploy.embedded.broker import FOLLOW_MAX_WAIT_MS
from profiles.erasures import Erasures
from profiles.redis_line import Line
from profiles.store import ProfileStore, StoreUnavailable
from schemas.topics import Topic
from scorers.override_book import OverrideBook
from scorers.responses import Responses
from scorers.segment_trends import SegmentLooks
from scorers.sessions import Sessions
from scorers.trends import Trends
from streams.catalogue_follower import CatalogueFollower
from streams.list_follower import ListFollower

TRENDS_SECONDS = 5.0
INDEXED_AT_ONCE = 2
"""Texts indexed before others on the event loop get their turn: some 1.5 ms."""
INDEXING_SECONDS = 0.2
"""How often it is looked for texts that are not indexed."""
LIST_SECONDS = 15.0
"""How long the start waits for the list of who was erased; until it is read, the process is not ready."""
LEAST_MEMBERS = 50
"""How many people a segment needs before it may leave the house; on a demo one is enough to see it work."""
SITE = Path(web.__file__).parent / "site"

log = structlog.get_logger("careerstream.api")


def run_api(settings: Settings, *, bootstrap: str, url: str, embedded: bool) -> None:
    """Serve until SIGTERM or SIGINT."""
    start_logging(settings.log_level)
    heap.quieten()
    kept = asyncio.run(kept_keys(settings, url))
    fixed = keys_in_force(settings.api, embedded=embedded, made=kept)
    ring = KeyRing(fixed)
    names, kafka = topic_names(settings), settings.kafka.client_options(bootstrap)
    configuration = read_configuration(settings)
    client = redis_client(settings, url, max_connections=256)
    masters = master_keys_in_force(settings.privacy, embedded=embedded)
    personal = personal_redis(settings, client)
    vault, addresses = build_vault(settings, personal, masters), RedisIndex(personal, settings.redis.namespace)
    rates = Rates(RateLimits(**settings.limits.model_dump()), RedisBuckets(client, settings.redis.namespace))
    gate, issuers = build_gate(ring, settings.identity, embedded=embedded, rates=rates)
    store = profile_store(settings, client)
    catalog = Catalog(keep_documents=True)
    following = {**kafka, "fetch_max_wait_ms": FOLLOW_MAX_WAIT_MS} if embedded else kafka
    reading = asyncio.Lock()
    follower = CatalogueFollower(following, names, catalog, turn=reading)
    erasures, overrides, appeals = Erasures(), OverrideBook(), AppealBook()
    listed = ListFollower(following, names, Topic.ERASURES, erasures)
    presence = Presence(client, settings.redis.namespace)
    readiness = Readiness(kafka=kafka, names=names, store=store, follower=follower, erasures=listed, presence=presence)
    # Two producers: a broker is asked one thing at a time, and an event does not wait for what is written behind answers.
    events, behind = KafkaLog(kafka, names), KafkaLog(kafka, names)
    policy = configuration.policy
    serving = Serving(policy.fit_share)
    sessions, metrics = Sessions(), Metrics()
    looks = segment_looks(configuration)
    trails = TrailsFollower(store, sessions, looks, erasures)
    metrics.watch_sessions(lambda: trails.size, lambda: trails.age)
    current = Current(
        catalog=catalog,
        policy=policy,
        model=serving.now.champion,
        segments=configuration.segments,
        sessions=sessions,
    )
    statistics = StatisticsFollower(store, catalog, wall_clock, reading=reading, on_read=partial(_respond_by, current))
    models = RegistryFollower(following, names, serving, partial(_decide_by, current))
    given = Given(
        gate=gate,
        log=events,
        behind=behind,
        outbox=RedisOutbox(client, settings.redis.namespace, keep_ms=configuration.privacy.retention_ms["decisions"]),
        is_listed=lambda: listed.caught_up,
        seen=RedisSeen(Line(client.connection_pool), settings.redis.namespace),
        store=store,
        current=current,
        archive=KafkaArchive(kafka, names),
        clock=wall_clock,
        replies=Replies(client, settings.redis.namespace),
        longest_wait=settings.api.longest_wait.total_seconds(),
        limits=Limits(in_flight=settings.api.in_flight),
        budget_ms=round(settings.api.budget.total_seconds() * 1000),
        least_members=1 if embedded else LEAST_MEMBERS,
        metrics=metrics,
        probes={**readiness.probes(), "kafka": events.problem},
        resources=[
            _closing(client),
            kept_fresh(issuers),
            LiveKeys(ring, key_store(settings, client), fixed=fixed),
            _kept_erased(listed, erasures, vault, addresses),
            _listed(ListFollower(following, names, Topic.OVERRIDES, overrides)),
            _listed(ListFollower(following, names, Topic.APPEALS, appeals)),
            events,
            behind,
            readiness,
            _following(follower),
            _modelled(models),
            in_background(_keep_trends(current, store, looks)),
            followed(trails),
            counted(statistics, follower.wait_caught_up),
            in_background(_indexed(catalog, follower, reading)),
        ],
        privacy=configuration.privacy,
        document=embedded if settings.api.openapi is None else settings.api.openapi,
        vault=vault,
        addresses=addresses,
        callbacks=RedisQueue(client, settings.redis.namespace),
        sender=OutwardSender(outward_of(settings, embedded=embedded)),
        processor=processor_in_force(settings.opendsr, embedded=embedded),
        erasures=erasures,
        swept=lambda retention: swept_daily(retention, client, settings.redis.namespace),
        overrides=overrides,
        appeals=appeals,
        reading=reading,
        consent_records=ConsentRecords(
            RedisRecords(client, settings.redis.namespace, keep_ms=configuration.privacy.retention_ms["consents"]),
            masters,
            configuration.privacy,
        ),
        requests=RedisRequests(
            client, settings.redis.namespace, keep_ms=configuration.privacy.retention_ms["requests"]
        ),
        enriching=Enriching(SandboxedDocuments(), read_understanding),
        site=SITE if settings.api.demo else None,
        version=importlib.metadata.version("careerstream"),
    )
    uvicorn.run(
        create_app(given),
        host=settings.api.host,
        port=settings.api.port,
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        # Longer than a visitor ponders a posting: a click on a warm connection saves a round trip.
        timeout_keep_alive=75,
        forwarded_allow_ips=settings.api.trusted_proxies,
    )


def _respond_by(current: Current, figures: Figures, responses: Responses) -> None:
    current.figures, current.responses = figures, responses


def _decide_by(current: Current, use: InUse) -> None:
    current.model, current.challenger, current.model_problem = use.champion, use.challenger, use.problem


@asynccontextmanager
async def _closing(client: Any) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await client.aclose()


@asynccontextmanager
async def _kept_erased(
    listed: ListFollower, erasures: Erasures, vault: Vault, addresses: RedisIndex
) -> AsyncIterator[None]:
    """Follow the list of who was erased; keys that a key store's backup brought back are destroyed before anything is answered."""
    await listed.start()
    try:
        with suppress(TimeoutError, StoreAway):
            async with asyncio.timeout(LIST_SECONDS):
                await listed.wait_caught_up()
                await vault.destroy_named(erasures.erased())
                await addresses.forget(erasures.erased())
        yield
    finally:
        await listed.stop()


@asynccontextmanager
async def _listed(listed: ListFollower) -> AsyncIterator[None]:
    """Follow what colleagues overrode, or what is appealed against; it is known before anything is answered, unless Kafka is away."""
    await listed.start()
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(listed.wait_caught_up(), LIST_SECONDS)
        yield
    finally:
        await listed.stop()


@asynccontextmanager
async def _following(follower: CatalogueFollower) -> AsyncIterator[None]:
    await follower.start()
    settling = asyncio.create_task(_settle(follower))
    try:
        yield
    finally:
        settling.cancel()
        await follower.stop()


async def _settle(follower: CatalogueFollower) -> None:
    await follower.wait_caught_up()
    heap.settle()


async def _indexed(catalog: Catalog, follower: CatalogueFollower, reading: asyncio.Lock) -> None:
    """Index texts beside the answering: a few at a time, and half of the time at most, so that nobody waits for a large catalogue."""
    await follower.wait_caught_up()
    while True:
        begun = time.perf_counter()
        async with reading:
            catalog.index_texts(INDEXED_AT_ONCE)
        await asyncio.sleep(time.perf_counter() - begun if catalog.unindexed else INDEXING_SECONDS)


@asynccontextmanager
async def _modelled(models: RegistryFollower) -> AsyncIterator[None]:
    """Follow which model decides; until that is known, the prior does."""
    await models.start()
    try:
        yield
    finally:
        await models.stop()


async def _keep_trends(current: Current, store: ProfileStore, looks: SegmentLooks) -> None:
    """Read what is trending every few seconds; while the store is away the last reading stands."""
    while True:
        with suppress(StoreUnavailable):
            now = wall_clock()
            weights: Mapping[str, float] = await store.trends(now)
            current.trends = Trends(weights, await asyncio.to_thread(looks.trends, now))
        await asyncio.sleep(TRENDS_SECONDS)
