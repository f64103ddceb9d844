"""The profile store on Redis 6.2 and up: one primary, scripts for whatever must happen whole."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Self, cast

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from profiles.answers import Answer, decode_answers, encode_answers, with_answers
from profiles.candidate import Stored
from profiles.pseudonym import pseudonym
from profiles.redis_layout import (
    OUTCOMES,
    Argument,
    Call,
    Layout,
    announcement_of,
    commit_call,
    decide_call,
    identities_of,
    mark,
    put_answer,
    section_of_mark,
    stored_decision,
    stored_section,
)
from profiles.redis_moving import RedisCounts, RedisTrails
from profiles.redis_talk import SCAN, Talk, asking
from profiles.store import (
    ANSWERS_LIMIT,
    SECONDS_KEPT,
    TREND_HOURS,
    Announcement,
    Commit,
    DecisionPut,
    Identities,
    Kept,
    Outcome,
    PutAnswer,
    SectionKey,
    TopicPartition,
    Written,
)
from profiles.trails import ENDED
from profiles.trends import HOUR_MS, share_of
from schemas.messages import CandidateId

_TRENDING_AN_HOUR = 200

_SWAP = b"""
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('SISMEMBER', KEYS[2], ARGV[2]) == 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""
_SETTLE_ANSWERS = b"""
return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0
"""
_SETTLE = b"""
for i = 1, #ARGV, 2 do
  local at = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if at and tonumber(at) <= tonumber(ARGV[i + 1]) then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
return 1
"""


