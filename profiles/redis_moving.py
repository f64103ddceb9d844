"""Trails and counts in Redis: one hash each, and the order of its moves, so that who follows reads what moved and no more."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Any

import orjson

from profiles.counts import Moved
from profiles.redis_layout import Argument, Call, Layout, moving_keys
from profiles.redis_talk import Talk
from profiles.trails import ENDED, TRAILS_LIMIT, Changes, Trail

AT_ONCE = 256
"""Trails of one script: Redis takes half a millisecond for them."""


class _Moving:
    """Values by name of the generation that `talk` is about, of which it is told who moved."""

    def __init__(self, talk: Talk, layout: Layout, kind: str, *, is_building: bool) -> None:
        self._talk = talk
        self._layout = layout
        self._kind = kind
        self._is_building = is_building

    async def _moved(self, generation: str | None, since: int, limit: int) -> tuple[str, int, int, dict[str, bytes]]:
        """Answer the generation, after which move this begins, the last move, and the values."""
        live, (began, move, *found) = await self._asked(
            "moves", lambda live: [since if live == generation else 0, limit]
        )
        return live, began, move, {name.decode(): value for name, value in zip(found[::2], found[1::2], strict=True)}

    async def _asked(self, script: str, args: Callable[[str], list[Argument]]) -> tuple[str, Any]:
        """Answer the generation, and what a script says of it."""
        while True:
            live = await self._talk.known_generation()
            keys = [self._layout.pointer, *moving_keys(self._layout, live, self._kind)]
            meant = "" if self._is_building else live
            answer = await self._talk.script(_source(script), Call(keys, [meant, *args(live)]))
            if answer is not None:
                return live, answer
            self._talk.forget()


class RedisTrails(_Moving):
    """`Trails` in Redis."""

    def __init__(self, talk: Talk, layout: Layout, *, is_building: bool) -> None:
        super().__init__(talk, layout, "trails", is_building=is_building)

    async def put(self, trails: Mapping[str, Trail]) -> None:
        pairs = list(trails.items())
        for start in range(0, len(pairs), AT_ONCE):
            args: list[Argument] = [TRAILS_LIMIT]
            for name, trail in pairs[start : start + AT_ONCE]:
                args += (name, orjson.dumps(tuple(trail)) if trail.items else b"")
            await self._asked("trails_put", partial(_always, args))

    async def changes(self, generation: str | None, since: int, limit: int = 500) -> Changes:
        live, began, move, found = await self._moved(generation, since, limit)
        told = {name: _trail(value) for name, value in found.items()}
        return Changes(live, began, move, told)


class RedisCounts(_Moving):
    """`CountReader` in Redis; `commit.lua` counts."""

    def __init__(self, talk: Talk, layout: Layout, *, is_building: bool) -> None:
        super().__init__(talk, layout, "counts", is_building=is_building)

    async def changes(self, generation: str | None, since: int, limit: int = 500) -> Moved:
        return Moved(*await self._moved(generation, since, limit))


def _trail(value: bytes) -> Trail:
    return Trail(*map(tuple, orjson.loads(value))) if value else ENDED


def _always(args: list[Argument], _live: str) -> list[Argument]:
    return args


@cache
def _source(name: str) -> bytes:
    return files("profiles").joinpath("lua", f"{name}.lua").read_bytes()
