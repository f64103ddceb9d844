"""The buckets in Redis: one script settles all that one process touched."""

import hashlib
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.rates import Spent

_SETTLE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local left = {}
for i, key in ipairs(KEYS) do
  local rate, burst, calls = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local kept = redis.call('HMGET', key, 'level', 'at')
  local level = tonumber(kept[1]) or burst
  local at = tonumber(kept[2]) or now
  level = math.max(-burst, math.min(burst, level + math.max(0, now - at) * rate) - calls)
  redis.call('HSET', key, 'level', level, 'at', string.format('%.6f', now))
  redis.call('PEXPIRE', key, math.ceil(2000 * burst / rate))
  left[i] = tostring(level)
end
return left
"""


class RedisBuckets:
    """`SharedBuckets` on Redis."""

    def __init__(self, client: Redis, namespace: str = "careers") -> None:
        self._settle = client.register_script(_SETTLE)
        self._prefix = f"{namespace}:rate:"

    async def settle(self, spent: Sequence[Spent]) -> Sequence[float]:
        if not spent:
            return ()
        keys = [self._prefix + _hidden(each.name) for each in spent]
        arguments = [number for each in spent for number in (each.rate, each.burst, each.calls)]
        try:
            left: Any = await self._settle(keys=keys, args=arguments)
        except RedisError as error:
            raise ConnectionError(f"Redis does not answer: {type(error).__name__}") from error
        return [float(level) for level in left]


def _hidden(name: str) -> str:
    """Answer a bucket's key: whom it counts is nobody's business who looks through Redis."""
    return hashlib.blake2b(name.encode(), digest_size=12).hexdigest()
