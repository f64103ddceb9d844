"""`careerstream webhooks`: one process that tells every webhook of the file."""

import asyncio
import time
from contextlib import AsyncExitStack

import structlog
from aiokafka.errors import KafkaError

from api.cloudevents import rfc3339
from careerstream.api_process import LEAST_MEMBERS
from careerstream.errors import Stopped
from careerstream.opendsr import outward_of
from careerstream.parts import profile_store, read_configuration, redis_client, topic_names
from careerstream.settings import PREFIX, Settings
from careerstream.telemetry import start_logging
from careerstream.up import RESTART_CODE
from profiles.store import StoreUnavailable
from streams.outward import Outward
from streams.pushing import Leaving, push
from streams.sink import KafkaSink
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


async def _tell(
    settings: Settings, webhooks: tuple[Webhook, ...], outward: Outward, *, bootstrap: str, url: str, embedded: bool
) -> None:
    kafka, names = settings.kafka.client_options(bootstrap), topic_names(settings)
    client = redis_client(settings, url)
    rules = {rule.key: rule for rule in read_configuration(settings).segments}
    leaving = Leaving(profile_store(settings, client), rules, 1 if embedded else LEAST_MEMBERS)
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
                    allowed=leaving.allows,
                )
            )
