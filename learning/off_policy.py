"""Off-policy evaluation: what a policy would have earned, from a log that another one made with known chances.

Inverse propensity scores (IPS), the same normalised by the weights (SNIPS), and doubly robust (DR): a model's guess, corrected where
the log knows better. On `open_bandit` all three equal what the package `obp` estimates (tests/data/open_bandit).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learning.evidence import Seen
from learning.examples import UNKNOWN, Examples
from learning.metrics import Figure, interval
from scorers.models import Opinion, probability

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimates:
    """Reward a round by each estimator.

    `effective` is how many rows the weights leave, `supported` the share of what the policy would do that was done.
    """

    ips: Figure
    snips: Figure
    dr: Figure
    effective: float
    supported: float = 1.0


@dataclass(frozen=True, slots=True)
class Rounds:
    """What was logged, a row an action.

    `number` says in which round, `weight` how much likelier the evaluated policy takes it, `predicted` the reward that the model guesses
    for it. `direct` and `people` are by round: what the model guesses for the evaluated policy, and whose round it was.
    """

    number: Ints
    reward: Floats
    weight: Floats
    predicted: Floats
    direct: Floats
    people: NDArray[np.str_]


def estimate(rounds: Rounds, *, supported: float = 1.0) -> Estimates:
    """Answer the estimates with intervals that draw people anew."""
    count = len(rounds.direct)
    earned: Floats = np.bincount(rounds.number, rounds.weight * rounds.reward, count).astype(np.float64)
    corrected = rounds.direct + np.bincount(rounds.number, rounds.weight * (rounds.reward - rounds.predicted), count)
    mean = float(rounds.weight.mean()) if len(rounds.weight) else 0.0
    squared = float((rounds.weight**2).sum())
    return Estimates(
        ips=interval(earned, rounds.people),
        snips=interval(earned / mean if mean else earned, rounds.people),
        dr=interval(corrected, rounds.people),
        effective=float(rounds.weight.sum()) ** 2 / squared if squared else 0.0,
        supported=supported,
    )


def lists_of(
    test: Examples,
    decisions: Sequence[Seen],
    opinion: Callable[[Seen], Opinion],
    *,
    places: Sequence[float],
    as_of: int,
) -> Estimates | None:
    """Estimate the responses that a list in an opinion's order would earn, as long as the one shown; None where nothing was logged.

    By the position-based model: a response is worth what it says about the posting, times how much more the place it would stand at is
    looked at. What was drawn for exploration is divided by its chance.
    """
    labels = test.interest(as_of)
    seen = {each.decision_id: each for each in decisions}
    looks = np.exp(np.array(places)) if places else np.ones(1)
    lines: list[_Line] = []
    for rows in _lists(test):
        shown = test.lists[test.list_number[rows[0]]]
        base = seen.get(shown.base)
        if base is not None and not (labels[rows] == UNKNOWN).any():
            lines.append(_line(test, rows, base, opinion(base), looks))
    if not lines:
        return None
    rows = np.concatenate([line.rows for line in lines])
    rounds = Rounds(
        number=np.repeat(np.arange(len(lines)), [len(line.rows) for line in lines]),
        reward=labels[rows].astype(np.float64),
        weight=np.concatenate([line.weight for line in lines]),
        predicted=np.concatenate([line.predicted for line in lines]),
        direct=np.array([line.direct for line in lines]),
        people=np.array([test.lists[test.list_number[line.rows[0]]].person for line in lines], np.str_),
    )
    return estimate(rounds, supported=float((rounds.weight > 0).mean()))


@dataclass(frozen=True, slots=True)
class _Line:
    """One list: its rows, their weights, and what the model guesses for them and for its own list."""

    rows: Ints
    weight: Floats
    predicted: Floats
    direct: float


def _line(test: Examples, rows: Ints, base: Seen, opinion: Opinion, looks: Floats) -> _Line:
    guessed = probability(opinion.interest)
    order = np.argsort(-opinion.joined, kind="stable")[: len(rows)]
    would = np.full(len(base.job_ids), NOWHERE)
    would[order] = np.arange(len(order))
    at = {job: row for row, job in enumerate(base.job_ids)}
    mine = np.array([at[job] for job in test.job_id[rows].tolist()])
    looked = _look(looks, test.position[rows] - 1)
    moved = np.where(would[mine] < NOWHERE, _look(looks, would[mine]) / looked, 0.0)
    return _Line(
        rows=rows,
        weight=moved / test.propensity[rows],
        predicted=guessed[mine] * looked,
        direct=float(guessed[order] @ _look(looks, np.arange(len(order)))),
    )


NOWHERE = 10**6
"""The place of what the model would not show."""


def _lists(test: Examples) -> list[Ints]:
    starts = np.flatnonzero(np.diff(test.list_number, prepend=-1))
    return np.split(np.arange(len(test)), starts[1:]) if len(starts) else []


def _look(looks: Floats, places: Ints) -> Floats:
    """Answer how much a place is looked at, against the first; all behind the last are alike."""
    looked: Floats = looks[np.minimum(places, len(looks) - 1)]
    return looked
