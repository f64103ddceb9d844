"""`careerstream retention`, and the same sweep once a day in whichever API process comes first."""

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError

from api.addresses import Addresses, RedisIndex
from api.appeals import AppealBook, forget
from api.background import in_background
from api.consent_records import ConsentRecords, RedisRecords
from api.erasure import Erasure
from api.errors import Refusal
from api.log import KafkaLog
from api.people import People
from api.retention import Retention, Swept
from careerstream.clock import wall_clock
from careerstream.errors import Stopped
from careerstream.parts import profile_store, read_configuration, redis_client, topic_names
from careerstream.settings import Settings
from careerstream.vault import build_vault, master_keys_in_force, personal_redis
from profiles.erasures import Erasures
from profiles.feed import AppliedFeed
from profiles.store import StoreUnavailable
from schemas.topics import Topic
from streams.list_follower import read_list

if TYPE_CHECKING:
    import redis.asyncio

DAY_SECONDS = 86_400
LOOK_SECONDS = 600.0
"""How often a process looks whether today's sweep was made."""

log = structlog.get_logger("careerstream.retaining")


async def run_retention(settings: Settings, *, bootstrap: str, url: str, dry_run: bool) -> str:
    """Sweep once and answer the closing sentence."""
    configuration, names = read_configuration(settings), topic_names(settings)
    async with AsyncExitStack() as stack:
        client = redis_client(settings, url)
        stack.push_async_callback(client.aclose)
        store = profile_store(settings, client)
        people = People(store, Erasures())
        masters = master_keys_in_force(settings.privacy, embedded=False)
        events = await stack.enter_async_context(KafkaLog(settings.kafka.client_options(bootstrap), names))
        personal = personal_redis(settings, client)
        vault = build_vault(settings, personal, masters)
        book = await read_list(settings.kafka.client_options(bootstrap), names, Topic.APPEALS, AppealBook())
        erasure = Erasure(
            log=events,
            people=people,
            store=store,
            vault=vault,
            addresses=Addresses(RedisIndex(personal, settings.redis.namespace), vault),
            feed=AppliedFeed(store),
            erasures=Erasures(),
            records=ConsentRecords(
                RedisRecords(client, settings.redis.namespace, keep_ms=configuration.privacy.retention_ms["consents"]),
                masters,
                configuration.privacy,
            ),
            clock=wall_clock,
            forget=partial(forget, events, book),
        )
        retention = Retention(
            store=store, people=people, erasure=erasure, privacy=configuration.privacy, clock=wall_clock
        )
        try:
            return _told(await retention.sweep(dry_run=dry_run), dry_run=dry_run)
        except (Refusal, StoreUnavailable) as error:
            raise Stopped(f"the sweep stopped, run it again: {error}") from error


def swept_daily(
    retention: Retention, client: "redis.asyncio.Redis", namespace: str
) -> AbstractAsyncContextManager[None]:
    """Have the sweep made once a day by one of the processes."""
    return in_background(_sweep_daily(retention, client, f"{namespace}:swept"))


async def _sweep_daily(retention: Retention, client: "redis.asyncio.Redis", mark: str) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            if await client.set(mark, b"1", nx=True, ex=DAY_SECONDS):
                swept = await retention.sweep()
                log.info("retention_swept", people=swept.people, due=dict(swept.due))
        except (RedisError, Refusal, StoreUnavailable, OSError) as error:
            log.warning("retention_not_swept", error=type(error).__name__)


def _told(swept: Swept, *, dry_run: bool) -> str:
    due = ", ".join(f"{count:,} {kind}" for kind, count in sorted(swept.due.items())) or "nobody"
    return f"{swept.people:,} people looked at; past due: {due}" + ("; nothing was deleted" if dry_run else "")
