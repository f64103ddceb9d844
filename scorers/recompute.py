"""A logged decision scored again, from what it was made from."""

import numpy as np

from schemas.logged import LoggedDecision
from scorers.models import Model
from scorers.overrides import Overrides, mark_of, overrides_on

TOLERANCE = 1e-9


def difference(logged: LoggedDecision, model: Model, overrides: Overrides) -> str | None:
    """Answer why a decision's scores are not those that are logged, None when they are; one without evidence has none to compare.

    `overrides` are all that were ever made: those of the decision's time count.
    """
    decision, evidence = logged.decision, logged.evidence
    if evidence is None or not evidence.considered:
        return None
    said = overrides_on(decision, overrides, decision.decided_at)
    if mark_of(said)[1:] != decision.policy.partition("+")[2]:
        return "it was made under other overrides than are on record for its time"
    matrix = np.frombuffer(evidence.matrix, "<f4").reshape(len(evidence.considered), len(evidence.features))
    scores = model.score(np.ascontiguousarray(matrix), evidence.features).joined.copy()
    for boost in said:
        if boost.kind == "boost" and boost.item_id in evidence.considered:
            scores[evidence.considered.index(boost.item_id)] += boost.logits
    apart = np.abs(scores - np.array(evidence.scores))
    worst = int(apart.argmax())
    if apart[worst] <= TOLERANCE:
        return None
    return f"{evidence.considered[worst]} scores {scores[worst]:.9f}, logged is {evidence.scores[worst]:.9f}"
