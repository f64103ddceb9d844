"""What was served while Kafka is away: kept in Redis, so that it is told by the process that served it, or by another when that one dies.

The id of such news is `candidate/which/kind/at`, as of what workers tell: whoever finds it untold knows whom it is about and where it goes.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from typing import Any, Literal, Protocol, cast
from uuid import uuid4

from redis.asyncio import Redis

from api.log import Record
from api.redis_asking import asking
from schemas.messages import CandidateId
from schemas.topics import Topic

_AWAY = "what was served cannot be kept"

Kind = Literal["made", "served"]
"""A decision that was made here, or an answer that was laid from one."""
LEASE_MS = 15_000
"""How long a process that says nothing more has its news for itself."""
LIMIT = 64 * 1024 * 1024
"""Bytes of Redis that all processes' news may take, as many as wait in one process: Redis is there for the profiles."""


def news_id(record: Record, kind: Kind) -> str:
    """Answer the id of what a record says: said again, it has the same."""
    return f"{(record.key or b'').decode()}/{sha256(record.value).hexdigest()[:16]}/{kind}/{record.at}"


def record_of(news: str, value: bytes) -> Record:
    """Answer the record that news becomes."""
    candidate, _, _, at = news.rsplit("/", 3)
    return Record(Topic.DECISIONS, candidate.encode(), value, (), int(at))


def kind_of(news: str) -> Kind:
    return "made" if news.rsplit("/", 2)[1] == "made" else "served"


def candidate_of(record: Record) -> CandidateId:
    return (record.key or b"").decode()


class Outbox(Protocol):
    """News that Kafka was not told yet, each process's its own. Every method may raise StoreAway."""

    async def keep(self, news: Mapping[str, bytes]) -> bool:
        """Keep news, and say that this process lives; False when there is no room for it."""
        ...

    async def inherit(self) -> list[str]:
        """Answer the ids of what this process has to tell, decisions before answers; without any, those of what a dead one left.

        What is answered is this process's own from then on.
        """
        ...

    async def news(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Answer those of these news that are still untold, and say that this process lives."""
        ...

    async def settle_news(self, ids: Iterable[str]) -> None:
        """Kafka has these news, or is not to have them."""
        ...

    async def leave(self) -> None:
        """Let another process go on at once."""
        ...


_KEEP = """
redis.call('SET', KEYS[3], '', 'PX', ARGV[3])
if #ARGV == 5 then return 1 end
local held = 0
for _, process in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  held = held + (redis.call('MEMORY', 'USAGE', ARGV[1] .. process) or 0)
end
if held > tonumber(ARGV[5]) then return 0 end
redis.call('SADD', KEYS[1], ARGV[2])
for i = 6, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
if redis.call('PTTL', KEYS[2]) < 0 then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
return 1
"""
_INHERIT = """
for _, process in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if redis.call('EXISTS', KEYS[2]) == 1 then break end
  if redis.call('EXISTS', ARGV[1] .. process .. ':lease') == 0 then
    redis.call('SREM', KEYS[1], process)
    if redis.call('EXISTS', ARGV[1] .. process) == 1 then
      redis.call('RENAME', ARGV[1] .. process, KEYS[2])
      redis.call('SADD', KEYS[1], ARGV[2])
      redis.call('SET', KEYS[3], '', 'PX', ARGV[3])
    end
  end
end
return redis.call('HKEYS', KEYS[2])
"""


class RedisOutbox:
    """A hash for each process, a set of those that have one, and for each that lives a key that ends with it.

    News ends by itself after `keep_ms`, as it would in Kafka. A process that is silent for longer than `lease_ms` and comes back tells what
    another has told: twice under one id, which is no break.
    """

    def __init__(
        self, client: Redis, namespace: str = "careers", *, keep_ms: int, lease_ms: int = LEASE_MS, limit: int = LIMIT
    ) -> None:
        self._client = client
        self._prefix = f"{namespace}:outbox:"
        self._process = uuid4().hex
        self._own = self._prefix + self._process
        self._lease = f"{self._own}:lease"
        self._keys = (f"{namespace}:outboxes", self._own, self._lease)
        self._keep_ms = keep_ms
        self._lease_ms = lease_ms
        self._limit = limit

    async def keep(self, news: Mapping[str, bytes]) -> bool:
        args = (self._prefix, self._process, self._lease_ms, self._keep_ms, self._limit)
        return bool(await self._asked(_KEEP, *args, *chain.from_iterable(news.items())))

    async def inherit(self) -> list[str]:
        ids = await self._asked(_INHERIT, self._prefix, self._process, self._lease_ms)
        return _in_order(name.decode() for name in ids)

    async def news(self, ids: Sequence[str]) -> dict[str, bytes]:
        with asking(_AWAY):
            async with self._client.pipeline(transaction=False) as both:
                both.set(self._lease, b"", px=self._lease_ms)
                both.hmget(self._own, list(ids))
                _, found = await both.execute()
        return {name: value for name, value in zip(ids, found, strict=True) if value is not None}

    async def settle_news(self, ids: Iterable[str]) -> None:
        with asking(_AWAY):
            await cast("Any", self._client.hdel(self._own, *ids))

    async def leave(self) -> None:
        with asking(_AWAY):
            await self._client.delete(self._lease)

    async def _asked(self, script: str, *args: Any) -> Any:
        with asking(_AWAY):
            return await cast("Any", self._client.eval(script, len(self._keys), *self._keys, *args))


class MemoryOutbox:
    """For dry runs and tests: `kept` is this process's own news, `left` what others left."""

    def __init__(self, left: Mapping[str, bytes] | None = None, *, limit: int = LIMIT) -> None:
        self.kept: dict[str, bytes] = {}
        self.left = dict(left or {})
        self._limit = limit

    async def keep(self, news: Mapping[str, bytes]) -> bool:
        if news and sum(map(len, self.kept.values())) > self._limit:
            return False
        self.kept |= news
        return True

    async def inherit(self) -> list[str]:
        if not self.kept:
            self.kept, self.left = self.left, {}
        return _in_order(self.kept)

    async def news(self, ids: Sequence[str]) -> dict[str, bytes]:
        return {each: self.kept[each] for each in ids if each in self.kept}

    async def settle_news(self, ids: Iterable[str]) -> None:
        for each in ids:
            self.kept.pop(each, None)

    async def leave(self) -> None:
        """Nobody else is here."""


def _in_order(ids: Iterable[str]) -> list[str]:
    return sorted(ids, key=lambda news: (kind_of(news) != "made", int(news.rpartition("/")[2])))
