"""The keys in Redis: one hash, and a number that counts its writes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.stored_keys import KeyRecord, KeysAway, decode_record, encode_record, in_order


class RedisKeys:
    """`KeyStore` on Redis; the client must answer bytes."""

    def __init__(self, client: Redis, namespace: str = "careers") -> None:
        self._client = client
        self._hash = f"{namespace}:keys"
        self._writes = f"{namespace}:keys:writes"

    async def version(self) -> int:
        with _asking():
            value: Any = await self._client.get(self._writes)
        return int(value or 0)

    async def records(self) -> Sequence[KeyRecord]:
        with _asking():
            kept: Any = await self._client.hgetall(self._hash)
        return in_order(decode_record(key_id.decode(), value) for key_id, value in kept.items())

    async def write(self, *records: KeyRecord) -> None:
        with _asking():
            async with self._client.pipeline(transaction=True) as together:
                together.hset(self._hash, mapping={record.id: encode_record(record) for record in records})
                together.incr(self._writes)
                await together.execute()

    async def remove(self, key_id: str) -> bool:
        with _asking():
            async with self._client.pipeline(transaction=True) as together:
                together.hdel(self._hash, key_id)
                together.incr(self._writes)
                removed, _ = await together.execute()
        return bool(removed)


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise KeysAway(f"Redis does not answer: {type(error).__name__}") from error
