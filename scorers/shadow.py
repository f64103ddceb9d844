"""A challenger on live traffic: it scores what the champion scored, for the log alone."""

from dataclasses import replace

from schemas.consent import AI_SCORING, allows
from schemas.decision import Evidence, Shadow
from scorers.models import Model
from scorers.trained import rows_of


def shadowed(evidence: Evidence, challenger: Model | None) -> Evidence:
    """Answer the evidence with the challenger's logits beside those that decided; who refused a model is scored by none."""
    if challenger is None or not evidence.considered or not allows(evidence.consents, AI_SCORING):
        return evidence
    joined = challenger.score(rows_of(evidence.matrix, len(evidence.features)), evidence.features).joined
    return replace(evidence, shadow=Shadow(challenger.name, tuple(joined.tolist())))
