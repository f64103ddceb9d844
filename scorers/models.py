"""Models: two opinions on each row, the employer's (fit) and the candidate's (interest), joined by reciprocity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.trained import PRIOR as NAME_OF_PRIOR
from scorers.features import FEATURE_NAMES
from scorers.frame import sequential_sum
from scorers.policy import Policy
from scorers.prior import FIT_INTERCEPT, INTEREST_INTERCEPT, PRIOR

Logits = NDArray[np.float64]
Matrix = NDArray[np.float32]
SMALL = 512
"""Up to so many rows the calls cost more than the numbers."""


class Opinion(NamedTuple):
    """Logits by row: would the employer interview, would the candidate respond, and both joined."""

    fit: Logits
    interest: Logits
    joined: Logits


class Model(Protocol):
    """Scores rows. Answers one value a row in the order given; the same row gets the same value in any company."""

    @property
    def name(self) -> str: ...

    @property
    def fit_share(self) -> float: ...

    def score(self, matrix: Matrix, names: Sequence[str]) -> Opinion: ...

    def contributions(self, matrix: Matrix, names: Sequence[str]) -> Logits:
        """Answer what each feature adds to a row's joined logit, and in a last column what is there without any: rows sum up to it."""
        ...


class UnknownFeatures(ValueError):
    """The model was made for other features than these."""


def reciprocity(fit: Logits, interest: Logits, share: float) -> Logits:
    """Join both sides: the weighted geometric mean of their odds, so it is low when either is, and additive in logits."""
    return share * fit + (1.0 - share) * interest


def probability(logits: Logits) -> Logits:
    """Answer the probabilities of logits."""
    chances: Logits = 1.0 / (1.0 + np.exp(np.minimum(-logits, 60.0)))
    return chances


@dataclass(frozen=True, slots=True)
class PriorModel:
    """The documented prior (docs/reference/ranking.md): a logistic over the features with weights set by hand."""

    fit_share: float = 0.4
    fit: Mapping[str, float] = field(default_factory=lambda: {name: weights.fit for name, weights in PRIOR.items()})
    interest: Mapping[str, float] = field(
        default_factory=lambda: {name: weights.interest for name, weights in PRIOR.items()}
    )
    _by_names: dict[tuple[str, ...], Logits] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Both sides' weights as arrays: making them took a quarter of scoring one person's candidates."""

    @property
    def name(self) -> str:
        return NAME_OF_PRIOR

    def score(self, matrix: Matrix, names: Sequence[str]) -> Opinion:
        fit, interest = _weighed(matrix, self._weights(names), (FIT_INTERCEPT, INTEREST_INTERCEPT))
        return Opinion(fit, interest, reciprocity(fit, interest, self.fit_share))

    def contributions(self, matrix: Matrix, names: Sequence[str]) -> Logits:
        fit, interest = self._weights(names)
        return _parts(
            matrix,
            reciprocity(fit, interest, self.fit_share),
            self.fit_share * FIT_INTERCEPT + (1.0 - self.fit_share) * INTEREST_INTERCEPT,
        )

    def _weights(self, names: Sequence[str]) -> Logits:
        key = tuple(names)
        found = self._by_names.get(key)
        if found is None:
            found = self._by_names[key] = np.array([_named(key, self.fit), _named(key, self.interest)])
        return found


class Trees(Protocol):
    """Boosted trees: what they add to each row's logit, and which feature added how much of it."""

    def score(self, matrix: Matrix) -> Logits: ...

    def contributions(self, matrix: Matrix) -> Logits:
        """Answer rows by features, and in a last column what is there without any."""
        ...


@dataclass(frozen=True, slots=True)
class Head:
    """One side's opinion: a line over the features, and `scale` times what trees add. Both in logits, so that parts add up."""

    weights: Sequence[float]
    intercept: float
    scale: float = 1.0
    trees: Trees | None = None

    def score(self, matrix: Matrix) -> Logits:
        (line,) = _weighed(matrix, np.array([self.weights]), (self.intercept,))
        return line if self.trees is None else line + self.scale * self.trees.score(matrix)

    def contributions(self, matrix: Matrix) -> Logits:
        line = _parts(matrix, np.array(self.weights), self.intercept)
        return line if self.trees is None else line + self.scale * self.trees.contributions(matrix)


@dataclass(frozen=True, slots=True)
class BoostedModel:
    """Two trained heads over the features of `names`; `scorers.trained.usable_model` makes one of a record."""

    name: str
    names: tuple[str, ...]
    fit: Head
    interest: Head
    fit_share: float = 0.4

    def score(self, matrix: Matrix, names: Sequence[str]) -> Opinion:
        _check(names, self.names)
        fit, interest = self.fit.score(matrix), self.interest.score(matrix)
        return Opinion(fit, interest, reciprocity(fit, interest, self.fit_share))

    def contributions(self, matrix: Matrix, names: Sequence[str]) -> Logits:
        _check(names, self.names)
        return reciprocity(self.fit.contributions(matrix), self.interest.contributions(matrix), self.fit_share)


def in_charge(model: Model, policy: Policy, *, refused: bool = False) -> Model:
    """Answer what decides: the prior while colleagues have paused the model, and for whoever refused to be scored by one."""
    by_hand = refused or policy.overrides.is_paused
    return PriorModel(policy.fit_share) if by_hand and model.name != NAME_OF_PRIOR else model


def _named(names: Sequence[str], weights: Mapping[str, float]) -> list[float]:
    """Answer the weights of what was measured: a decision logged before a feature came is made without it again."""
    try:
        return [weights[name] for name in names]
    except KeyError:
        raise UnknownFeatures(f"the prior weighs {', '.join(weights)}, asked about {', '.join(names)}") from None


def _check(names: Sequence[str], known: Sequence[str]) -> None:
    if tuple(names) != tuple(known):
        raise UnknownFeatures(f"the model was made for {', '.join(known)}, asked about {', '.join(names)}")


def _parts(matrix: Matrix, weights: Logits, intercept: float) -> Logits:
    """Answer what each column adds to a line, and in a last column its intercept."""
    parts = np.empty((len(matrix), len(weights) + 1))
    np.multiply(matrix, weights, out=parts[:, :-1])
    parts[:, -1] = intercept
    return parts


def _weighed(matrix: Matrix, weights: Logits, intercepts: Sequence[float]) -> list[Logits]:
    """Answer lines over the features. Sums column by column: a matrix product rounds differently with the number of rows, this does not."""
    if len(matrix) <= SMALL:
        weighed: Logits = sequential_sum(matrix.T * weights[:, :, None], 1)
        return [line + intercept for line, intercept in zip(weighed, intercepts, strict=True)]
    return [_summed(matrix, line) + intercept for line, intercept in zip(weights, intercepts, strict=True)]


def _summed(matrix: Matrix, weights: Logits) -> Logits:
    total: Logits = matrix[:, 0] * weights[0]
    for column, weight in enumerate(weights[1:], 1):
        total += matrix[:, column] * weight
    return total


assert tuple(PRIOR) == FEATURE_NAMES  # noqa: S101  a feature without a prior weight would be scored as nothing
