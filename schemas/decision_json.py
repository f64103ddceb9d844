"""A decision in bytes: compact JSON for the log, packed for the store."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import orjson
from isal import isal_zlib

from schemas.decision import Choice, Decision, Ranked

PACKED_LIMIT = 2_048
"""The most that a stored decision takes: what stands last in its choices makes room."""
_RAW = -15
"""Deflate without the header and checksum of zlib: Redis checks what it keeps."""
_WORDS = (
    b'"override","unfinished_application","trending_in_segment","popular","near_you","employer_interest","search_match",'
    b'"skill_match","skill_interest","stated_preference","must_have_unconfirmed","licence:","viewed_together","pay_band",'
    b'"same_occupation","similar_to_viewed","place_match","fresh","",0.["trending","pool","exploration","together","neighbours",'
    b'"interest"],[["place_match","],[],["content","content","content","content"],[]],["message",1],["prep",1],["survey",1]],'
    b'["media",1,["benefits",1,["benefit-",["hero",1,["hero-","fresh-releases",0,["weekly-discoveries",0,["'
    b'","s":[],"m":"prior-","p":"standard","k":,"r":"live","l":{},"ch":[["jobs",0,["'
)
"""What most decisions say, for the deflater to point at: a sixth fewer bytes for a twentieth more time. What is kept points into it
by the distance from its end, so words may be put before it, and a word that is taken out makes stored decisions unreadable."""
_KINDS: tuple[Literal["RECS"], Literal["CONTENT"]] = ("RECS", "CONTENT")


def decision_json(decision: Decision) -> bytes:
    """Answer the compact JSON of a decision.

    A choice is selector, kind, and unless it is empty: ids, scores, sources, reasons of the first items (code, detail, weight each, flat),
    and the places and values of propensities that are not 1, flat. `n` is there where something was refused.
    Words repeat: a table of them takes longer to make than to deflate.
    """
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
            **({"n": decision.refused} if decision.refused else {}),
            "ch": [_choice_json(choice) for choice in decision.choices],
        }
    )


def decision_of(body: dict[str, Any]) -> Decision:
    """Answer the decision of a document that `decision_json` wrote."""
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
        refused=tuple(body.get("n", ())),
        choices=tuple([_choice_of(choice) for choice in body["ch"]]),
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
    return isal_zlib.decompressobj(_RAW, _WORDS).decompress(value)


def _packed(decision: Decision) -> bytes:
    deflater = isal_zlib.compressobj(1, isal_zlib.DEFLATED, _RAW, zdict=_WORDS)
    return deflater.compress(decision_json(decision)) + deflater.flush()


def _shortened(decision: Decision, kept: int) -> Decision:
    if not kept:
        # Limits that are too many to carry must not be carried in part: a rule would be forgotten.
        return replace(decision, choices=(), limits={}, segments=())
    return replace(decision, choices=tuple(replace(choice, items=choice.items[:kept]) for choice in decision.choices))


def _choice_json(choice: Choice) -> list[Any]:
    kind = _KINDS.index(choice.kind)
    if not choice.items:
        return [choice.selector, kind]
    columns = Ranked.of(choice.items)
    return [
        choice.selector,
        kind,
        columns.ids,
        columns.scores,
        columns.sources,
        columns.told,
        [member for pair in columns.propensities.items() for member in pair],
    ]


def _choice_of(body: Sequence[Any]) -> Choice:
    selector, kind, *columns = body
    if not columns:
        return Choice(selector, _KINDS[kind], ())
    ids, scores, sources, told, chances = columns
    return Choice(
        selector,
        _KINDS[kind],
        Ranked(
            ids=ids,
            scores=scores,
            sources=sources,
            told=told,
            propensities=dict(zip(chances[::2], chances[1::2], strict=True)),
        ),
    )
