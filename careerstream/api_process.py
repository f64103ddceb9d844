"""One API process: the app, with everything it needs, behind uvicorn."""

import asyncio
import importlib.metadata
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from redis.asyncio import Redis

import web
from api.addresses import RedisIndex
from api.app import create_app
from api.appeals import AppealBook
from api.archive import KafkaArchive
from api.background import in_background
from api.callbacks import RedisQueue
from api.consent_records import ConsentRecords, RedisRecords
from api.engine import Current
from api.enriching import Enriching
from api.errors import StoreAway
from api.given import Given
from api.intake import Limits
from api.keys import Key, KeyRing
from api.log import KafkaLog
from api.metrics import Metrics
from api.outbox import RedisOutbox
from api.rates import RateLimits, Rates
from api.redis_rates import RedisBuckets
from api.replies import Replies
from api.requests import RedisRequests
from api.seen import RedisSeen
from api.stored_keys import LiveKeys
from api.undecided import Undecided
from api.vault import Vault
from careerstream import heap
from careerstream.clock import wall_clock
from careerstream.documents import SandboxedDocuments
from careerstream.http_server import BoundedProtocol
from careerstream.identity import build_gate, kept_fresh
from careerstream.keys import kept_keys, keys_in_force
from careerstream.knowledge import Knowledge, following_options, know
from careerstream.log_ends import LogEnds
from careerstream.models.registry import InUse
from careerstream.models.topic import MODEL_SECONDS, RegistryFollower
from careerstream.opendsr import OutwardSender, outward_of, processor_in_force
from careerstream.parts import (
    Configuration,
    key_store,
    profile_store,
    read_configuration,
    redis_client,
    topic_names,
    vouched_pool,
)
from careerstream.presence import Presence
from careerstream.readiness import Readiness
from careerstream.redis_runs import VouchedPool
from careerstream.retaining import swept_daily
from careerstream.settings import Settings
from careerstream.statistics import counted
from careerstream.telemetry import start_logging
from careerstream.trails import followed
from careerstream.vault import build_vault, master_keys_in_force, personal_redis
from careerstream.vouching import Vouching
from catalog.index import Catalog
from catalog.statistics import Figures
from catalog.understanding.understanding import read_understanding
from profiles.redis_line import Line
from profiles.store import ProfileStore, StoreUnavailable
from schemas.topics import Topic, TopicNames
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


@dataclass(frozen=True, slots=True)
class _Servers:
    """What lies behind the process."""

    settings: Settings
    url: str
    embedded: bool
    kafka: dict[str, Any]
    names: TopicNames
    client: Redis
    """For what no older copy of Redis makes wrong; people are read from `store`."""
    pool: VouchedPool
    store: ProfileStore
    """Over `pool`: away until the run of Redis that is there is vouched for."""

    @property
    def namespace(self) -> str:
        return self.settings.redis.namespace


