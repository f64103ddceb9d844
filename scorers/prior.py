"""The documented prior: what each feature weighs for the employer's side (fit) and for the candidate's (interest).

Logits. Set by hand after what was measured on job views (place decides first, title second, popularity hardly) and until a model is
trained; docs/reference/ranking.md tells why for each.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Weights(NamedTuple):
    fit: float
    interest: float


FIT_INTERCEPT = -1.2
INTEREST_INTERCEPT = -4.2

PRIOR: Mapping[str, Weights] = {
    "place_interest": Weights(0.0, 2.8),
    "near_viewed": Weights(0.0, 2.6),
    "region_interest": Weights(0.0, 0.8),
    "place_stated": Weights(0.0, 2.0),
    "nearness": Weights(0.3, 1.8),
    "title_interest": Weights(0.6, 1.4),
    "title_latest": Weights(0.0, 0.8),
    "title_searched": Weights(0.3, 2.4),
    "title_stated": Weights(1.0, 3.6),
    "meaning_interest": Weights(0.0, 0.8),
    "occupation_interest": Weights(0.8, 0.8),
    "occupation_stated": Weights(2.4, 5.0),
    "occupation_searched": Weights(0.4, 1.2),
    "occupation_code_interest": Weights(0.4, 0.8),
    "minor_group_interest": Weights(0.3, 0.6),
    "major_group_interest": Weights(0.2, 0.4),
    "category_interest": Weights(0.4, 0.7),
    "category_stated": Weights(1.0, 3.0),
    "employer_interest": Weights(0.0, 0.7),
    "employer_searched": Weights(0.0, 2.0),
    "skill_interest": Weights(0.6, 0.8),
    "skill_match": Weights(3.0, 1.6),
    "skill_searched": Weights(0.4, 1.6),
    "pay_interest": Weights(0.2, 0.5),
    "pay_above": Weights(0.0, 0.6),
    "employment_interest": Weights(0.0, 0.3),
    "employment_stated": Weights(0.0, 0.6),
    "workplace_interest": Weights(0.0, 0.3),
    "workplace_stated": Weights(0.0, 0.6),
    "seniority_interest": Weights(0.6, 0.4),
    "seniority_stated": Weights(1.2, 1.0),
    "freshness": Weights(0.2, 0.7),
    "since_last_visit": Weights(0.0, 0.4),
    "ends_soon": Weights(0.0, 0.1),
    "viewed_together": Weights(0.0, 1.6),
    "trending": Weights(0.0, 0.4),
    "appeal": Weights(0.0, 0.4),
    "applied_share": Weights(0.0, 0.5),
    "dismissed_share": Weights(0.0, -0.5),
    "viewed": Weights(0.0, -3.0),
    "saved": Weights(0.2, -0.6),
    "started": Weights(0.6, 5.0),
    "fatigue": Weights(0.0, -0.45),
    "disliked_alike": Weights(0.0, -3.6),
    "must_have_unconfirmed": Weights(-0.5, -0.1),
}
