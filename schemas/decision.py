"""A decision: what was chosen for one candidate, out of what, by which versions, and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, overload

Rung = Literal["live", "last_good", "segment", "site", "curated"]
"""Which rung of the fallback ladder spoke."""

VersionVector = Mapping[str, int]
"""`<topic>/<candidate id>` to the log offset of the newest event folded into that section."""

SCORE_UNIT = 10_000
"""Scores in columns are whole numbers of this unit: four decimals."""


class Reason(NamedTuple):
    """Why an item is where it is: a fixed `code`, the `detail` it speaks of, and the share of the score it made."""

    code: str
    detail: str = ""
    weight: float = 0.0


class RankedItem(NamedTuple):
    """One item of a choice. `propensity` is the probability with which this policy puts it into the choice."""

    id: str
    score: float
    propensity: float = 1.0
    source: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(slots=True, eq=False)
class Ranked(Sequence[RankedItem]):
    """Items in columns: a decision has fifty of them, and whoever asks for ten need not wait until all are made.

    Not to be changed; to make it frozen takes three times as long.
    `scores` are in units of 1 / SCORE_UNIT. `told` are the reasons of the first items, the others have none: code, detail and weight of
    each, one after the other. `propensities` are by place, where they are not 1.
    """

    ids: Sequence[str]
    scores: Sequence[int]
    sources: Sequence[str]
    told: Sequence[Sequence[Any]] = ()
    propensities: Mapping[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Sequence[RankedItem]) -> "Ranked":
        """Answer these items in columns."""
        if isinstance(items, cls):
            return items
        told = max((place for place, item in enumerate(items, 1) if item.reasons), default=0)
        return cls(
            ids=[item.id for item in items],
            scores=[round(item.score * SCORE_UNIT) for item in items],
            sources=[item.source for item in items],
            told=[[member for reason in item.reasons for member in reason] for item in items[:told]],
            propensities={place: item.propensity for place, item in enumerate(items) if item.propensity != 1.0},
        )

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> RankedItem: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[RankedItem, ...]: ...
    def __getitem__(self, place: int | slice) -> RankedItem | tuple[RankedItem, ...]:
        if isinstance(place, slice):
            return tuple(map(self._item, range(len(self.ids))[place]))
        return self._item(range(len(self.ids))[place])

    def __iter__(self) -> Iterator[RankedItem]:
        return map(self._item, range(len(self.ids)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def _item(self, place: int) -> RankedItem:
        return RankedItem(
            self.ids[place],
            self.scores[place] / SCORE_UNIT,
            self.propensities.get(place, 1.0),
            self.sources[place],
            _reasons_of(self.told[place]) if place < len(self.told) else (),
        )


def _reasons_of(told: Sequence[Any]) -> tuple[Reason, ...]:
    return tuple([Reason(told[at], told[at + 1], told[at + 2]) for at in range(0, len(told), 3)])


@dataclass(frozen=True, slots=True)
class Choice:
    """The ranking for one selector, best first; longer than a slot, so that a request's context can be laid over it."""

    selector: str
    kind: Literal["RECS", "CONTENT"]
    items: Sequence[RankedItem]


@dataclass(frozen=True, slots=True)
class Decision:
    """All choices for one candidate at one version of the profile. `decided_at` is milliseconds since the epoch.

    `limits` is what may not be shown to this person (`scorers/limits.py`), so that rules hold where no profile is at hand. `refused` are
    the purposes of `schemas.consent.SHAPING` that it was made without.
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
    refused: tuple[str, ...] = ()

    def choice(self, selector: str) -> Choice | None:
        """Answer the choice for a selector's name, or None."""
        return next((choice for choice in self.choices if choice.selector == selector), None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a decision was made from, for the log: the considered items with every feature that serving saw.

    `features` names the columns; `matrix` is rows by columns, float32 little endian, in the order of `considered`; `scores` are joined
    logits, boosts included. `removed` maps an item to the rule that removed it. `fit_share` is the fit's share in what was joined, None
    where no model scored. `consents` are those in force then.
    """

    considered: tuple[str, ...]
    features: tuple[str, ...]
    matrix: bytes
    scores: tuple[float, ...]
    removed: Mapping[str, str] = field(default_factory=dict)
    fit_share: float | None = None
    consents: Mapping[str, bool] = field(default_factory=dict)
    contents: "ContentEvidence | None" = None
    shadow: "Shadow | None" = None


@dataclass(frozen=True, slots=True)
class ContentEvidence:
    """What the content of a decision's choices was scored from: like `Evidence`, but float64, and only of the items that were chosen.

    `model` names the weights, `scores` are logits, boosts included.
    """

    model: str
    considered: tuple[str, ...]
    features: tuple[str, ...]
    matrix: bytes
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Shadow:
    """What a challenger would have scored the same rows: never shown, kept to compare."""

    model: str
    scores: tuple[float, ...]


Recall = Callable[[], Evidence]
"""Answers what a decision was made from: worked out when it is asked for, since a decision that ranks as the last one is not logged."""
