"""What the content of one person's choices was scored from, and the same scores from what is logged of it."""

from collections.abc import Sequence
from math import log1p

import numpy as np

from schemas.decision import Choice, ContentEvidence, Ranked
from schemas.override import Override
from scorers.content_choices import standing_of
from scorers.contents import INTERCEPT, WEIGHTS, ContentScores
from scorers.crowd import Crowd
from scorers.deeds import Floats

CONTENT_MODEL = "content-1"
"""Names INTERCEPT and WEIGHTS: whoever changes them changes it."""
CONTENT_FEATURES = tuple(WEIGHTS)


def content_evidence(
    crowd: Crowd, scores: ContentScores, person: int, choices: Sequence[Choice]
) -> ContentEvidence | None:
    """Answer one person's, None when no content was chosen."""
    columns, standing = scores.columns, standing_of(crowd.queries[person], scores.columns, crowd.now)
    chosen = [item for choice in choices if choice.kind == "CONTENT" for item in Ranked.of(choice.items).ids]
    lines = [columns.position[item] for item in dict.fromkeys(chosen)]
    if not lines:
        return None
    by_name = {
        "stated": scores.stated[person, lines],
        "liked": scores.liked[person, lines],
        "elsewhere": scores.elsewhere[person, lines],
        "segment": [line in standing.in_segment for line in lines],
        "stage": [line in standing.at_stage for line in lines],
        "priority": columns.priority[lines],
        "event_soon": scores.event_soon[lines],
        "shown": [log1p(standing.shown.get(line, 0)) for line in lines],
    }
    matrix = np.array([by_name[name] for name in CONTENT_FEATURES], "<f8").T
    considered = tuple([columns.names[line] for line in lines])
    logits = with_boosts(content_logits(matrix), considered, crowd.overrides[person])
    return ContentEvidence(CONTENT_MODEL, considered, CONTENT_FEATURES, matrix.tobytes(), tuple(logits.tolist()))


def content_logits(matrix: Floats) -> Floats:
    """Answer the logits of rows of CONTENT_FEATURES, without boosts."""
    logits: Floats = INTERCEPT + (matrix * np.array(list(WEIGHTS.values()))).sum(axis=1)
    return logits


def with_boosts(logits: Floats, considered: Sequence[str], overrides: Sequence[Override]) -> Floats:
    """Answer logits with what colleagues added for these items."""
    boosted = logits.copy()
    for boost in overrides:
        if boost.kind == "boost" and boost.item_id in considered:
            boosted[considered.index(boost.item_id)] += boost.logits
    return boosted
