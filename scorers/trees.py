"""Trees by LightGBM: read from their text form, asked on one thread, for a request has no second one to spare."""

from typing import Any

import numpy as np

from scorers.models import Logits, Matrix, Trees


class UnreadableTrees(ValueError):
    """A text that is no LightGBM model."""


class LightGBMTrees:
    """One booster. Shared between threads as LightGBM allows it: nobody changes it."""

    def __init__(self, booster: Any) -> None:
        self._booster = booster

    def score(self, matrix: Matrix) -> Logits:
        if not len(matrix):
            return np.zeros(0)
        return np.asarray(self._booster.predict(matrix, raw_score=True, num_threads=1), np.float64)

    def contributions(self, matrix: Matrix) -> Logits:
        if not len(matrix):
            return np.zeros((0, matrix.shape[1] + 1))
        return np.asarray(self._booster.predict(matrix, pred_contrib=True, num_threads=1), np.float64)


def load_trees(text: str, features: int) -> Trees:
    """Answer the trees of a text, or raise UnreadableTrees."""
    try:
        # Imported by who needs it: half a second that a house deciding by the prior does not wait for.
        import lightgbm  # noqa: PLC0415
    except OSError as error:
        raise UnreadableTrees(f"LightGBM needs OpenMP's runtime, on Debian libgomp1: {error}") from error
    try:
        booster = lightgbm.Booster(model_str=text)
    except (lightgbm.basic.LightGBMError, ValueError) as error:
        raise UnreadableTrees(str(error)) from error
    if booster.num_feature() != features:
        raise UnreadableTrees(f"the trees look at {booster.num_feature()} features, the model has {features}")
    return LightGBMTrees(booster)
