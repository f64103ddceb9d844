"""Logged decisions scored again, from what they were made from; what pages got, from the decisions it was laid from."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from schemas.consent import AI_SCORING, allows
from schemas.decision import SCORE_UNIT, Decision, Evidence, Ranked
from schemas.logged import LoggedDecision
from schemas.override import Override
from schemas.served import ServedChoice, ServedItem
from schemas.trained import PRIOR as NAME_OF_PRIOR
from scorers.content_evidence import CONTENT_FEATURES, CONTENT_MODEL, content_logits, with_boosts
from scorers.deeds import Floats
from scorers.models import Model, probability
from scorers.overlay_postings import FILLED_FROM, FILLED_WITHOUT, SIMILAR_SHARE, SIMILAR_TO
from scorers.overrides import Overrides, mark_of, overrides_on

TOLERANCE = 1e-9
LEARNED_MS = 60_000
"""Within this time every process has learned of an override, unless Kafka is away."""
_DIGITS = 4

ModelOf = Callable[[str, float], Model | None]
"""Answers the model of a name and a fit share, None when it is not there any more."""
Scores = Mapping[str, float]
"""Served scores by item."""


class Differs(ValueError):
    """A score is not what it is made from; the message says which and by how much."""


class Unfounded(ValueError):
    """What a score was made from cannot be had; the message says why."""


def rescored(logged: LoggedDecision, model_of: ModelOf, overrides: Overrides) -> Scores:
    """Answer the scores of a decision's items, computed again.

    Raises Differs when they are not those that are logged, Unfounded when there is nothing to compute them from.
    `overrides` are all that were ever made: those of the decision's time count.
    """
    decision, evidence = logged.decision, logged.evidence
    if not decision.model:
        return _unscored(decision)
    if evidence is None or evidence.fit_share is None:
        raise Unfounded("it was logged without what it was made from")
    if decision.model != NAME_OF_PRIOR and not allows(evidence.consents, AI_SCORING):
        raise Differs(f"{decision.model} scored somebody who had refused ai_scoring")
    said = _overrides_of(decision, overrides)
    if said is None:
        raise Differs("it was made under other overrides than are on record for its time")
    model = model_of(decision.model, evidence.fit_share)
    if model is None:
        raise Unfounded(f"there is no model {decision.model} any more")
    logits = {**_postings(evidence, model, said), **_contents(evidence, said)}
    return _compared(decision, logits)


def _overrides_of(decision: Decision, overrides: Overrides) -> Sequence[Override] | None:
    """Answer those whose mark the decision carries: in force at its time, or when a process could not yet know of a change.

    None when no such moment was.
    """
    changes = {moment for each in overrides.all for moment in (each.at, each.expires_at, each.removed_at) if moment}
    at = decision.decided_at
    mark = decision.policy.partition("+")[2]
    for moment in (at, *sorted((each - 1 for each in changes if at - LEARNED_MS < each <= at), reverse=True)):
        said = overrides_on(decision, overrides, moment)
        if mark_of(said)[1:] == mark:
            return said
    return None


def _unscored(decision: Decision) -> Scores:
    """Answer the scores of what no model scored: a curator's order, all 0."""
    odd = [item.id for choice in decision.choices for item in choice.items if item.score]
    if odd:
        raise Differs(f"{odd[0]} has a score, and no model is named")
    return {item: 0.0 for choice in decision.choices for item in Ranked.of(choice.items).ids}


def _postings(evidence: Evidence, model: Model, said: Sequence[Override]) -> Mapping[str, float]:
    if not evidence.considered:
        return {}
    matrix = np.frombuffer(evidence.matrix, "<f4").reshape(len(evidence.considered), len(evidence.features))
    joined = model.score(np.ascontiguousarray(matrix), evidence.features).joined
    return _equal(with_boosts(joined, evidence.considered, said), evidence.considered, evidence.scores)


def _contents(evidence: Evidence, said: Sequence[Override]) -> Mapping[str, float]:
    contents = evidence.contents
    if contents is None:
        return {}
    if (contents.model, contents.features) != (CONTENT_MODEL, CONTENT_FEATURES):
        raise Unfounded(f"its content was scored by {contents.model}, this version has {CONTENT_MODEL}")
    matrix = np.frombuffer(contents.matrix, "<f8").reshape(len(contents.considered), len(contents.features))
    logits = with_boosts(content_logits(matrix), contents.considered, said)
    return _equal(logits, contents.considered, contents.scores)


def _equal(logits: Floats, items: Sequence[str], written: Sequence[float]) -> Mapping[str, float]:
    apart = np.abs(logits - np.array(written))
    worst = int(np.nan_to_num(apart).argmax())
    if apart[worst] > TOLERANCE:
        raise Differs(f"{items[worst]} scores {logits[worst]:.9f}, logged is {written[worst]:.9f}")
    return dict(zip(items, logits.tolist(), strict=True))


def _compared(decision: Decision, logits: Mapping[str, float]) -> Scores:
    """Answer what the choices say of their items, once it is what the logits make of them."""
    scores: dict[str, float] = {}
    for choice in decision.choices:
        columns = Ranked.of(choice.items)
        for item, units in zip(columns.ids, columns.scores, strict=True):
            logit = logits.get(item)
            if logit is None:
                raise Differs(f"{item} was chosen, and nothing is logged of what it was scored from")
            chance = float(probability(np.array(logit))) if np.isfinite(logit) else 0.0
            if abs(units - chance * SCORE_UNIT) > 0.5 + TOLERANCE * SCORE_UNIT:
                raise Differs(f"{item} is chosen with {units / SCORE_UNIT}, its logit makes {chance:.6f}")
            scores[item] = units / SCORE_UNIT
    return scores


def served_difference(choice: ServedChoice, base: Scores) -> str | None:
    """Answer why what a page got does not follow from the decision it was laid from, None when it does."""
    for item in choice.items:
        expected = _expected(item, base)
        if not any(abs(item.score - each) <= TOLERANCE for each in expected):
            return f"{item.id} was served with {item.score}, {' or '.join(map(str, expected[:3])) or 'nothing'} follows"
    return None


def _expected(item: ServedItem, base: Scores) -> list[float]:
    """Answer the scores that an item may have: what the list was filled up with hangs on one of its scores, whichever was least there."""
    parts = {code: weight for code, _, weight in item.reasons}
    if item.source == "similar":
        return [round(parts.get(SIMILAR_TO, 0.0) + (1.0 - SIMILAR_SHARE) * base.get(item.id, 0.0), _DIGITS)]
    if item.source == "fill":
        return [round(parts.get(FILLED_FROM, 0.0) * each, _DIGITS) for each in {*base.values(), FILLED_WITHOUT}]
    return [base[item.id]] if item.id in base else []
