"""Examples: exposures with the features that serving saw and what came of them, as far as it was known at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from learning.evidence import read_evidence
from learning.exposures import Exposures, ShownList, read_exposures
from learning.log import Log
from learning.outcomes import (
    INTERESTED,
    NOT_INTERESTED,
    NOT_WANTED_BY_EMPLOYER,
    SUBMITTED,
    WANTED_BY_EMPLOYER,
    Happened,
    Outcome,
    read_outcomes,
)
from scorers.features import FEATURE_NAMES
from scorers.models import Matrix

NEVER = np.iinfo(np.int64).max
UNKNOWN = -1
INTERVIEW = 3.0
"""What an interview adds to the worth of a response: as much as the application itself."""

Times = NDArray[np.int64]
Labels = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Windows:
    """How long an outcome may take: before that, no answer is not yet a no."""

    response: timedelta = timedelta(days=1)
    interview: timedelta = timedelta(days=45)

    @property
    def response_ms(self) -> int:
        return round(self.response.total_seconds() * 1000)

    @property
    def interview_ms(self) -> int:
        return round(self.interview.total_seconds() * 1000)


@dataclass(frozen=True, slots=True)
class Examples:
    """Columns, one row an exposure, the rows of a list side by side and lists in the order of time.

    Times are milliseconds since the epoch, NEVER where it did not happen. `list_number` points into `lists`.
    """

    matrix: Matrix
    list_number: Times
    at: Times
    position: Times
    propensity: NDArray[np.float64]
    job_id: NDArray[np.str_]
    responded_at: Times
    strength: NDArray[np.float64]
    dismissed_at: Times
    submitted_at: Times
    wanted_at: Times
    rejected_at: Times
    lists: tuple[ShownList, ...]
    windows: Windows = Windows()

    def __len__(self) -> int:
        return len(self.at)

    def interest(self, as_of: int) -> Labels:
        """Answer 1 where the candidate responded within the window, 0 where not or it was dismissed, UNKNOWN while it still runs.

        A yes waits as a no does: taken at once, the newest lists would hold hardly anything but yes, and chances come out too high.
        """
        until = self.at + self.windows.response_ms
        yes = (self.responded_at <= until) & (self.dismissed_at > until)
        return np.where(until <= as_of, yes, UNKNOWN).astype(np.int8)

    def fit(self, as_of: int) -> Labels:
        """Answer 1 where the employer had asked for an interview by then, 0 where not within the window, UNKNOWN for who never applied."""
        silent = self.submitted_at < NEVER - self.windows.interview_ms
        waited = np.where(silent, self.submitted_at, 0) + self.windows.interview_ms
        no = (self.rejected_at <= as_of) | (silent & (waited <= as_of))
        return _labels(self.wanted_at <= as_of, no)

    def worth(self, as_of: int) -> NDArray[np.float64]:
        """Answer what came of each row, for judging an order: what the response weighs, and INTERVIEW more where the employer agreed."""
        responded = np.where(self.interest(as_of) == 1, self.strength, 0.0)
        return responded + np.where((responded > 0) & (self.fit(as_of) == 1), INTERVIEW, 0.0)

    def where(self, chosen: NDArray[np.bool_]) -> "Examples":
        """Answer some of the rows."""
        columns = {each.name: getattr(self, each.name)[chosen] for each in fields(self) if each.name not in _WHOLE}
        return replace(self, **columns)


_WHOLE = ("lists", "windows")


@dataclass(frozen=True, slots=True)
class Joined:
    """Examples, and what could not become one."""

    examples: Examples
    happened: Happened
    exposures: int
    without_evidence: int
    """Exposures whose decision was logged without its features, or that a request's own wishes put into the list."""
    ungranted: int
    """Lists of people who did not let models learn from them."""
    reported: bool

    @property
    def as_of(self) -> int:
        """Answer the newest time in the log: what is known, is known as of then."""
        last = int(self.examples.at.max()) if len(self.examples) else 0
        return max(self.happened.last_at, last)


