"""The token that collecting answers: where the newest record of each partition lies, such as `c3-1042.p0-7`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from schemas.topics import CANDIDATE_TOPICS, Topic

TOKEN_LIMIT = 64
"""Parts that are read of a token: more than a call can touch in a topic layout of a reasonable size."""

_TOPICS = {topic.value[0]: topic for topic in CANDIDATE_TOPICS}
_PART = re.compile(r"([a-z])(\d{1,5})-(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Position:
    """Where an acknowledged record lies."""

    topic: Topic
    partition: int
    offset: int


def after_token(positions: Iterable[Position]) -> str:
    """Answer the token for the newest record of each partition."""
    newest: dict[tuple[str, int], int] = {}
    for position in positions:
        place = (position.topic.value[0], position.partition)
        newest[place] = max(newest.get(place, -1), position.offset)
    return ".".join(f"{initial}{partition}-{offset}" for (initial, partition), offset in sorted(newest.items()))


def positions_of(token: str) -> tuple[Position, ...] | None:
    """Answer the positions that a token names, or None when it is none of ours."""
    parts = token.split(".", TOKEN_LIMIT) if token else []
    matches = [_PART.fullmatch(part) for part in parts[:TOKEN_LIMIT]]
    if not matches or any(match is None or match[1] not in _TOPICS for match in matches):
        return None
    return tuple(Position(_TOPICS[match[1]], int(match[2]), int(match[3])) for match in matches if match is not None)
