"""Boosts: what colleagues add to an opinion, in logits, before anything is ordered."""

import numpy as np

from scorers.frame import Frame
from scorers.models import Opinion


def boosted(opinion: Opinion, frame: Frame) -> Opinion:
    """Answer the opinion with the boosts of everybody added to it."""
    if not any(frame.crowd.overrides):
        return opinion
    joined = opinion.joined.copy()
    for person, overrides in enumerate(frame.crowd.overrides):
        for override in overrides:
            if override.kind == "boost":
                joined[positions_of(frame, person, override.item_id)] += override.logits
    return opinion._replace(joined=joined)


def positions_of(frame: Frame, person: int, item_id: str) -> list[int]:
    """Answer where a person's row of a posting stands; nowhere when a rule refused it."""
    row = frame.crowd.catalog.row(item_id)
    found: list[int] = [] if row is None else np.flatnonzero((frame.row == row) & (frame.person == person)).tolist()
    return found
