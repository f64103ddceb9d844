"""A taxonomy's occupations ranked for a title: sums of log-odds, counted in the taxonomy's own titles and descriptions.

For each feature of a title and each occupation the table holds how much likelier the feature is among the occupation's
titles than anywhere: `log(1 + count / (smoothing * background))`, rounded to a byte. What families of features weigh was
fitted once (`making/titles.py`), so the softmax of the sums is a probability that can be believed or refused. Where what titles
mean was learned, too (`meaning.py`), both are added.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.text.vectors import StaticVectors
from catalog.understanding.meaning import Meaning
from catalog.understanding.title_words import FAMILIES, title_features

SHARPNESS = 16.0
"""Steps of a stored log-odds: 255 of them reach 15.9."""
WEIGHTS: Mapping[str, float] = {
    "stem": 0.21, "edge": 0.21, "head": 0.08, "pair": 0.05, "quad": 0.03, "whole": 0.5, "text": 0.27, "text_pair": 0.03,
}  # fmt: skip
"""Fitted on O*NET's reported titles with equal strings taken away; `whole`, which those never have, is set by hand: an
occupation's own title is its name."""
PRIOR_WEIGHT = 0.11
MEANING_WEIGHT, BOTH_SOFTENED = 0.4, 0.7
"""What the meaning of a title adds, and by how much both together are softened: they are partly the same evidence. Fitted on 1,500
reported titles that the report does not ask about, so that a probability of .6 is right six times of ten."""
CONFIDENT = 0.25
"""Least probability at which the best occupation is an answer; below it the title is unknown."""
CHOICES_LIMIT = 10
_TELLING = ("stem", "quad")
"""A title of which neither a word nor a part of a word is known says nothing."""


@dataclass(frozen=True, slots=True)
class Match:
    """An occupation for a title: its code, its name in the taxonomy, and the probability that it is the one meant."""

    code: str
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Family:
    """The log-odds of one family: for feature `keys[i]` the entries `starts[i]:starts[i + 1]`."""

    keys: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    occupations: NDArray[np.uint16]
    odds: NDArray[np.uint8]
    absent: NDArray[np.float32]
    """What a known feature says about an occupation that never has it: log(smoothing / (smoothing + titles))."""


class Taxonomy:
    """One taxonomy. `codes` and `labels` are parallel; `parents` are the codes of a coarser level (ISCO groups)."""

    def __init__(
        self,
        *,
        codes: tuple[str, ...],
        labels: tuple[str, ...],
        parents: tuple[str, ...],
        prior: NDArray[np.float32],
        families: Mapping[str, Family],
        meaning: Meaning | None = None,
    ) -> None:
        self.codes = codes
        self.labels = labels
        self.parents = parents
        self._prior = PRIOR_WEIGHT * prior
        self._families = families
        self._meaning = meaning
        self._places = {code: place for place, code in enumerate(codes)}
        self.rank = lru_cache(maxsize=16_384)(self._ranked)
        """`rank(title)` answers the likeliest occupations, the best first; empty when nothing in the title is known."""
        self.likeness = lru_cache(maxsize=16_384)(self._likeness)
        """`likeness(words)` answers how sure some words are a title at all: the best probability by the words alone, for any words mean
        something."""

    def label(self, code: str) -> str | None:
        """Answer an occupation's name, None for a code that is none of ours."""
        place = self._places.get(code)
        return None if place is None else self.labels[place]

    def parent(self, code: str) -> str:
        """Answer the coarser code of an occupation; KeyError when the code is none of ours."""
        return self.parents[self._places[code]]

    def best(self, title: str) -> Match | None:
        """Answer the occupation that a title names, None where that is unknown."""
        found = self.rank(title)
        return found[0] if found and found[0].confidence >= CONFIDENT else None

    def _ranked(self, title: str) -> tuple[Match, ...]:
        scores, known = self._counted(title)
        if not known:
            return ()
        meant = None if self._meaning is None else self._meaning.chances(title)
        chances = _chances(scores if meant is None else BOTH_SOFTENED * (scores + MEANING_WEIGHT * meant))
        # The likely ones first: sorting all 3,000 of ESCO takes half of the time of a title.
        least = np.partition(chances, -CHOICES_LIMIT)[-CHOICES_LIMIT] if len(chances) > CHOICES_LIMIT else 0.0
        likely = np.flatnonzero(chances >= least)
        best = likely[np.argsort(-chances[likely], kind="stable")][:CHOICES_LIMIT].tolist()
        return tuple(Match(self.codes[place], self.labels[place], round(float(chances[place]), 4)) for place in best)

    def _likeness(self, words: str) -> float:
        scores, known = self._counted(words)
        return float(_chances(scores).max()) if known else 0.0

    def _counted(self, title: str) -> tuple[NDArray[np.float64], bool]:
        scores = self._prior.astype(np.float64)
        known = False
        occupations: list[NDArray[np.uint16]] = []
        odds: list[NDArray[np.floating]] = []
        for name, features in title_features(title).items():
            family, weight = self._families[name], WEIGHTS[name]
            found = _found(family, features)
            known = known or (name in _TELLING and bool(found))
            scores += (weight * len(found)) * family.absent
            for place in found:
                entries = slice(int(family.starts[place]), int(family.starts[place + 1]))
                occupations.append(family.occupations[entries])
                odds.append((weight / SHARPNESS) * family.odds[entries])
        if occupations:
            scores += np.bincount(np.concatenate(occupations), np.concatenate(odds), len(scores))
        return scores, known


def feature_key(feature: str) -> int:
    """Answer the number under which a feature is kept; two of 100,000 that share one do no harm."""
    return zlib.crc32(feature.encode())


def read_taxonomy(table: Mapping[str, NDArray[Any]], vectors: StaticVectors | None = None) -> Taxonomy:
    """Answer the taxonomy of a table that `making/titles.py` packed; with `vectors` it needs what `making/meanings.py` learned, too."""
    names = table["names"].tobytes().decode().split("\n")
    codes, labels, parents = zip(*[name.split("\t") for name in names], strict=True)
    return Taxonomy(
        codes=codes,
        labels=labels,
        parents=parents,
        prior=table["prior"],
        families={
            name: Family(*[table[f"{name}.{part}"] for part in ("keys", "starts", "occupations", "odds", "absent")])
            for name in FAMILIES
        },
        meaning=None if vectors is None else Meaning(table, vectors),
    )


def _chances(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    chances: NDArray[np.float64] = np.exp(scores - scores.max())
    chances /= chances.sum()
    return chances


def _found(family: Family, features: list[str]) -> list[int]:
    keys = np.array([feature_key(feature) for feature in features], np.uint32)
    places = np.searchsorted(family.keys, keys)
    return [
        place
        for place, key in zip(places.tolist(), keys.tolist(), strict=True)
        if place < len(family.keys) and int(family.keys[place]) == key
    ]
