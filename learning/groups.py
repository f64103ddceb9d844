"""Whether a model serves groups alike: impact ratios of scores and of exposure to well-paid work, by self-declared labels.

The labels come from a file of their own, which nothing that serves can read. The ratio is the New York formula: the share of a group's
people whose score is above the median of all, over the highest such share; a group under 2 % or 30 people is told and not judged.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from learning.considered import Pick
from learning.evidence import Seen
from learning.metrics import DEPTH, Figure
from scorers.features import FEATURE_NAMES
from scorers.models import Model

LEAST_RATIO = 0.8
LEAST_PEOPLE, LEAST_SHARE = 30, 0.02
ROUNDS = 500

Floats = NDArray[np.float64]


class UnreadableGroups(ValueError):
    """The file of labels is not one; the message says what it should look like."""


@dataclass(frozen=True, slots=True)
class Labels:
    """For each person their values, by attribute; of several attributes also the intersection of all."""

    attributes: tuple[str, ...]
    of: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Group:
    """One group's figures; the ratios are None where it is too small to be judged."""

    attribute: str
    value: str
    people: int
    scoring_rate: float
    scoring_ratio: Figure | None
    exposure: float
    exposure_ratio: Figure | None

    @property
    def passes(self) -> bool:
        ratios = [ratio for ratio in (self.scoring_ratio, self.exposure_ratio) if ratio is not None]
        return all(np.isnan(ratio.value) or ratio.value >= LEAST_RATIO for ratio in ratios)


def read_labels(file: Path) -> Labels:
    """Read a CSV file whose first column is the candidate (`u:` or `a:` and the id) and each further one an attribute."""
    with file.open(newline="") as lines:
        rows = csv.reader(lines)
        header = next(rows, [])
        if len(header) < 2 or header[0] != "candidate":
            raise UnreadableGroups(f"{file} must begin with a line such as candidate,sex,ethnicity")
        attributes = tuple(header[1:])
        return Labels(attributes, {row[0]: tuple(row[1:]) for row in rows if len(row) == len(header)})


def compare_groups(
    decisions: Sequence[Seen], *, model: Model, pick: Pick, labels: Labels, well_paid: frozenset[str]
) -> list[Group]:
    """Answer the figures of every group, attribute by attribute; people without a label count as a group of their own."""
    people, scores, exposures = _by_person(decisions, model, pick, well_paid)
    attributes = [*labels.attributes, *([" and ".join(labels.attributes)] if len(labels.attributes) > 1 else [])]
    found = []
    for number, attribute in enumerate(attributes):
        values = np.array([_value(labels, person, number) for person in people], np.str_)
        found += _groups(attribute, values, scores > np.median(scores) if len(scores) else scores > 0, exposures)
    return found


def _by_person(
    decisions: Sequence[Seen], model: Model, pick: Pick, well_paid: frozenset[str]
) -> tuple[list[str], Floats, Floats]:
    """Answer for each person the mean joined logit of their first ten, and the share of exposure that well-paid work had."""
    worth = 1.0 / np.log2(np.arange(2, DEPTH + 2))
    scores: dict[str, list[float]] = {}
    exposures: dict[str, list[float]] = {}
    for seen in decisions:
        joined = np.sort(model.score(seen.matrix, FEATURE_NAMES).joined)[::-1][:DEPTH]
        paid = np.array([job in well_paid for job in pick(seen)], np.float64)
        scores.setdefault(seen.candidate_id, []).append(float(joined.mean()))
        exposures.setdefault(seen.candidate_id, []).append(float(paid @ worth[: len(paid)] / worth[: len(paid)].sum()))
    people = sorted(scores)
    return (
        people,
        np.array([np.mean(scores[each]) for each in people]),
        np.array([np.mean(exposures[each]) for each in people]),
    )


def _value(labels: Labels, person: str, number: int) -> str:
    values = labels.of.get(person)
    if values is None:
        return UNKNOWN
    return " and ".join(values) if number == len(labels.attributes) else values[number] or UNKNOWN


UNKNOWN = "not declared"


def _groups(attribute: str, values: NDArray[np.str_], above: NDArray[np.bool_], exposures: Floats) -> list[Group]:
    names = sorted(set(values.tolist()))
    judged = [name for name in names if name != UNKNOWN and _is_large(values == name)]
    scoring = _ratios(above.astype(np.float64), values, judged)
    exposed = _ratios(exposures, values, judged)
    return [
        Group(
            attribute=attribute,
            value=name,
            people=int((values == name).sum()),
            scoring_rate=float(above[values == name].mean()),
            scoring_ratio=scoring.get(name),
            exposure=float(exposures[values == name].mean()),
            exposure_ratio=exposed.get(name),
        )
        for name in names
    ]


def _is_large(mine: NDArray[np.bool_]) -> bool:
    return bool(mine.sum() >= LEAST_PEOPLE and mine.mean() >= LEAST_SHARE)


def _ratios(amounts: Floats, values: NDArray[np.str_], judged: Sequence[str]) -> Mapping[str, Figure]:
    """Answer each group's mean over the highest group's, with a bootstrap interval over people."""
    if len(judged) < 2:
        return {}
    parts = [amounts[values == name] for name in judged]
    chance = np.random.default_rng(1)
    drawn = np.array([[part[chance.integers(0, len(part), len(part))].mean() for part in parts] for _ in range(ROUNDS)])
    point = np.array([part.mean() for part in parts])
    with np.errstate(invalid="ignore", divide="ignore"):
        # The group that is highest in the data is the measure in every round, so that its own ratio is 1.
        resampled = drawn / drawn[:, [int(point.argmax())]]
        ratios = point / point.max()
    low, high = np.nanquantile(resampled, [0.025, 0.975], axis=0) if np.isfinite(resampled).any() else (ratios, ratios)
    return {name: Figure(float(ratios[at]), float(low[at]), float(high[at])) for at, name in enumerate(judged)}
