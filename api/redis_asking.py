"""Asking Redis from behind a route: one that does not answer is a store that is away."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from api.errors import RETRY_AFTER, StoreAway


@contextmanager
def asking(problem: str) -> Iterator[None]:
    """Turn what Redis fails with into StoreAway, told as `problem`."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreAway(problem, retry_after=RETRY_AFTER) from error