class RedisStore:
    """`ProfileStore` on one Redis primary. The client must answer bytes (`decode_responses` off)."""

    def __init__(self, client: Redis, namespace: str = "careers", *, building: str | None = None) -> None:
        self._client = client
        self._layout = Layout(namespace)
        self._building = building
        self._talk = Talk(client, self._layout, building)
        self.trails = RedisTrails(self._talk, self._layout, is_building=building is not None)
        self.counts = RedisCounts(self._talk, self._layout, is_building=building is not None)

    @classmethod
    def open(cls, url: str, namespace: str = "careers", *, timeout: float = 2.0, connections: int = 64) -> Self:
        """Answer a store with its own connections; nothing is sent yet. `timeout` bounds each exchange, in seconds."""
        client = Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            max_connections=connections,
            # After a restart of Redis every pooled connection is stale once; a Redis that is slow is not asked again.
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        )
        return cls(client, namespace)

    async def close(self) -> None:
        await self._client.aclose()

    async def ping(self) -> None:
        with asking():
            await self._client.ping()

    async def generation(self) -> str:
        return await self._talk.generation()

    async def checkpoints(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int | None]:
        wanted = list(partitions)
        values = await self._talk.mget(
            lambda generation: [self._layout.checkpoint(generation, each) for each in wanted]
        )
        return {each: None if value is None else int(value) for each, value in zip(wanted, values, strict=True)}

    async def commit(self, commit: Commit) -> Outcome:
        if self._building and commit.generation != self._building:
            return Outcome.MOVED
        call = commit_call(self._layout, commit, building=self._building is not None)
        return OUTCOMES[await self._talk.script(_source("commit"), call)]

    async def sections(self, keys: Sequence[SectionKey]) -> dict[SectionKey, Stored]:
        if not keys:
            return {}
        values = await self._talk.mget(lambda generation: [self._layout.section(generation, key) for key in keys])
        return {
            key: stored_section(key[0], value) for key, value in zip(keys, values, strict=True) if value is not None
        }

    async def identities(self, candidates: Iterable[CandidateId]) -> Identities:
        asked = list(candidates)
        generation = await self._talk.known_generation()
        prefixes = [self._layout.of(generation, "links") + ":", self._layout.of(generation, "redirect") + ":"]
        return identities_of(await self._talk.script(_source("people"), Call([], [*prefixes, *asked])))

    async def attempt(self, partition: TopicPartition, offset: int) -> int:
        def count(pipe: Pipeline, generation: str) -> None:
            key = self._layout.attempts(generation, partition)
            pipe.hincrby(key, str(offset), 1)
            pipe.expire(key, 86_400)

        return int((await self._talk.ask(count))[0])

    async def decision(self, candidate: CandidateId) -> bytes | None:
        value = await self._talk.read(lambda generation: (b"GET", self._layout.of(generation, "d", candidate)))
        return None if value is None else stored_decision(value)

    async def kept(self, candidate: CandidateId) -> Kept:
        decision, answers = await self._talk.mget(
            lambda generation: [self._layout.of(generation, "d", candidate), self._layout.answers(candidate)]
        )
        return Kept(None if decision is None else stored_decision(decision), answers)

    async def note_answers(self, answers: Sequence[Answer]) -> list[CandidateId]:
        by_id: dict[CandidateId, list[Answer]] = {}
        for each in answers:
            by_id.setdefault(each.candidate, []).append(each)
        generation = await self._talk.known_generation()
        args: list[Argument] = [self._layout.of(generation, "redirect") + ":", self._layout.answers()]
        args += [SECONDS_KEPT, ANSWERS_LIMIT, self._layout.channel(self._building)]
        for candidate, said in by_id.items():
            args += (candidate, encode_answers(said))
        return [each.decode() for each in await self._talk.script(_source("answer"), Call([], args))]

    async def sections_as_told(self, keys: Sequence[SectionKey]) -> Mapping[SectionKey, Stored]:
        if not keys:
            return {}
        ids = list(dict.fromkeys(candidate for _, candidate in keys))
        values = await self._talk.mget(
            lambda generation: [
                *(self._layout.section(generation, key) for key in keys),
                *(self._layout.answers(each) for each in ids),
            ]
        )
        found = zip(keys, values, strict=False)
        sections = {key: stored_section(key[0], value) for key, value in found if value is not None}
        answers = [answer for value in values[len(keys) :] if value is not None for answer in decode_answers(value)]
        return with_answers(sections, answers, ids) if answers else sections

    async def settle_answers(self, candidate: CandidateId, answers: bytes) -> None:
        await self._talk.script(_SETTLE_ANSWERS, Call([self._layout.answers(candidate)], [answers]))

    async def put_decisions(self, puts: Sequence[DecisionPut]) -> list[PutAnswer]:
        if not puts:
            return []
        generation = await self._talk.known_generation()
        call = decide_call(self._layout, generation, puts, building=self._building is not None)
        answers = [put_answer(answer) for answer in await self._talk.script(_source("decide"), call)]
        if any(answer.written is Written.MOVED for answer in answers):
            self._talk.forget()
        return answers

    async def memberships(self, candidates: Sequence[CandidateId]) -> dict[CandidateId, dict[str, int]]:
        if not candidates:
            return {}
        values = await self._talk.mget(
            lambda generation: [self._layout.of(generation, "seg", each) for each in candidates]
        )
        return {
            each: {} if value is None else orjson.loads(value) for each, value in zip(candidates, values, strict=True)
        }

    async def members(self, segment: str, start: int = 0, limit: int = 1000) -> list[tuple[CandidateId, int]]:
        (found,) = await self._talk.ask(
            lambda pipe, generation: pipe.zrange(
                self._layout.of(generation, "members", segment), start, start + limit - 1, withscores=True
            )
        )
        return [(candidate.decode(), int(entered)) for candidate, entered in found]

    async def member_count(self, segment: str) -> int:
        (count,) = await self._talk.ask(
            lambda pipe, generation: pipe.zcard(self._layout.of(generation, "members", segment))
        )
        return int(count)

    async def due(self, now: int, limit: int = 500) -> list[CandidateId]:
        (found,) = await self._talk.ask(
            lambda pipe, generation: pipe.zrangebyscore(
                self._layout.of(generation, "due"), "-inf", now, start=0, num=limit
            )
        )
        return [candidate.decode() for candidate in found]

    async def undecided(self, limit: int = 500) -> dict[SectionKey, int]:
        (found,) = await self._talk.ask(
            lambda pipe, generation: pipe.zrange(
                self._layout.of(generation, "undecided"), 0, limit - 1, withscores=True
            )
        )
        return {section_of_mark(member): int(offset) for member, offset in found}

    async def settle(self, marks: Mapping[SectionKey, int]) -> None:
        if not marks:
            return
        generation = await self._talk.known_generation()
        args: list[Argument] = [part for key, offset in marks.items() for part in (mark(key), offset)]
        await self._talk.script(_SETTLE, Call([self._layout.of(generation, "undecided")], args))

    async def untold(self) -> set[str]:
        (found,) = await self._talk.ask(lambda pipe, generation: pipe.hkeys(self._layout.of(generation, "outbox")))
        return {name.decode() for name in found}

    async def news(self, ids: Sequence[str]) -> dict[str, bytes]:
        if not ids:
            return {}
        (found,) = await self._talk.ask(
            lambda pipe, generation: pipe.hmget(self._layout.of(generation, "outbox"), list(ids))
        )
        return {name: value for name, value in zip(ids, found, strict=True) if value is not None}

    async def settle_news(self, ids: Iterable[str]) -> None:
        settled = list(ids)
        if settled:
            await self._talk.ask(lambda pipe, generation: pipe.hdel(self._layout.of(generation, "outbox"), *settled))

    async def trends(self, now: int, half_life_hours: float = 12.0) -> dict[str, float]:
        latest = now // HOUR_MS
        hours = range(latest - TREND_HOURS + 1, latest + 1)
        shares = [repr(share_of(hour, now, half_life_hours)) for hour in hours]
        while True:
            generation = await self._talk.known_generation()
            keys = [self._layout.pointer, *(self._layout.of(generation, "trend", str(hour)) for hour in hours)]
            asked = "" if self._building else generation
            found = await self._talk.script(_source("trends"), Call(keys, [asked, _TRENDING_AN_HOUR, *shares]))
            if found is not None:
                jobs = (job.decode() for job in found[::2])
                return dict(zip(jobs, map(float, found[1::2]), strict=True))
            self._talk.forget()

    async def forget(self, candidates: Mapping[CandidateId, int]) -> int:
        if not candidates:
            return 0
        prefix = self._layout.prefix(await self.generation())
        await self.trails.put({pseudonym(each): ENDED for each in candidates})
        with asking():
            await self._client.unlink(*map(self._layout.answers, candidates))
        return int(
            await self._talk.script(
                _source("forget"), Call([], [prefix, *[part for pair in candidates.items() for part in pair]])
            )
        )

    async def digest(self) -> str:
        generation = await self.generation()
        prefix = self._layout.prefix(generation)
        total = sha256()
        for kind in ("s", "links", "redirect"):
            names = sorted({key async for key in self._talk.scan(f"{prefix}{kind}:*")})
            for start in range(0, len(names), SCAN):
                for line in await self._lines(kind, names[start : start + SCAN]):
                    total.update(line.removeprefix(prefix.encode()) + b"\n")
        return total.hexdigest()

    async def candidates(self) -> AsyncIterator[CandidateId]:
        prefix = self._layout.prefix(await self.generation()) + "s:"
        async for key in self._talk.scan(f"{prefix}*"):
            yield key.decode().removeprefix(prefix).partition(":")[2]

    async def bytes_of(self, candidate: CandidateId) -> int:
        def measure(pipe: Pipeline, generation: str) -> None:
            layout = self._layout
            for topic in ("clicks", "sessions", "applications", "profiles"):
                pipe.memory_usage(layout.of(generation, f"s:{topic}", candidate), samples=0)
            for kind in ("d", "seg", "links", "redirect"):
                pipe.memory_usage(layout.of(generation, kind, candidate), samples=0)
            pipe.hstrlen(layout.of(generation, "trails"), pseudonym(candidate))

        return sum(size or 0 for size in await self._talk.ask(measure))

    async def generations(self) -> list[str]:
        with asking():
            names = await cast("Any", self._client.smembers(self._layout.generations))
        return sorted((name.decode() for name in names), key=lambda name: int(name[1:]))

    async def create_generation(self) -> str:
        await self.generation()
        with asking():
            name = f"g{await self._client.incr(self._layout.counter)}"
            await cast("Any", self._client.sadd(self._layout.generations, name))
        return name

    def building(self, generation: str) -> "RedisStore":
        return RedisStore(self._client, self._layout.namespace, building=generation)

    async def inherit(self, generation: str) -> None:
        here, there = self._layout.prefix(await self.generation()), self._layout.prefix(generation)
        for kind in ("seg:*", "members:*", "due"):
            found: list[bytes] = []
            async for key in self._talk.scan(there + kind):
                found.append(key)
                if len(found) == SCAN:
                    await self._copy(found, there, here)
                    found.clear()
            await self._copy(found, there, here)

    async def _copy(self, names: list[bytes], there: str, here: str) -> None:
        with asking():
            async with self._client.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.copy(name.decode(), here + name.decode().removeprefix(there), replace=True)
                await pipe.execute()

    async def swap(self, live: str, following: str) -> bool:
        call = Call([self._layout.pointer, self._layout.generations], [live, following])
        swapped = bool(await self._talk.script(_SWAP, call))
        self._talk.forget()
        return swapped

    async def delete_generation(self, generation: str) -> int:
        if generation == await self.generation():
            raise ValueError(f"{generation} is the live generation: swap to another one first")
        count = 0
        with asking():
            # First no more writers, then the keys.
            await cast("Any", self._client.srem(self._layout.generations, generation))
            found: list[bytes] = []
            async for key in self._talk.scan(self._layout.prefix(generation) + "*"):
                found.append(key)
                if len(found) == SCAN:
                    count += await self._client.unlink(*found)
                    found.clear()
            if found:
                count += await self._client.unlink(*found)
        return count

    async def announcements(self) -> AsyncIterator[Announcement]:
        with asking():
            async with self._client.pubsub(ignore_subscribe_messages=True) as subscription:
                await subscription.subscribe(self._layout.channel(self._building))
                await subscription.get_message(timeout=None)  # that we are heard: whatever is told from now on comes
                yield Announcement()
                while True:
                    message = await subscription.get_message(timeout=None)
                    if message is not None:
                        yield announcement_of(message["data"])

    async def _lines(self, kind: str, names: list[bytes]) -> list[bytes]:
        with asking():
            if kind == "links":
                async with self._client.pipeline(transaction=False) as pipe:
                    for name in names:
                        pipe.hgetall(name)
                    links = await pipe.execute()
                return [name + b"=%r" % sorted(pairs.items()) for name, pairs in zip(names, links, strict=True)]
            values = cast("list[bytes | None]", await self._client.mget(names))
        found = [(name, value or b"") for name, value in zip(names, values, strict=True)]
        return [name + b"=" + (value.partition(b" ")[2] if kind == "s" else value) for name, value in found]


@cache
def _source(name: str) -> bytes:
    return files("profiles").joinpath("lua", f"{name}.lua").read_bytes()
