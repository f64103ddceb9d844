"""Training: examples split by time, two heads, and a record that says what it must answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from learning.constraints import Side, check_features
from learning.examples import UNKNOWN, Examples, Joined, Labels
from learning.heads import PLACES, SETTINGS, Labelled, TrainedHead, train_head
from schemas.trained import HeadRecord, Probe, TrainedModel
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.trained import unchecked_model

TRAIN_SHARE, TUNE_SHARE = 0.6, 0.2
"""Of the lists, oldest first; the newest fifth tests, and is seen by nothing that trains."""
ROWS_LIMIT = 500_000
PROBE_ROWS = 64
STEPS = 2 * len(SETTINGS)
"""How often `on_step` is called."""


class TooLittle(ValueError):
    """The log has too few outcomes to learn anything from; the message says how many of what."""


@dataclass(frozen=True, slots=True)
class Split:
    """The examples by time. What is known of a part is what was known when the next began."""

    train: Examples
    tune: Examples
    test: Examples
    tune_from: int
    test_from: int
    as_of: int


@dataclass(frozen=True, slots=True)
class Training:
    """A model that nobody has judged yet, its heads, and the data it did not see."""

    model: TrainedModel
    fit: TrainedHead
    interest: TrainedHead
    split: Split


def split_by_time(joined: Joined) -> Split:
    examples = joined.examples
    times = np.array([shown.at for shown in examples.lists], np.int64)
    if not len(times):
        told = (
            f"; {joined.ungranted:,} lists were of people who do not let models learn from them"
            if joined.ungranted
            else ""
        )
        raise TooLittle(
            f"the log has no served list of jobs to learn from{told} (docs/howto/train.md says what it needs)"
        )
    tune_from, test_from = (int(at) for at in np.quantile(times, [TRAIN_SHARE, TRAIN_SHARE + TUNE_SHARE]))
    return Split(
        train=_newest(examples.where(examples.at < tune_from)),
        tune=examples.where((examples.at >= tune_from) & (examples.at < test_from)),
        test=examples.where(examples.at >= test_from),
        tune_from=tune_from,
        test_from=test_from,
        as_of=joined.as_of,
    )


def train(
    joined: Joined, *, fit_share: float, trained_at: int, threads: int = 1, on_step: Callable[[], None] = lambda: None
) -> Training:
    """Train both heads. Raises TooLittle when neither side has outcomes enough."""
    check_features(FEATURE_NAMES)
    split = split_by_time(joined)
    heads: dict[Side, TrainedHead] = {
        side: train_head(
            side,
            labelled(split.train, side, split.tune_from),
            labelled(split.tune, side, split.test_from),
            threads=threads,
            on_step=on_step,
        )
        for side in _SIDES
    }
    fit, interest = heads["fit"], heads["interest"]
    if fit.setting is None and interest.setting is None:
        known = labelled(split.train, "interest", split.tune_from)
        raise TooLittle(
            f"{int(known.labels.sum())} responses on {len(known.labels)} shown postings whose time is up are too few to learn from"
        )
    model = TrainedModel(
        features=FEATURE_NAMES,
        fit=fit.record,
        interest=interest.record,
        fit_share=fit_share,
        probe=Probe(b"", ()),
        trained_at=trained_at,
    )
    model = _in_proportion(model, heads, split.tune)
    return Training(_with_probe(model, split.tune), fit, interest, split)


def labelled(examples: Examples, side: Side, as_of: int) -> Labelled:
    """Answer the rows whose outcome was known by then."""
    labels: Labels = examples.fit(as_of) if side == "fit" else examples.interest(as_of)
    known = labels != UNKNOWN
    values = labels[known].astype(np.float64)
    strength = examples.strength[known] if side == "interest" else np.ones(len(values))
    return Labelled(
        matrix=examples.matrix[known],
        labels=values,
        weights=np.where(values > 0, strength, 1.0),
        place=np.minimum(examples.position[known], PLACES) - 1,
    )


_SIDES: tuple[Side, ...] = ("fit", "interest")


def _in_proportion(model: TrainedModel, heads: Mapping[Side, TrainedHead], examples: Examples) -> TrainedModel:
    """Answer the model with a head that stayed the prior's as loud beside the trained one as the prior's two are.

    Outcomes take most of what was set by hand back. Left as it is, the side without outcomes would outvote the side that learned.
    """
    untrained = [side for side in _SIDES if heads[side].setting is None]
    if not untrained or not len(examples):
        return model
    (side,) = untrained
    other: Side = "interest" if side == "fit" else "fit"
    matrix = examples.matrix
    now, before = (
        float(getattr(each.score(matrix, FEATURE_NAMES), other).std())
        for each in (unchecked_model(model), PriorModel(model.fit_share))
    )
    share = min(1.0, now / before) if before else 1.0
    head: HeadRecord = getattr(model, side)
    middle = float((matrix.astype(np.float64) @ np.array(head.weights)).mean())
    quieter = HeadRecord(tuple(share * weight for weight in head.weights), head.intercept + (1 - share) * middle)
    return replace(model, fit=quieter) if side == "fit" else replace(model, interest=quieter)


def _newest(examples: Examples) -> Examples:
    if len(examples) <= ROWS_LIMIT:
        return examples
    return examples.where(np.arange(len(examples)) >= len(examples) - ROWS_LIMIT)


def _with_probe(model: TrainedModel, examples: Examples) -> TrainedModel:
    rows = examples.matrix[:PROBE_ROWS].astype("<f4")
    joined = unchecked_model(model).score(rows, FEATURE_NAMES).joined
    return replace(model, probe=Probe(rows.tobytes(), tuple(joined.tolist())))
