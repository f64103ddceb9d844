"""Trails in Redis: one hash, and the order of their moves, so that who follows reads what moved and no more."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Any

import orjson

from profiles.redis_layout import Argument, Call, Layout
from profiles.redis_talk import Talk
from profiles.trails import TRAILS_LIMIT, Changes, Trail

AT_ONCE = 256
"""Trails of one script: Redis takes half a millisecond for them."""


class RedisTrails:
    """`Trails` of the generation that `talk` is about."""

    def __init__(self, talk: Talk, layout: Layout, *, is_building: bool) -> None:
        self._talk = talk
        self._layout = layout
        self._is_building = is_building

    async def put(self, trails: Mapping[str, Trail]) -> None:
        pairs = list(trails.items())
        for start in range(0, len(pairs), AT_ONCE):
            args: list[Argument] = [TRAILS_LIMIT]
            for name, trail in pairs[start : start + AT_ONCE]:
                args += (name, orjson.dumps(list(trail)) if trail else b"")
            await self._asked("trails_put", partial(_always, args))

    async def changes(self, generation: str | None, since: int, limit: int = 500) -> Changes:
        live, (began, move, *found) = await self._asked(
            "trails_changes", lambda live: [since if live == generation else 0, limit]
        )
        told = {
            name.decode(): tuple(orjson.loads(value)) if value else ()
            for name, value in zip(found[::2], found[1::2], strict=True)
        }
        return Changes(live, began, move, told)

    async def _asked(self, script: str, args: Callable[[str], list[Argument]]) -> tuple[str, Any]:
        """Answer the generation, and what a script says of it."""
        while True:
            live = await self._talk.known_generation()
            keys = [self._layout.of(live, kind) for kind in ("trails", "trails-order", "trails-count")]
            meant = "" if self._is_building else live
            answer = await self._talk.script(_source(script), Call([self._layout.pointer, *keys], [meant, *args(live)]))
            if answer is not None:
                return live, answer
            self._talk.forget()


def _always(args: list[Argument], _live: str) -> list[Argument]:
    return args


@cache
def _source(name: str) -> bytes:
    return files("profiles").joinpath("lua", f"{name}.lua").read_bytes()