def join(log: Log, windows: Windows) -> Joined:
    """Join decisions, exposures and outcomes: features as of the decision, outcomes of the newest exposure before them."""
    happened = read_outcomes(log)
    exposures = read_exposures(log, happened)
    rows = _rows_seen(log, exposures)
    kept = [number for number, row in enumerate(rows) if row is not None]
    came = _attributed(exposures, happened, windows)
    columns = {name: values[kept] for name, values in came.items()}
    shown = [exposures.rows[number] for number in kept]
    matrix = np.array([row for row in rows if row is not None], np.float32).reshape(-1, len(FEATURE_NAMES))
    examples = Examples(
        matrix=matrix,
        list_number=np.array([row.list_number for row in shown], np.int64),
        at=np.array([row.at for row in shown], np.int64),
        position=np.array([row.position for row in shown], np.int64),
        propensity=np.array([row.propensity for row in shown], np.float64),
        job_id=np.array([row.job_id for row in shown], np.str_),
        responded_at=columns["responded_at"],
        strength=columns["strength"].astype(np.float64),
        dismissed_at=columns["dismissed_at"],
        submitted_at=columns["submitted_at"],
        wanted_at=columns["wanted_at"],
        rejected_at=columns["rejected_at"],
        lists=exposures.lists,
        windows=windows,
    )
    return Joined(examples, happened, len(rows), len(rows) - len(kept), exposures.ungranted, exposures.reported)


def _labels(yes: NDArray[np.bool_], no: NDArray[np.bool_]) -> Labels:
    return np.where(yes, 1, np.where(no, 0, UNKNOWN)).astype(np.int8)


def _rows_seen(log: Log, exposures: Exposures) -> list[NDArray[np.float32] | None]:
    """Answer for each exposure the row of features that its posting had in the decision, None where that was not logged."""
    asked: dict[str, list[int]] = {}
    for number, row in enumerate(exposures.rows):
        asked.setdefault(exposures.lists[row.list_number].base, []).append(number)
    found: list[NDArray[np.float32] | None] = [None] * len(exposures.rows)
    for seen in read_evidence(log, asked.__contains__):
        place = {job: index for index, job in enumerate(seen.job_ids)}
        for number in asked[seen.decision_id]:
            index = place.get(exposures.rows[number].job_id)
            if index is not None:
                found[number] = seen.matrix[index].copy()
    return found


def _attributed(exposures: Exposures, happened: Happened, windows: Windows) -> Mapping[str, NDArray[np.int64]]:
    """Answer for each exposure when what came of it: an outcome belongs to the newest exposure before it, or to the list it names."""
    columns = {name: np.full(len(exposures.rows), NEVER, np.int64) for name in _OUTCOME_COLUMNS}
    columns["strength"] = np.ones(len(exposures.rows), np.int64)
    showings = _Showings(exposures)
    for outcome in happened.outcomes:
        person = happened.person(outcome.candidate_id)
        employers = outcome.kind in WANTED_BY_EMPLOYER or outcome.kind == NOT_WANTED_BY_EMPLOYER
        window = windows.response_ms + (windows.interview_ms if employers else 0)
        number = showings.before(outcome, person, window)
        if number is not None:
            _write(columns, number, outcome)
    return columns


_OUTCOME_COLUMNS = ("responded_at", "dismissed_at", "submitted_at", "wanted_at", "rejected_at")


def _write(columns: Mapping[str, NDArray[np.int64]], number: int, outcome: Outcome) -> None:
    """Note the first time of each kind, and the strongest response."""
    named = []
    if outcome.kind in INTERESTED:
        named.append("responded_at")
        columns["strength"][number] = max(columns["strength"][number], INTERESTED[outcome.kind])
    if outcome.kind == NOT_INTERESTED:
        named.append("dismissed_at")
    if outcome.kind == SUBMITTED:
        named.append("submitted_at")
    if outcome.kind in WANTED_BY_EMPLOYER:
        named.append("wanted_at")
    if outcome.kind == NOT_WANTED_BY_EMPLOYER:
        named.append("rejected_at")
    for name in named:
        columns[name][number] = min(columns[name][number], outcome.at)


class _Showings:
    """Finds the exposure that an outcome came of."""

    def __init__(self, exposures: Exposures) -> None:
        self._exposures = exposures
        self._of: dict[tuple[str, str], list[int]] = {}
        self._in_list: dict[tuple[str, str], int] = {}
        for number, row in enumerate(exposures.rows):
            shown = exposures.lists[row.list_number]
            self._of.setdefault((shown.person, row.job_id), []).append(number)
            self._in_list[shown.choice_id, row.job_id] = number

    def before(self, outcome: Outcome, person: str, window_ms: int) -> int | None:
        if outcome.choice_id is not None and (outcome.choice_id, outcome.job_id) in self._in_list:
            return self._in_list[outcome.choice_id, outcome.job_id]
        times: Sequence[int] = self._of.get((person, outcome.job_id), ())
        for number in reversed(times):
            at = self._exposures.rows[number].at
            if at <= outcome.at:
                return number if outcome.at - at <= window_ms else None
        return None
