"""A decision in bytes: compact JSON for the log, packed for the store."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, overload

import orjson

from schemas.decision import Choice, Decision, Ranked, RankedItem, Reason

WEIGHT_UNIT = 1_000
"""Weights of reasons are whole numbers of this unit: three decimals."""
PACKED_LIMIT = 2_048
"""The most that a stored decision takes: what stands last in its choices makes room."""
_KINDS: tuple[Literal["RECS"], Literal["CONTENT"]] = ("RECS", "CONTENT")


def decision_json(decision: Decision) -> bytes:
    """Answer the compact JSON of a decision.

    Words that repeat (ids, sources, codes and details of reasons) stand once in `w` and are named by their position. A choice is selector,
    kind, and unless it is empty: ids, scores, sources, reasons of the first items (code, detail, weight each, flat), and the places and
    values of propensities that are not 1, flat.
    """
    words: dict[str, int] = {}
    choices = [_choice_json(choice, words) for choice in decision.choices]
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


def decision_of(body: dict[str, Any]) -> Decision:
    """Answer the decision of a document that `decision_json` wrote."""
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
        choices=tuple([_choice_of(choice, words) for choice in body["ch"]]),
    )


def encode_decision(decision: Decision) -> bytes:
    """Answer a decision as the store keeps it: its JSON, deflated; never more than PACKED_LIMIT.

    What does not fit loses the last items of its choices, in the end all choices: whoever finds none decides anew.
    """
    packed = _packed(decision)
    kept = max((len(choice.items) for choice in decision.choices), default=0)
    while len(packed) > PACKED_LIMIT and kept:
        kept = kept * 3 // 4
        packed = _packed(_shortened(decision, kept))
    return packed


def decode_decision(value: bytes) -> Decision:
    """Answer the decision that `encode_decision` wrote."""
    return decision_of(orjson.loads(stored_json(value)))


def stored_json(value: bytes) -> bytes:
    """Answer the JSON in what the store keeps."""
    return zlib.decompress(value)


def _packed(decision: Decision) -> bytes:
    return zlib.compress(decision_json(decision), 1)


def _shortened(decision: Decision, kept: int) -> Decision:
    if not kept:
        # Limits that are too many to carry must not be carried in part: a rule would be forgotten.
        return replace(decision, choices=(), limits={}, segments=())
    return replace(decision, choices=tuple(replace(choice, items=choice.items[:kept]) for choice in decision.choices))


def _choice_json(choice: Choice, words: dict[str, int]) -> list[Any]:
    kind = _KINDS.index(choice.kind)
    if not choice.items:
        return [choice.selector, kind]
    columns, number = Ranked.of(choice.items), words.setdefault
    told = [
        [
            spoken
            for code, detail, weight in reasons
            for spoken in (number(code, len(words)), number(detail, len(words)), round(weight * WEIGHT_UNIT))
        ]
        for reasons in columns.reasons
    ]
    return [
        choice.selector,
        kind,
        [number(item, len(words)) for item in columns.ids],
        columns.scores,
        [number(source, len(words)) for source in columns.sources],
        told,
        [member for pair in columns.propensities.items() for member in pair],
    ]


def _choice_of(body: Sequence[Any], words: Sequence[str]) -> Choice:
    selector, kind, *columns = body
    return Choice(selector, _KINDS[kind], _Stored(columns, words) if columns else ())


class _Stored(Sequence[RankedItem]):
    """The items of a stored choice, read when somebody looks: a page asks for two of nine selectors."""

    __slots__ = ("_columns", "_ranked", "_words")

    def __init__(self, columns: Sequence[Any], words: Sequence[str]) -> None:
        self._columns, self._words = columns, words
        self._ranked: Ranked | None = None

    def __len__(self) -> int:
        return len(self._columns[0])

    @overload
    def __getitem__(self, place: int) -> RankedItem: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[RankedItem]: ...
    def __getitem__(self, place: int | slice) -> RankedItem | Sequence[RankedItem]:
        return self._read()[place]

    def __iter__(self) -> Iterator[RankedItem]:
        return iter(self._read())

    def __eq__(self, other: object) -> bool:
        return self._read() == other

    def __hash__(self) -> int:
        return hash(self._read())

    def _read(self) -> Ranked:
        if self._ranked is None:
            self._ranked = _ranked_of(self._columns, self._words)
        return self._ranked


def _ranked_of(columns: Sequence[Any], words: Sequence[str]) -> Ranked:
    ids, scores, sources, told, chances = columns
    return Ranked(
        ids=[words[number] for number in ids],
        scores=scores,
        sources=[words[number] for number in sources],
        reasons=[_reasons_of(spoken, words) for spoken in told],
        propensities=dict(zip(chances[::2], chances[1::2], strict=True)),
    )


def _reasons_of(spoken: Sequence[int], words: Sequence[str]) -> tuple[Reason, ...]:
    return tuple(
        [
            Reason(words[code], words[detail], weight / WEIGHT_UNIT)
            for code, detail, weight in zip(spoken[::3], spoken[1::3], spoken[2::3], strict=True)
        ]
    )
