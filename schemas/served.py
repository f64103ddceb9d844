"""A served decision as it lies on the decisions topic: what a page got, in order, and the decision that it was made from."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson


class ServedItem(NamedTuple):
    """One item of an answer, at its place."""

    id: str
    score: float
    propensity: float
    source: str = ""
    reasons: tuple[tuple[str, str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ServedChoice:
    """What one selector showed; events name it by `id`."""

    id: str
    selector: str
    kind: str
    items: tuple[ServedItem, ...]


@dataclass(frozen=True, slots=True)
class ServedDecision:
    """One answer under its call's `id`. `base` is the id of the decision (and its evidence) that the request was laid over."""

    id: str
    base: str
    candidate_id: str
    at: int
    rung: str
    model: str
    segments: tuple[str, ...]
    choices: tuple[ServedChoice, ...]


_DECIDED = b'{"kind":"decided"'


def decode_served(value: bytes) -> ServedDecision | None:
    """Answer the served decision of a record, or None when the record is of another kind."""
    # Evidence makes the other kind forty times as long: it need not be read to be told apart.
    if value.startswith(_DECIDED):
        return None
    body: dict[str, Any] = orjson.loads(value)
    if body.get("kind") != "served":
        return None
    return ServedDecision(
        id=body["id"],
        base=body["base"],
        candidate_id=body["candidate"],
        at=body["at"],
        rung=body["rung"],
        model=body["model"],
        segments=tuple(body["segments"]),
        choices=tuple(_choice(choice) for choice in body["choices"]),
    )


def _choice(body: dict[str, Any]) -> ServedChoice:
    items = tuple(
        ServedItem(
            item["id"],
            item["score"],
            item["propensity"],
            item.get("source", ""),
            tuple(map(tuple, item.get("reasons", ()))),
        )
        for item in body["items"]
    )
    return ServedChoice(body["id"], body["selector"], body["kind"], items)
