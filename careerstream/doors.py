"""Whether the servers that the settings name can be reached, and the sentence for each that cannot."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Mapping
from typing import Any

import redis.asyncio
from aiokafka import AIOKafkaClient
from aiokafka.errors import KafkaError
from redis.exceptions import AuthenticationError, RedisError, ResponseError

PATIENCE = 5.0
"""Seconds that one try may take."""


async def kafka_problem(client_options: Mapping[str, Any]) -> str | None:
    """Answer why Kafka can't be used, or None."""
    bootstrap = client_options["bootstrap_servers"]
    client = AIOKafkaClient(**{**client_options, "request_timeout_ms": int(PATIENCE * 1000)})
    try:
        await asyncio.wait_for(client.bootstrap(), PATIENCE + 1)
    except (KafkaError, OSError, TimeoutError, ValueError, AssertionError) as error:
        reason = (
            "is the address host:port?"
            if isinstance(error, ValueError | AssertionError)
            else "is it running, and are TLS and SASL as it wants them?"
        )
        return f"no Kafka answers at {bootstrap}; {reason}"
    finally:
        with contextlib.suppress(Exception):
            await client.close()
    return None


async def redis_problem(url: str, client_options: Mapping[str, Any]) -> str | None:
    """Answer why Redis can't be used, or None."""
    try:
        client = redis.asyncio.Redis.from_url(url, **client_options)
    except ValueError as error:
        return f"{without_password(url)} is not a Redis URL: {error}"
    try:
        await asyncio.wait_for(client.info("server"), PATIENCE)
    except (AuthenticationError, ResponseError) as error:
        return f"Redis at {without_password(url)} refuses us: {error}"
    except (RedisError, OSError, TimeoutError):
        return f"no Redis answers at {without_password(url)}; is it running, and is the URL right?"
    finally:
        await client.aclose()
    return None


def port_problem(host: str, port: int) -> str | None:
    """Answer why we can't listen there, or None."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = (
                "is in use; choose another with --port"
                if error.errno == errno.EADDRINUSE
                else f"can't be used: {error.strerror}"
            )
            return f"port {port} on {host} {reason}"
    return None


def without_password(url: str) -> str:
    """Answer a URL that may be printed."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
