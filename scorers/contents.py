"""Content for the slots beside jobs: what it says to each person, in one table of people by items."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.contents import ContentColumns
from scorers.crowd import Crowd
from scorers.deeds import Floats
from scorers.policy import DAY_MS
from scorers.taste import LIKED, SEARCHED, STATED

EVENT_SOON_DAYS = 14.0
INTERCEPT = -1.0
WEIGHTS = {
    "stated": 2.5, "liked": 2.0, "elsewhere": -0.8, "segment": 0.8, "stage": 2.0, "priority": 0.05, "event_soon": 0.8, "shown": -0.5,
}  # fmt: skip
"""The documented prior for content, in logits. `elsewhere`: it names facets and none suits; `shown`: log(1 + times shown)."""


@dataclass(frozen=True, slots=True)
class ContentScores:
    """People by items: `logit` is what taste and the curator's priority make of them; segments, stages and showings add to it."""

    columns: ContentColumns
    logit: Floats
    stated: Floats
    liked: Floats
    elsewhere: NDArray[np.bool_]
    event_soon: Floats
    """By item."""
    says: NDArray[np.float32]
    """People by the columns' facets: how much each suits."""
    is_open: list[bool]
    """By item: whether its time has come and not gone; an event is announced before."""


def score_contents(crowd: Crowd) -> ContentScores:
    """Score every item for every person."""
    columns = crowd.catalog.contents.columns(crowd.catalog.dictionary)
    stated, liked, says = _suits(crowd, columns)
    early = columns.starts_at - crowd.now
    ahead = columns.is_event & (early > 0)
    soon = np.where(ahead, np.maximum(1.0 - early / (EVENT_SOON_DAYS * DAY_MS), 0.0), 0.0)
    logit = WEIGHTS["stated"] * stated + WEIGHTS["liked"] * liked
    logit += INTERCEPT + WEIGHTS["priority"] * columns.priority + WEIGHTS["event_soon"] * soon
    elsewhere = columns.faceted & (stated == 0) & (liked < 0.05)
    logit += WEIGHTS["elsewhere"] * elsewhere
    is_open: list[bool] = ((columns.ends_at > crowd.now) & ((early <= 0) | columns.is_event)).tolist()
    return ContentScores(
        columns, logit, stated=stated, liked=liked, elsewhere=elsewhere, event_soon=soon, says=says, is_open=is_open
    )


def _suits(crowd: Crowd, columns: ContentColumns) -> tuple[Floats, Floats, NDArray[np.float32]]:
    """Answer how far each item's best facet was stated and liked, and what each facet says: people by facets."""
    taste = crowd.taste
    if not len(columns.items):
        nothing = np.zeros((len(crowd), 0))
        return nothing, nothing, nothing.astype(np.float32)
    # A word that came with the content itself may be newer than the tables: nobody can have liked it.
    local = taste.local[np.where(columns.facets < len(taste.local), columns.facets, 0)]
    tables = taste.tables.reshape(len(taste.tables), len(crowd), taste.width)[:, :, local]
    np.maximum(tables[LIKED], tables[SEARCHED], out=tables[LIKED])
    best = np.maximum.reduceat(tables, columns.begins, axis=2).astype(np.float64)
    return best[STATED], best[LIKED], 2 * tables[STATED] + tables[LIKED]
