"""`careerstream webhooks`: one process that tells every webhook of the file."""

import asyncio
import time
from contextlib import AsyncExitStack
from functools import partial

import structlog
from aiokafka.errors import KafkaError
from redis.asyncio import Redis

from api.cloudevents import rfc3339
from careerstream.api_process import LEAST_MEMBERS
from careerstream.errors import Stopped
from careerstream.measures import WebhookMeasures
from careerstream.metrics_page import serve_metrics
from careerstream.opendsr import outward_of
from careerstream.parts import profile_store, read_configuration, redis_client, topic_names
from careerstream.settings import PREFIX, Settings
from careerstream.telemetry import start_logging
from careerstream.up import RESTART_CODE
from profiles.store import StoreUnavailable
from streams.outward import Outward
from streams.pushing import Leaving, push
from streams.sink import KafkaSink
from streams.told import RedisTold
from streams.webhooks import Delivery, UnusableWebhooks, Webhook, parse_webhooks

log = structlog.get_logger("careerstream.webhooks")


def run_webhooks(settings: Settings, *, bootstrap: str, url: str, embedded: bool) -> int:
    """Tell webhooks until SIGTERM or SIGINT and answer the exit code; 75 asks to be started again: a server went away."""
    outward = outward_of(settings, embedded=embedded)
    webhooks = webhooks_of(settings, outward)
    start_logging(settings.log_level)
    code = 0
    try:
        asyncio.run(_tell(settings, webhooks, outward, bootstrap=bootstrap, url=url, embedded=embedded))
    except* (KafkaError, StoreUnavailable) as errors:
        log.warning("webhooks_end", errors=sorted({type(error).__name__ for error in errors.exceptions}))
        code = RESTART_CODE
    return code


def webhooks_of(settings: Settings, outward: Outward) -> tuple[Webhook, ...]:
    """Answer the webhooks of the file, or raise Stopped."""
    file = settings.webhooks.file
    if file is None:
        raise Stopped(f"which webhooks? Set {PREFIX}WEBHOOKS__FILE to a file of them (docs/howto/webhooks.md)")
    try:
        return parse_webhooks(file.read_text(), str(file), outward)
    except (UnusableWebhooks, OSError) as error:
        raise Stopped(str(error)) from error


def leaving_of(settings: Settings, client: Redis, *, embedded: bool) -> Leaving:
    """Answer what passes on the notices that may leave the house."""
    rules = {rule.key: rule for rule in read_configuration(settings).segments}
    told = RedisTold(client, settings.redis.namespace)
    return Leaving(profile_store(settings, client), rules, 1 if embedded else LEAST_MEMBERS, told)


async def _tell(
    settings: Settings, webhooks: tuple[Webhook, ...], outward: Outward, *, bootstrap: str, url: str, embedded: bool
) -> None:
    kafka, names = settings.kafka.client_options(bootstrap), topic_names(settings)
    client = redis_client(settings, url)
    leaving = leaving_of(settings, client, embedded=embedded)
    measures = WebhookMeasures((webhook.name, kind) for webhook in webhooks for kind in webhook.kinds)
    if settings.webhooks.metrics_port:
        serve_metrics(settings.webhooks.metrics_port, named_by=f"{PREFIX}WEBHOOKS__METRICS_PORT")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(client.aclose)
        sink = await stack.enter_async_context(KafkaSink(kafka))
        telling = await stack.enter_async_context(asyncio.TaskGroup())
        for webhook in webhooks:
            delivery = Delivery(webhook, outward, now=time.time, rfc3339=rfc3339)
            telling.create_task(
                push(
                    delivery,
                    kafka=kafka,
                    names=names,
                    group=settings.worker.group,
                    sink=sink,
                    leaving=leaving,
                    on_given_up=partial(measures.given_up, webhook.name),
                )
            )
