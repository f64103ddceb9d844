"""What training must respect: which way a feature may move a head, and what it may not look at."""

from collections.abc import Mapping, Sequence
from typing import Literal

from schemas.denylist import denied_features

Side = Literal["fit", "interest"]

RISING: Mapping[Side, frozenset[str]] = {
    "fit": frozenset(
        {
            "skill_match", "skill_interest", "occupation_stated", "title_stated", "seniority_stated", "category_stated",
            "title_interest", "title_latest", "meaning_interest",
        }
    ),
    "interest": frozenset(
        {
            "place_interest", "near_viewed", "place_stated", "nearness", "title_interest", "title_latest", "meaning_interest",
            "title_stated", "title_searched", "occupation_stated", "category_stated", "skill_match", "pay_above", "employment_stated",
            "workplace_stated", "seniority_stated", "started", "viewed_together",
        }
    ),
}  # fmt: skip
"""More of these never lowers the head: one more of the required skills must not cost anybody an interview."""
FALLING: Mapping[Side, frozenset[str]] = {
    "fit": frozenset({"must_have_unconfirmed"}),
    "interest": frozenset({"fatigue", "disliked_alike"}),
}


class ForbiddenFeatures(ValueError):
    """Training was asked to look at a protected attribute or at what stands for one."""


def directions(side: Side, names: Sequence[str]) -> list[int]:
    """Answer for each feature 1 (may only raise the head), -1 (may only lower it) or 0."""
    return [1 if name in RISING[side] else -1 if name in FALLING[side] else 0 for name in names]


def check_features(names: Sequence[str]) -> None:
    """Raise ForbiddenFeatures where a feature is, or stands for, a protected attribute."""
    denied = denied_features(names)
    if denied:
        raise ForbiddenFeatures(f"no model may look at {', '.join(denied)}: docs/reference/ranking.md says why")
