"""Where each person's own key is kept: wrapped, by a name that is no id, apart from the profiles and their backups."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol, cast

from redis.asyncio import Redis

from api.redis_asking import asking

_AWAY = "the store of personal keys does not answer"

_SCAN = 1000


class PersonalKeys(Protocol):
    """Keeps wrapped keys by the pseudonym of a candidate id, or a name of the house. Every method may raise StoreAway."""

    async def read(self, names: Sequence[str]) -> list[bytes | None]:
        """Answer each person's wrapped key, None for who has none."""
        ...

    async def add(self, name: str, wrapped: bytes) -> bytes:
        """Keep a key unless there is one already; answer the one that is kept."""
        ...

    async def rewrap(self, name: str, before: bytes, after: bytes) -> bool:
        """Put another wrapping in the place of `before`; False when that is not there any more: destroyed stays destroyed."""
        ...

    async def destroy(self, names: Sequence[str]) -> int:
        """Delete keys; answer how many there were."""
        ...

    def walk(self) -> AsyncIterator[tuple[str, bytes]]:
        """Walk over all names and wrapped keys, each at least once."""
        ...


HOUSE = "h:"
"""How the name of a key begins that is nobody's; they are kept apart, so that whoever counts personal keys counts people."""
_REWRAP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""


class RedisPersonalKeys:
    """On a Redis of their own, or beside the profiles, outside their generations."""

    def __init__(self, client: Redis, namespace: str = "careers") -> None:
        self._client = client
        self._prefixes = f"{namespace}:personal-keys:", f"{namespace}:house-keys:"

    async def read(self, names: Sequence[str]) -> list[bytes | None]:
        if not names:
            return []
        with asking(_AWAY):
            return cast("list[bytes | None]", await self._client.mget([self._key(name) for name in names]))

    async def add(self, name: str, wrapped: bytes) -> bytes:
        with asking(_AWAY):
            if await self._client.set(self._key(name), wrapped, nx=True):
                return wrapped
            return cast("bytes", await self._client.get(self._key(name)) or wrapped)

    async def rewrap(self, name: str, before: bytes, after: bytes) -> bool:
        with asking(_AWAY):
            return bool(await cast("Any", self._client.eval(_REWRAP, 1, self._key(name), before, after)))

    async def destroy(self, names: Sequence[str]) -> int:
        if not names:
            return 0
        with asking(_AWAY):
            return int(await self._client.delete(*[self._key(name) for name in names]))

    async def walk(self) -> AsyncIterator[tuple[str, bytes]]:
        with asking(_AWAY):
            for prefix in self._prefixes:
                async for key in self._client.scan_iter(match=f"{prefix}*", count=_SCAN):
                    wrapped = cast("bytes | None", await self._client.get(key))
                    if wrapped is not None:
                        yield key.decode().removeprefix(prefix), wrapped

    def _key(self, name: str) -> str:
        personal, house = self._prefixes
        return (house if name.startswith(HOUSE) else personal) + name


class MemoryPersonalKeys:
    """For dry runs, the demo and tests: gone when the process ends, and nobody can read what was sealed."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def read(self, names: Sequence[str]) -> list[bytes | None]:
        return [self.kept.get(name) for name in names]

    async def add(self, name: str, wrapped: bytes) -> bytes:
        return self.kept.setdefault(name, wrapped)

    async def rewrap(self, name: str, before: bytes, after: bytes) -> bool:
        if self.kept.get(name) != before:
            return False
        self.kept[name] = after
        return True

    async def destroy(self, names: Sequence[str]) -> int:
        return sum(self.kept.pop(name, None) is not None for name in names)

    async def walk(self) -> AsyncIterator[tuple[str, bytes]]:
        for name, wrapped in list(self.kept.items()):
            yield name, wrapped
