"""A person's word over the engine's: an item pinned, boosted or blocked, and the model paused; who said so, why, until when."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import orjson

OverrideKind = Literal["pin", "boost", "block"]
BOOST_LIMIT = 10.0
"""Logits that a boost may add or take: beyond this nothing else would count."""
PAUSE = "pause"
"""The key of the record that says whether the model is paused; every other key on the topic is an override's id."""


@dataclass(frozen=True, slots=True)
class Override:
    """One override. `person` is a pseudonym, `segment` a segment's key; with neither it is for everybody.

    `selector` None means every selector. `logits` are a boost's, `position` (1 is first) a pin's. One that was removed says by whom.
    """

    id: str
    kind: OverrideKind
    item_id: str
    by: str
    why: str
    at: int
    expires_at: int
    segment: str | None = None
    person: str | None = None
    selector: str | None = None
    position: int = 1
    logits: float = 0.0
    removed_by: str | None = None
    removed_at: int | None = None

    def is_current(self, now: int) -> bool:
        """Say whether it was in force at a time, which may be long ago."""
        end = self.expires_at if self.removed_at is None else min(self.expires_at, self.removed_at)
        return self.at <= now < end

    def removed(self, *, by: str, at: int) -> "Override":
        return replace(self, removed_by=by, removed_at=at)


@dataclass(frozen=True, slots=True)
class Pause:
    """Whether trained models stand back for the prior, by whose word and why."""

    paused: bool
    by: str
    why: str
    at: int


def encode_override(said: Override | Pause) -> bytes:
    return orjson.dumps(asdict(said))


def decode_override(value: bytes) -> Override:
    """Answer what `encode_override` wrote; ValueError, TypeError or KeyError for anything else."""
    body: Mapping[str, Any] = orjson.loads(value)
    override = Override(**body)
    if override.kind not in ("pin", "boost", "block"):
        raise ValueError(f"{override.kind} is none of pin, boost, block")
    return override


def decode_pause(value: bytes) -> Pause:
    """Answer what `encode_override` wrote of a pause; ValueError or TypeError for anything else."""
    return Pause(**orjson.loads(value))
