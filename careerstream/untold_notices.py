"""`careerstream notices`: what webhooks were not told in time, and telling it again."""

import time
from contextlib import AsyncExitStack

from aiokafka.errors import KafkaError

from api.cloudevents import rfc3339
from careerstream.errors import Stopped
from careerstream.opendsr import outward_of
from careerstream.parts import redis_client, topic_names
from careerstream.settings import Settings
from careerstream.webhooks_process import leaving_of, webhooks_of
from profiles.store import StoreUnavailable
from streams.notices import Notice
from streams.sink import KafkaSink
from streams.untold import Untold, tell_again, untold
from streams.webhooks import Delivery


async def waiting_notices(settings: Settings, *, bootstrap: str) -> list[str]:
    """Answer a line for each notice that waits: when it happened, to whom it should go, what it is, about whom, why it was not taken."""
    kafka = settings.kafka.client_options(bootstrap)
    try:
        async with KafkaSink(kafka) as sink:
            found = await untold(kafka=kafka, names=topic_names(settings), sink=sink)
    except KafkaError as error:
        raise _away(error) from error
    return [
        f"{rfc3339(each.notice.at)}  {each.webhook}  {each.notice.kind}  {each.notice.candidate}  {each.reason}"
        for each in found
    ]


async def send_notices(settings: Settings, *, bootstrap: str, url: str, embedded: bool) -> tuple[int, int]:
    """Tell each once more; answer how many are done with and how many still wait."""
    if settings.webhooks.file is None and not await waiting_notices(settings, bootstrap=bootstrap):
        return 0, 0  # a house without webhooks
    outward = outward_of(settings, embedded=embedded)
    webhooks = {webhook.name: webhook for webhook in webhooks_of(settings, outward)}
    kafka = settings.kafka.client_options(bootstrap)
    async with AsyncExitStack() as stack:
        client = redis_client(settings, url)
        stack.push_async_callback(client.aclose)
        leaving = leaving_of(settings, client, embedded=embedded)

        async def tell(waits: Untold) -> str | None:
            webhook = webhooks.get(waits.webhook)
            if webhook is None:
                return "is_gone"
            delivery = Delivery(webhook, outward, now=time.time, rfc3339=rfc3339)

            async def once(notice: Notice) -> str | None:
                problem, _ = await delivery.attempt(notice)
                return problem

            return await leaving.pass_on(waits.notice, webhook.name, once)

        try:
            sink = await stack.enter_async_context(KafkaSink(kafka))
            return await tell_again(kafka=kafka, names=topic_names(settings), sink=sink, tell=tell)
        except (KafkaError, StoreUnavailable) as error:
            raise _away(error) from error


def _away(error: Exception) -> Stopped:
    return Stopped(f"a server went away ({type(error).__name__}); run it again, it goes on where it stopped")
