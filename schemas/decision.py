"""A decision: what was chosen for one candidate, out of what, by which versions, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import orjson

Rung = Literal["live", "last_good", "segment", "site", "curated"]
"""Which rung of the fallback ladder spoke."""

VersionVector = Mapping[str, int]
"""`<topic>/<candidate id>` to the log offset of the newest event folded into that section."""


class Reason(NamedTuple):
    """Why an item is where it is: a fixed `code`, the `detail` it speaks of, and the share of the score it made."""

    code: str
    detail: str = ""
    weight: float = 0.0


class RankedItem(NamedTuple):
    """One item of a choice. `propensity` is the probability with which this policy puts it into the choice.

    Tuples, as reasons are: a decision has fifty of them, and a frozen dataclass takes three times as long to make.
    """

    id: str
    score: float
    propensity: float = 1.0
    source: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The ranking for one selector, best first; longer than a slot, so that a request's context can be laid over it."""

    selector: str
    kind: Literal["RECS", "CONTENT"]
    items: tuple[RankedItem, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """All choices for one candidate at one version of the profile. `decided_at` is milliseconds since the epoch.

    `limits` is what may not be shown to this person (`scorers/limits.py`), so that rules hold where no profile is at hand.
    """

    id: str
    candidate_id: str
    decided_at: int
    version: VersionVector
    choices: tuple[Choice, ...]
    segments: tuple[str, ...] = ()
    model: str = ""
    policy: str = ""
    catalogue: int = 0
    rung: Rung = "live"
    limits: Mapping[str, Any] = field(default_factory=dict)

    def choice(self, selector: str) -> Choice | None:
        """Answer the choice for a selector's name, or None."""
        return next((choice for choice in self.choices if choice.selector == selector), None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a decision was made from, for the log: the considered items with every feature that serving saw.

    `features` names the columns; `matrix` is rows by columns, float32 little endian, in the order of `considered`;
    `removed` maps an item to the rule that removed it.
    """

    considered: tuple[str, ...]
    features: tuple[str, ...]
    matrix: bytes
    scores: tuple[float, ...]
    removed: Mapping[str, str] = field(default_factory=dict)


def encode_decision(decision: Decision) -> bytes:
    """Answer the compact JSON of a decision, as the store keeps it.

    Words that repeat (sources, codes and details of reasons) stand once in `w` and are named by their position: 2.4 instead of 3.8 KB.
    """
    words: dict[str, int] = {}
    choices = [
        [choice.selector, choice.kind, [_packed(item, words) for item in choice.items]] for choice in decision.choices
    ]
    return orjson.dumps(
        {
            "id": decision.id,
            "c": decision.candidate_id,
            "t": decision.decided_at,
            "v": dict(decision.version),
            "s": decision.segments,
            "m": decision.model,
            "p": decision.policy,
            "k": decision.catalogue,
            "r": decision.rung,
            "l": dict(decision.limits),
            "w": list(words),
            "ch": choices,
        }
    )


def decode_decision(value: bytes) -> Decision:
    """Answer the decision that `encode_decision` wrote."""
    body: dict[str, Any] = orjson.loads(value)
    words: list[str] = body["w"]
    return Decision(
        id=body["id"],
        candidate_id=body["c"],
        decided_at=body["t"],
        version=body["v"],
        segments=tuple(body["s"]),
        model=body["m"],
        policy=body["p"],
        catalogue=body["k"],
        rung=body["r"],
        limits=body["l"],
        choices=tuple(
            Choice(selector, kind, tuple([_unpacked(item, words) for item in items]))
            for selector, kind, items in body["ch"]
        ),
    )


def _packed(item: RankedItem, words: dict[str, int]) -> list[Any]:
    """Answer `[id, score, source]`, and only where there is more to say the reasons, flat, and the propensity."""
    packed: list[Any] = [item.id, item.score, words.setdefault(item.source, len(words))]
    if item.reasons or item.propensity != 1.0:
        told: list[Any] = []
        for reason in item.reasons:
            told += (
                words.setdefault(reason.code, len(words)),
                words.setdefault(reason.detail, len(words)),
                reason.weight,
            )
        packed.append(told)
    if item.propensity != 1.0:
        packed.append(item.propensity)
    return packed


def _unpacked(packed: list[Any], words: list[str]) -> RankedItem:
    told = packed[3] if len(packed) > 3 else ()
    return RankedItem(
        packed[0],
        packed[1],
        packed[4] if len(packed) > 4 else 1.0,
        words[packed[2]],
        tuple([Reason(words[told[at]], words[told[at + 1]], told[at + 2]) for at in range(0, len(told), 3)]),
    )
