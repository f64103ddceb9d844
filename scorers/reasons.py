"""Reasons: what speaks for a posting, as exact parts of its logit, and in words for the candidate."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.columns import FACET_WIDTH, SLOTS
from schemas.decision import Reason
from scorers.deeds import Ints
from scorers.features import FEATURE_NAMES
from scorers.frame import Frame, Table
from scorers.models import Logits, Matrix
from scorers.taste import LIKED, SEARCHED, STATED

REASON_OF: Mapping[str, str] = {
    "place_interest": "place_match", "region_interest": "place_match", "nearness": "near_you",
    "near_viewed": "place_match",
    "place_stated": "stated_preference", "title_stated": "stated_preference", "occupation_stated": "stated_preference",
    "category_stated": "stated_preference", "employment_stated": "stated_preference", "workplace_stated": "stated_preference",
    "seniority_stated": "stated_preference",
    "title_interest": "similar_to_viewed", "title_latest": "similar_to_viewed", "meaning_interest": "similar_to_viewed",
    "title_searched": "search_match", "occupation_searched": "search_match", "employer_searched": "search_match",
    "skill_searched": "search_match",
    "occupation_interest": "same_occupation", "category_interest": "same_occupation",
    "occupation_code_interest": "same_occupation", "minor_group_interest": "same_occupation",
    "major_group_interest": "same_occupation",
    "employer_interest": "employer_interest", "skill_interest": "skill_interest", "skill_match": "skill_match",
    "pay_interest": "pay_band", "pay_above": "pay_band",
    "viewed_together": "viewed_together",
    "freshness": "fresh", "since_last_visit": "fresh", "trending": "trending", "appeal": "popular", "started": "unfinished_application",
}  # fmt: skip
"""Which reason a feature speaks through; the others move the score and are told to the auditor only."""

CODES = tuple(dict.fromkeys(REASON_OF.values()))
LEAST_TOLD = 0.05
"""A reason that makes less of the logit than this is not told."""
REASONS_LIMIT = 3

_WORDS: Mapping[str, str] = {
    "stated_preference": "You asked for {detail}",
    "same_occupation": "Like the {detail} jobs you looked at",
    "skill_match": "Asks for {detail}, which you can do",
    "skill_interest": "Involves {detail}, as the jobs you looked at",
    "place_match": "In {detail}, where you have looked",
    "near_you": "Near you, in {detail}",
    "pay_band": "Pays {detail}",
    "employer_interest": "At {detail}, which you have looked at",
    "fresh": "New",
    "viewed_together": "Others who looked at {detail} also looked at this",
    "trending": "Many people look at it now",
    "trending_in_segment": "Trending now in “{detail}”",
    "popular": "Popular with other candidates",
    "similar_to_viewed": "Similar to what you viewed: {detail}",
    "search_match": "Matches your search for {detail}",
    "unfinished_application": "You started an application",
    "override": "Picked by our recruiting team",
    "editorial": "Picked by our recruiting team",
    "exploration": "Something different to discover",
    "must_have_unconfirmed": "Requires {detail}: please check that you have it",
    "similar_to_item": "Similar to the job you are looking at",
    "similar_to_list": "Similar to the jobs above it",
    "segment": "Selected for people like you",
    "application_stage": "Fits where your application stands",
}
_BARE: Mapping[str, str] = {
    "stated_preference": "Matches what you asked for",
    "same_occupation": "Like the jobs you looked at",
    "skill_match": "Asks for what you can do",
    "skill_interest": "Like the jobs you looked at",
    "place_match": "In a place where you have looked",
    "near_you": "Near you",
    "pay_band": "Pays like the jobs you looked at",
    "employer_interest": "At an employer you have looked at",
    "similar_to_viewed": "Similar to what you viewed",
    "search_match": "Matches your search",
    "trending_in_segment": "Trending now among people like you",
    "viewed_together": "Others who looked at the same jobs also looked at this",
    "must_have_unconfirmed": "Has requirements: please check that you meet them",
}
_PLAIN = {
    "ON_SITE": "on site", "HYBRID": "hybrid work", "REMOTE": "remote work", "FULL_TIME": "full time", "PART_TIME": "part time",
    "CONTRACTOR": "contract work", "TEMPORARY": "temporary work", "INTERN": "internships", "VOLUNTEER": "volunteering",
    "PER_DIEM": "work by the day", "STUDENT": "student jobs", "ENTRY": "entry level", "EXPERIENCED": "experienced level",
    "MANAGER": "manager level", "EXECUTIVE": "executive level",
}  # fmt: skip


def explain(reason: Reason) -> str:
    """Answer a reason as a sentence for the candidate."""
    if not reason.detail:
        return _BARE.get(reason.code) or _WORDS.get(reason.code, reason.code.replace("_", " ").capitalize())
    words = _WORDS.get(reason.code, "{detail}")
    detail = reason.detail.replace(":", ": ") if reason.code == "must_have_unconfirmed" else reason.detail
    return words.format(detail=_PLAIN.get(detail, detail))


@dataclass(frozen=True, slots=True)
class Told:
    """For some rows, flat: the REASONS_LIMIT heaviest CODES of each, their weights and the values they speak of."""

    code: list[int]
    weight: list[float]
    detail: list[int]
    count: list[int]
    """How many of a row's are heavy enough to be told."""
    must_have: list[int]
    """The first unconfirmed must-have of a row, 0 for none."""


