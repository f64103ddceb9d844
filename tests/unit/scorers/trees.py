"""Small boosted trees over the features, grown on the spot."""

import sys
from functools import lru_cache

import lightgbm
import numpy as np

from scorers.features import FEATURE_NAMES


@lru_cache(maxsize=4)
def grown(*, seed: int, trees: int = 12) -> str:
    """Answer LightGBM's text of a booster that has learned an arbitrary interaction."""
    chance = np.random.default_rng(seed)
    rows = chance.random((600, len(FEATURE_NAMES))).astype(np.float32)
    labels = (rows[:, seed] * rows[:, seed + 3] > 0.25).astype(float)
    options = {"objective": "binary", "num_leaves": 7, "num_threads": 1, "verbosity": -1, "boost_from_average": False}
    return lightgbm.train(options, lightgbm.Dataset(rows, labels), trees).model_to_string()


def break_lightgbm(monkeypatch):
    """Let it load no more, as on a machine without OpenMP's runtime."""

    class Broken:
        def find_spec(self, name, *_):
            if name == "lightgbm":
                raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.delitem(sys.modules, "lightgbm")
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
