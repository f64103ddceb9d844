"""What serving saw: the feature rows that lie in the log beside each decision, found again by decision and posting."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learning.log import Log
from schemas.decision import Shadow
from schemas.logged import decode_logged
from schemas.topics import Topic
from scorers.features import FEATURE_NAMES
from scorers.models import Matrix, Model, Opinion
from scorers.trained import rows_of


@dataclass(frozen=True, slots=True)
class Seen:
    """One decision's considered postings, best first, with their features and the logits they were ranked by."""

    decision_id: str
    candidate_id: str
    at: int
    model: str
    job_ids: tuple[str, ...]
    matrix: Matrix
    scores: NDArray[np.float64]
    shadow: Shadow | None = None
    """What a challenger would have ranked them by."""


def read_evidence(log: Log, wanted: Callable[[str], bool]) -> Iterator[Seen]:
    """Answer the evidence of the decisions whose id is wanted; what was made for other features is left out.

    Each id once: of several logged under it the first counts, for most are the same one told again.
    """
    known: set[str] = set()
    for record in log.records(Topic.DECISIONS):
        logged = decode_logged(record.value) if record.value else None
        if logged is None or logged.evidence is None or not wanted(logged.decision.id):
            continue
        evidence, decision = logged.evidence, logged.decision
        if evidence.features == FEATURE_NAMES and evidence.considered and decision.id not in known:
            known.add(decision.id)
            yield Seen(
                decision_id=decision.id,
                candidate_id=decision.candidate_id,
                at=decision.decided_at,
                model=decision.model,
                job_ids=evidence.considered,
                matrix=rows_of(evidence.matrix, len(FEATURE_NAMES)),
                scores=np.array(evidence.scores),
                shadow=evidence.shadow,
            )


def opinions_of(model: Model) -> Callable[[Seen], Opinion]:
    """Answer what says a model's opinion of a decision's rows."""
    return lambda seen: model.score(seen.matrix, FEATURE_NAMES)


def largest_skew(seen: Collection[Seen], model: Model) -> float:
    """Answer by how much the model's scores of the logged features differ from those it served; others' decisions are left out."""
    apart = [
        float(np.max(np.abs(model.score(each.matrix, FEATURE_NAMES).joined - each.scores), initial=0.0))
        for each in seen
        if each.model == model.name
    ]
    return max(apart, default=0.0)
