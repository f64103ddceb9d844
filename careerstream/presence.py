"""Which workers are at work on which partitions: told by each of them every second, forgotten when it falls silent."""

from collections.abc import Iterable

import orjson
from redis.asyncio import Redis

from profiles.store import TopicPartition

SILENCE_MS = 5_000
"""How long a worker that says nothing more still counts."""


class Presence:
    """The notice board in Redis; beside the profiles, not among them."""

    def __init__(self, client: Redis, namespace: str) -> None:
        self._client = client
        self._workers = f"{namespace}:workers"

    async def tell(self, worker: str, partitions: Iterable[TopicPartition]) -> None:
        """Say that this worker folds these partitions."""
        async with self._client.pipeline(transaction=False) as pipeline:
            pipeline.sadd(self._workers, worker)
            pipeline.set(self._key(worker), orjson.dumps([str(each) for each in partitions]), px=SILENCE_MS)
            await pipeline.execute()

    async def leave(self, worker: str) -> None:
        await self._client.delete(self._key(worker))
        await self._client.srem(self._workers, worker)

    async def covered(self) -> frozenset[str]:
        """Answer the partitions that somebody folds, as `topic:number`."""
        workers = [_text(worker) for worker in await self._client.smembers(self._workers)]
        told = await self._client.mget([self._key(worker) for worker in workers]) if workers else []
        silent = [worker for worker, partitions in zip(workers, told, strict=True) if partitions is None]
        if silent:
            await self._client.srem(self._workers, *silent)
        return frozenset(name for partitions in told if partitions is not None for name in orjson.loads(partitions))

    def _key(self, worker: str) -> str:
        return f"{self._workers}:{worker}"


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name
