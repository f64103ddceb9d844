"""Fit within pay: whom an employer would invite is compared among postings of about the same pay only.

Fit is highest where many can do the work, so by itself it moves well-paid work down in everybody's list. Each person's candidates fall into
quarters by pay, those that do not tell it into a group of their own, and fit counts by how much it exceeds its group's mean.
"""

import numpy as np

from scorers.deeds import Floats, Ints
from scorers.frame import Frame
from scorers.models import Opinion
from scorers.rerank import usable

QUARTERS = 4
_PARTS = np.arange(1, QUARTERS)[:, None]
_APART, _UNTOLD = 64.0, 63.0
"""Logs of pay are below these: keys so far apart sort by person, then by pay, then what does not tell it."""
_UNIT = float(1 << 24)
"""Fit is added up in whole units: their sums are the same in any order."""


def within_pay(opinion: Opinion, frame: Frame, share: float) -> Floats:
    """Answer the joined logits by row, less `share` times the mean fit of the person's candidates in the same group."""
    if not len(frame.row):
        return opinion.joined
    group = _groups(frame.crowd.catalog.columns.pay_log[frame.row], frame.person, len(frame.crowd))
    fit = np.bincount(group, np.rint(usable(opinion.fit) * _UNIT))
    mean = fit / np.maximum(np.bincount(group), 1)
    worth: Floats = opinion.joined - (share / _UNIT) * mean[group]
    return worth


def _groups(pay: Floats, person: Ints, people: int) -> Ints:
    """Answer by row a number for the person and the quarter of their candidates that its pay is in; equal pay is in the same."""
    keys = _APART * person + np.maximum(np.fmin(pay, _UNTOLD), 0.0)
    ascending = np.sort(keys)
    first = _APART * np.arange(people)
    last = first + _UNTOLD
    starts, ends = ascending.searchsorted((first, last))
    inner = ascending.take(starts + (ends - starts) * _PARTS // QUARTERS, mode="clip")
    # Who has no candidates has no edges either, but what stands there must not hide those of others.
    edges = np.concatenate(((first,), np.minimum(np.maximum(inner, first), last), (last,)))
    return edges.T.ravel().searchsorted(keys, side="right")