def reasons_of_rows(
    frame: Frame, positions: Ints, rows: Matrix, contributions: Logits, unconfirmed: NDArray[np.bool_]
) -> Told:
    """Answer what speaks for the frame's rows at `positions`; `rows` and their `contributions` are by FEATURE_NAMES."""
    weights = _by_code(_spoken(rows, contributions)).round(3)
    top = (-weights).argsort(axis=0, kind="stable")[:REASONS_LIMIT]
    line = np.arange(len(positions))
    heaviest = weights[top, line]
    return Told(
        code=top.T.ravel().tolist(),
        weight=heaviest.T.ravel().tolist(),
        detail=_details(frame, positions)[top, line].T.ravel().tolist(),
        count=(heaviest >= LEAST_TOLD).sum(axis=0).tolist(),
        must_have=(frame.crowd.catalog.columns.must_haves[frame.row[positions], 0] * unconfirmed).tolist(),
    )


def _spoken(rows: Matrix, contributions: Logits) -> Logits:
    """Leave out what is not there: trees say something for a posting that has nothing of a feature, but no reason may speak of it.

    Nor may one speak of the opposite: of popularity, say, where a posting is less popular than usual.
    """
    there = contributions[:, : rows.shape[1]]
    return np.where(rows > 0, there, np.minimum(there, 0.0) * (rows < 0))


def _by_code(contributions: Logits) -> Logits:
    """Answer what the features of each of CODES make of each row, CODES by rows."""
    return np.add.reduceat(contributions.T[_SPEAKING], _BEGINS, axis=0)


def _details(frame: Frame, positions: Ints) -> NDArray[np.int32]:
    """Answer for each of CODES and each row the code of the value that it speaks of, 0 for none."""
    facets = frame.facets.take(positions, axis=1)
    speaks = frame.tables.take(positions, axis=2)[_TABLES] * _MASKS[:, :, None]
    best = speaks.argmax(axis=1)
    line = np.arange(len(positions))
    said = np.where(speaks[np.arange(len(best))[:, None], best, line] > 0, facets[best, line], 0)
    details = np.zeros((len(CODES), len(positions)), np.int32)
    details[_PICKING] = said
    for code, dimension in (("near_you", "place"), ("pay_band", "pay")):
        details[CODES.index(code)] = facets[SLOTS[dimension].start]
    return details


_SPEAKING = np.array(
    [column for code in CODES for column, name in enumerate(FEATURE_NAMES) if REASON_OF.get(name) == code]
)
"""The columns that speak, those of one code side by side."""
_BEGINS = np.cumsum([0, *[list(REASON_OF.values()).count(code) for code in CODES[:-1]]])
"""Where those of each code begin."""
_PICKS: Mapping[str, tuple[int, Mapping[str, float]]] = {
    "place_match": (LIKED, {"place": 3, "region": 1}),
    "stated_preference": (
        STATED,
        {"occupation": 7, "place": 6, "category": 5, "seniority": 4, "workplace": 3, "employment": 2, "term": 0.1},
    ),
    "similar_to_viewed": (LIKED, {"term": 1}),
    "search_match": (SEARCHED, dict.fromkeys(SLOTS, 1.0)),
    "same_occupation": (LIKED, {"occupation": 10, "category": 1}),
    "employer_interest": (LIKED, {"employer": 1}),
    "skill_interest": (LIKED, {"skill": 1}),
    "skill_match": (STATED, {"skill": 1}),
}
"""Which value a reason names: the one of these dimensions that its table says most about."""
_PICKING = np.array([CODES.index(code) for code in _PICKS])
_TABLES = np.array([table for table, _ in _PICKS.values()])


def _masks() -> Table:
    masks = np.zeros((len(_PICKS), FACET_WIDTH), np.float32)
    for line, (_, dimensions) in enumerate(_PICKS.values()):
        for dimension, weight in dimensions.items():
            masks[line, SLOTS[dimension]] = weight
    return masks


_MASKS = _masks()
