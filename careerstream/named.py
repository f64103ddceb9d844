"""What a command works on: the settings of the environment, and the servers that they name."""

import asyncio
import os
from typing import Any

from pydantic import ValidationError

from careerstream.errors import Stopped
from careerstream.settings import PREFIX, Settings, SettingsError, read_settings


def settings_of_environment() -> Settings:
    """Answer the settings; what is wrong with them ends the command with a sentence."""
    try:
        return read_settings(os.environ)
    except (SettingsError, ValidationError) as error:
        raise Stopped(str(error)) from error


def named_servers(settings: Settings) -> tuple[str, str]:
    """Answer the Kafka and the Redis of the settings, which answer."""
    bootstrap, url = settings.kafka.bootstrap, settings.redis.url
    if bootstrap is None or url is None:
        missing = f"{PREFIX}KAFKA__BOOTSTRAP" if bootstrap is None else f"{PREFIX}REDIS__URL"
        raise Stopped(f"set {missing}; `careerstream up` is what starts servers of its own")
    check_named_servers(settings)
    return bootstrap, url


def named_kafka(settings: Settings) -> str:
    """Answer the Kafka of the settings, which answers."""
    bootstrap = settings.kafka.bootstrap
    if bootstrap is None:
        raise Stopped(f"which Kafka? Set {PREFIX}KAFKA__BOOTSTRAP to its host:port")
    check_named_servers(settings)
    return bootstrap


def named_redis(settings: Settings) -> str:
    """Answer the Redis of the settings, which answers."""
    url = settings.redis.url
    if url is None:
        raise Stopped(f"which Redis? Set {PREFIX}REDIS__URL to its URL")
    check_named_servers(settings)
    return url


def check_named_servers(settings: Settings) -> None:
    """Raise Stopped when a server that the settings name does not answer."""
    from careerstream.doors import kafka_problem, redis_problem  # noqa: PLC0415  # --help is quick without clients

    async def problems() -> list[str | None]:
        checks: list[Any] = []
        if settings.kafka.bootstrap is not None:
            checks.append(kafka_problem(settings.kafka.client_options(settings.kafka.bootstrap)))
        if settings.redis.url is not None:
            checks.append(redis_problem(settings.redis.url, settings.redis.client_options(settings.redis.url)))
        return list(await asyncio.gather(*checks))

    found = [problem for problem in asyncio.run(problems()) if problem]
    if found:
        raise Stopped(found[0])