def run_api(settings: Settings, *, bootstrap: str, url: str, embedded: bool) -> None:
    """Serve until SIGTERM or SIGINT."""
    start_logging(settings.log_level)
    heap.quieten()
    kept = asyncio.run(kept_keys(settings, url))
    fixed = keys_in_force(settings.api, embedded=embedded, made=kept)
    pool = vouched_pool(settings, url, max_connections=256)
    servers = _Servers(
        settings=settings,
        url=url,
        embedded=embedded,
        kafka=settings.kafka.client_options(bootstrap),
        names=topic_names(settings),
        client=redis_client(settings, url, max_connections=256),
        pool=pool,
        store=profile_store(settings, Redis.from_pool(pool)),
    )
    uvicorn.run(
        create_app(_given(servers, fixed)),
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


def _given(servers: _Servers, fixed: Sequence[Key]) -> Given:
    settings, embedded, client = servers.settings, servers.embedded, servers.client
    configuration, metrics, appeals = read_configuration(settings), Metrics(), AppealBook()
    masters = master_keys_in_force(settings.privacy, embedded=embedded)
    personal = personal_redis(settings, client)
    vault, addresses = build_vault(settings, personal, masters), RedisIndex(personal, servers.namespace)
    ring, rates = (
        KeyRing(fixed),
        Rates(RateLimits(**settings.limits.model_dump()), RedisBuckets(client, servers.namespace)),
    )
    gate, issuers = build_gate(ring, settings.identity, embedded=embedded, rates=rates)
    known, current = _known(servers, configuration)
    metrics.watch_sessions(lambda: known.trails.size, lambda: known.trails.age)
    ends, undecided = LogEnds(servers.kafka, servers.names), Undecided()
    forget_erased = partial(_forget_erased, known, vault, addresses)
    vouching = _vouching(servers, known, ends, undecided, forget_erased)
    metrics.watch_redis(lambda: vouching.problem)
    readiness = Readiness(
        ends=ends,
        store=profile_store(settings, client),
        follower=known.postings,
        erasures=known.erased,
        presence=Presence(client, servers.namespace),
        doubt=lambda: vouching.problem,
    )
    # Two producers: a broker is asked one thing at a time, and an event does not wait for what is written behind answers.
    events, behind = KafkaLog(servers.kafka, servers.names), KafkaLog(servers.kafka, servers.names)
    appealed = ListFollower(_followed_by(servers), servers.names, Topic.APPEALS, appeals)
    retained = configuration.privacy.retention_ms
    return Given(
        gate=gate,
        log=events,
        behind=behind,
        outbox=RedisOutbox(client, servers.namespace, keep_ms=retained["decisions"]),
        is_listed=lambda: known.erased.caught_up,
        seen=RedisSeen(Line(client.connection_pool), servers.namespace),
        store=servers.store,
        undecided=undecided,
        current=current,
        archive=KafkaArchive(servers.kafka, servers.names),
        clock=wall_clock,
        replies=Replies(client, servers.namespace),
        longest_wait=settings.api.longest_wait.total_seconds(),
        limits=Limits(in_flight=settings.api.in_flight),
        budget_ms=round(settings.api.budget.total_seconds() * 1000),
        least_members=1 if embedded else LEAST_MEMBERS,
        metrics=metrics,
        probes={**readiness.probes(), "kafka": events.problem},
        resources=[
            _closing(client),
            _closing(servers.pool),
            kept_fresh(issuers),
            LiveKeys(ring, key_store(settings, client), fixed=fixed),
            _kept_erased(known, forget_erased),
            _listed(known.overridden),
            _listed(appealed),
            events,
            behind,
            ends,
            in_background(vouching.run()),
            _settled(known.postings),
            _chosen(known.models),
            in_background(_keep_trends(current, servers.store, known.looks)),
            followed(known.trails),
            counted(known.statistics, known.postings.wait_caught_up),
            in_background(_indexed(known)),
        ],
        privacy=configuration.privacy,
        document=embedded if settings.api.openapi is None else settings.api.openapi,
        vault=vault,
        addresses=addresses,
        callbacks=RedisQueue(client, servers.namespace),
        sender=OutwardSender(outward_of(settings, embedded=embedded)),
        processor=processor_in_force(settings.opendsr, embedded=embedded),
        erasures=known.erasures,
        swept=lambda retention: swept_daily(retention, client, servers.namespace),
        overrides=known.overrides,
        appeals=appeals,
        reading=known.reading,
        consent_records=ConsentRecords(
            RedisRecords(client, servers.namespace, keep_ms=retained["consents"]), masters, configuration.privacy
        ),
        requests=RedisRequests(client, servers.namespace, keep_ms=retained["requests"]),
        enriching=Enriching(SandboxedDocuments(), read_understanding),
        site=SITE if settings.api.demo else None,
        version=importlib.metadata.version("careerstream"),
    )


def _known(servers: _Servers, configuration: Configuration) -> tuple[Knowledge, Current]:
    """Answer what is followed, and what decisions are made with: following changes it."""
    known = know(
        kafka=_followed_by(servers),
        names=servers.names,
        store=servers.store,
        configuration=configuration,
        catalog=Catalog(keep_documents=True),
        sessions=Sessions(),
        on_model=lambda use: _decide_by(current, use),
        on_counted=lambda figures, responses: _respond_by(current, figures, responses),
    )
    current = Current(
        catalog=known.catalog,
        policy=configuration.policy,
        model=known.serving.now.champion,
        segments=configuration.segments,
        sessions=known.sessions,
    )
    return known, current


def _followed_by(servers: _Servers) -> Mapping[str, Any]:
    return following_options(servers.kafka, embedded=servers.embedded)


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
async def _kept_erased(known: Knowledge, forget_erased: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Follow the list of who was erased; keys that a key store's backup brought back are destroyed before anything is answered."""
    async with known.erased:
        with suppress(TimeoutError, StoreAway):
            async with asyncio.timeout(LIST_SECONDS):
                await forget_erased()
        yield


async def _forget_erased(known: Knowledge, vault: Vault, addresses: RedisIndex) -> None:
    """Destroy what a backup brought back of people who were erased; raises StoreAway while that cannot be reached."""
    await known.erased.wait_caught_up()
    await vault.destroy_named(known.erasures.erased())
    await addresses.forget(known.erasures.erased())


def _vouching(
    servers: _Servers,
    known: Knowledge,
    ends: LogEnds,
    undecided: Undecided,
    forget_erased: Callable[[], Awaitable[None]],
) -> Vouching:
    """Answer what vouches for runs of Redis: only without what was erased, and to whoever follows it from its beginning."""

    def begin_again() -> None:
        known.trails.begin_again()
        known.statistics.begin_again()

    return Vouching(
        pool=servers.pool,
        open_pool=partial(vouched_pool, servers.settings, servers.url),
        client=servers.client,
        namespace=servers.namespace,
        ends=ends,
        undecided=undecided,
        prepare=forget_erased,
        begin_again=begin_again,
    )


@asynccontextmanager
async def _listed(listed: ListFollower) -> AsyncIterator[None]:
    """Follow what colleagues overrode, or what is appealed against; it is known before anything is answered, unless Kafka is away."""
    async with listed:
        with suppress(TimeoutError):
            await asyncio.wait_for(listed.wait_caught_up(), LIST_SECONDS)
        yield


@asynccontextmanager
async def _chosen(models: RegistryFollower) -> AsyncIterator[None]:
    """Follow which model decides; it is known before anything is answered, unless Kafka is away."""
    async with models:
        await models.wait_serving(MODEL_SECONDS)
        yield


@asynccontextmanager
async def _settled(postings: CatalogueFollower) -> AsyncIterator[None]:
    """Follow the catalogue; once it is read, the collector of garbage leaves it alone."""
    async with postings, in_background(_settle(postings)):
        yield


async def _settle(postings: CatalogueFollower) -> None:
    await postings.wait_caught_up()
    heap.settle()


async def _indexed(known: Knowledge) -> None:
    """Index texts beside the answering: a few at a time, and half of the time at most, so that nobody waits for a large catalogue."""
    await known.postings.wait_caught_up()
    while True:
        begun = time.perf_counter()
        async with known.reading:
            known.catalog.index_texts(INDEXED_AT_ONCE)
        await asyncio.sleep(time.perf_counter() - begun if known.catalog.unindexed else INDEXING_SECONDS)


async def _keep_trends(current: Current, store: ProfileStore, looks: SegmentLooks) -> None:
    """Read what is trending every few seconds; while the store is away the last reading stands."""
    while True:
        with suppress(StoreUnavailable):
            now = wall_clock()
            weights: Mapping[str, float] = await store.trends(now)
            current.trends = Trends(weights, await asyncio.to_thread(looks.trends, now))
        await asyncio.sleep(TRENDS_SECONDS)
