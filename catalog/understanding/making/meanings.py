"""What an occupation's titles mean: a softmax over the occupations, learned from the static vectors of their titles.

Counted words know nothing of words that no title has; a vector lies near those of like words. What describes an occupation is added
to what was learned. Adam over shuffled batches, in a fixed order, so that the same titles make the same weights but for how a machine's
numbers round.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.text.vectors import StaticVectors
from catalog.understanding.making.learning import Adam, Floats, shuffled, softmax
from catalog.understanding.making.titles import REPORTED_WEIGHT, Named
from catalog.understanding.meaning import SHARPNESS
from catalog.understanding.title_words import text_words, title_words

EPOCHS, BATCH = 5, 512
RATE, SLOWER = 0.03, 0.8
DESCRIPTION_WEIGHT = 1.5
"""What an occupation's description adds, whose vector has the length 1; fitted with the weights of `taxonomy.py`."""


def meanings_table(named: Sequence[Named], vectors: StaticVectors) -> Mapping[str, NDArray[Any]]:
    """Answer the arrays that `Meaning` reads: a byte for each weight, a scale for each occupation, and what each has of its own."""
    pairs = [(place, title) for place, each in enumerate(named) for title in dict.fromkeys(each.titles)]
    texts = np.array([vectors.of(title_words(title)) for _, title in pairs], np.float32)
    truth = np.array([place for place, _ in pairs])
    counts = np.array(
        [REPORTED_WEIGHT if title in named[place].reported else 1.0 for place, title in pairs], np.float32
    )
    weights, own = _learned(texts, truth, counts, len(named))
    weights += DESCRIPTION_WEIGHT * np.array([vectors.of(text_words(each.text)) for each in named], np.float32).T
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    return {
        "meaning": np.round(weights / scales).astype(np.int8),
        "meaning_scales": scales.astype(np.float32),
        "meaning_own": own,
    }


def _learned(texts: Floats, truth: NDArray[np.int64], counts: Floats, occupations: int) -> tuple[Floats, Floats]:
    """Answer vector by occupations, and each occupation's own logit."""
    own = np.log1p(np.bincount(truth, minlength=occupations)).astype(np.float32)
    weights = Adam(np.zeros((texts.shape[1], occupations), np.float32))
    owns = Adam(own - own.mean())
    for epoch in range(EPOCHS):
        order = shuffled(len(truth), epoch)
        for start in range(0, len(truth), BATCH):
            some = order[start : start + BATCH]
            wrong = softmax(SHARPNESS * (texts[some] @ weights.learned) + owns.learned)
            wrong[np.arange(len(some)), truth[some]] -= 1.0
            wrong *= (counts[some] / counts[some].sum())[:, None]
            weights.step(SHARPNESS * (texts[some].T @ wrong), RATE * SLOWER**epoch)
            owns.step(wrong.sum(axis=0), RATE * SLOWER**epoch)
    return weights.learned, owns.learned
