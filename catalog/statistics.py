"""Live statistics of postings: what happened of late, and how willingly people respond, whatever place a posting was shown at.

Places at the top are looked at more. How much more is read off all postings together: views over showings by place. A posting's views
at a place are compared with those that a usual posting would have had there (clicks over expected clicks). Where little happened, the
posting is taken for a usual one of its kind: a Beta prior, whose mean is that of the kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]

_FIRST_ROOM = 256
PRIOR_VIEWS = 5.0
"""How many expected views a kind's mean weighs against a posting's own."""
PRIOR_DEEDS = 10.0
"""How many views, or expected views, a kind's mean weighs where deeds are concerned."""


@dataclass(frozen=True, slots=True)
class Slots:
    """How a row of counts is laid out: `shown` and `viewed` by groups of places, `elsewhere` views from no list."""

    half_lives_ms: Sequence[int]
    era: int
    groups: int
    width: int
    elsewhere: int
    saved: int
    applied: int
    dismissed: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Columns by posting; counts are postings by windows, rates are of the last window.

    `appeal` is views over those that a usual posting would have had at the same places, `saved_rate` and `applied_rate` are deeds
    over views, `dismissed_rate` is dismissals over expected views, all drawn to the kind's mean.
    """

    rows: Mapping[str, int]
    shown: Table
    viewed: Table
    saved: Table
    applied: Table
    dismissed: Table
    examined: Table
    """By group of places: how often a posting there is viewed, the first group being 1."""
    expected: Table
    appeal: Table
    saved_rate: Table
    applied_rate: Table
    dismissed_rate: Table


@dataclass(slots=True)
class ItemCounts:
    """Counts as they were read, by posting."""

    slots: Slots
    _rows: dict[str, int] = field(default_factory=dict)
    _eras: NDArray[np.int64] = field(init=False)
    _counts: Table = field(init=False)

    def __post_init__(self) -> None:
        windows = len(self.slots.half_lives_ms)
        self._eras = np.zeros((_FIRST_ROOM, windows), np.int64)
        self._counts = np.zeros((_FIRST_ROOM, self.slots.width, windows))

    def __len__(self) -> int:
        return len(self._rows)

    def clear(self) -> None:
        """Forget everything."""
        self._rows.clear()

    def put(self, job_id: str, eras: Sequence[int], counts: Sequence[float]) -> None:
        """Take a posting's counts, slot by slot, each by window."""
        row = self._rows.setdefault(job_id, len(self._rows))
        if row >= len(self._counts):
            self._eras = np.concatenate([self._eras, np.zeros_like(self._eras)])
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
        self._eras[row] = eras
        self._counts[row] = np.asarray(counts).reshape(self.slots.width, -1)

    def job_ids(self) -> list[str]:
        """Answer the postings in the order of their rows."""
        return list(self._rows)

    def figures(self, kinds: Mapping[str, int], now: int) -> Figures:
        """Answer what holds by `now`; `kinds` names each posting's kind of work, postings without one are of one kind."""
        count, slots = len(self._rows), self.slots
        half_lives = np.array(slots.half_lives_ms, np.float64)
        passed = (now - self._eras[:count] * slots.era * half_lives) / half_lives
        counts = self._counts[:count] * np.exp2(-passed)[:, None, :]
        shown, viewed = counts[:, : slots.groups], counts[:, slots.groups : 2 * slots.groups]
        kind = np.array([kinds.get(job, 0) for job in self._rows], np.int64)
        last_shown, last_viewed = shown[:, :, -1], viewed[:, :, -1]
        examined = _examined(last_shown.sum(axis=0), last_viewed.sum(axis=0))
        expected = last_shown @ examined
        all_views = viewed.sum(axis=1) + counts[:, slots.elsewhere]
        week = all_views[:, -1]
        saved, applied, dismissed = (counts[:, slot] for slot in (slots.saved, slots.applied, slots.dismissed))
        last = -1
        return Figures(
            rows=dict(self._rows),
            shown=shown.sum(axis=1),
            viewed=all_views,
            saved=saved,
            applied=applied,
            dismissed=dismissed,
            examined=examined / max(float(examined[0]), 1e-9),
            expected=expected,
            appeal=_rate(last_viewed.sum(axis=1), expected, kind, PRIOR_VIEWS),
            saved_rate=_rate(saved[:, last], week, kind, PRIOR_DEEDS),
            applied_rate=_rate(applied[:, last], week, kind, PRIOR_DEEDS),
            dismissed_rate=_rate(dismissed[:, last], expected, kind, PRIOR_DEEDS),
        )


def _examined(shown: Table, viewed: Table) -> Table:
    """Answer views over showings by group of places; where nothing was shown, as in the group before."""
    rate: Table = np.divide(viewed, shown, out=np.full(len(shown), np.nan), where=shown > 0)
    for group in range(len(rate)):
        if np.isnan(rate[group]):
            rate[group] = rate[group - 1] if group else 0.0
    return rate


def _rate(happened: Table, chances: Table, kind: NDArray[np.int64], strength: float) -> Table:
    """Answer the mean of a Beta posterior: `strength` chances at the rate of the kind, which is drawn to everybody's itself."""
    if not len(happened):
        return np.zeros(0)
    everybody = happened.sum() / max(float(chances.sum()), 1e-9) if chances.sum() > 0 else 0.0
    kinds, of = np.unique(kind, return_inverse=True)
    successes = np.bincount(of, happened, len(kinds)) + strength * everybody
    usual = successes / (np.bincount(of, chances, len(kinds)) + strength)
    rate: Table = np.add(happened, strength * usual[of]) / (chances + strength)
    return rate
