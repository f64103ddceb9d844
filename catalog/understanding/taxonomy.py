"""A taxonomy's occupations ranked for a title: sums of log-odds, counted in the taxonomy's own titles and descriptions.

For each feature of a title and each occupation the table holds how much likelier the feature is among the occupation's
titles than anywhere: `log(1 + count / (smoothing * background))`, rounded to a byte. What families of features weigh was
fitted once (`making/titles.py`), so the softmax of the sums is a probability that can be believed or refused. O*NET's table
holds more, which is added: what groups of occupations count, what titles mean (`meaning.py`), and which occupations are related.
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
from catalog.understanding.title_words import FAMILIES, GROUPED, title_features

SHARPNESS = 12.0
"""Steps of a stored log-odds: 255 of them reach 21.25."""
MEANING_WEIGHT, BOTH_SOFTENED = 0.4, 0.556
"""What the meaning of a title adds, and by how much both together are softened: they are partly the same evidence. Fitted on 1,500
reported titles that the report does not ask about, so that a probability of .6 is right six times of ten."""
RELATED_WEIGHT, RELATED_SOFTENED, RELATED_LEAST = 1.26, 0.5, 0.01
"""What likely related occupations add: `1.26 * log(.01 + their probabilities)`, these of scores that count half. Fitted likewise."""
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
    weight: NDArray[np.float32]
    """What the family weighs among the others: one number."""


class Taxonomy:
    """One taxonomy. `codes` and `labels` are parallel; `parents` are the codes of a coarser level (ISCO groups).

    `families` are of occupations, and those of `GROUPED` of their parents in the order of the parents' codes. A row of `related`
    has the places of an occupation's related ones; where it has fewer than others, the number of all occupations fills it.
    """

    def __init__(
        self,
        *,
        codes: tuple[str, ...],
        labels: tuple[str, ...],
        parents: tuple[str, ...],
        prior: NDArray[np.float32],
        families: Mapping[str, Family],
        meaning: Meaning | None = None,
        related: NDArray[np.uint16] | None = None,
    ) -> None:
        self.codes = codes
        self.labels = labels
        self.parents = parents
        self._prior = prior.astype(np.float64)
        groups = sorted(set(parents))
        self._groups = np.searchsorted(groups, parents) if "group_stem" in families else None
        self._entries = _Entries(families, len(codes), len(groups))
        self._meaning = meaning
        # A row for each place of the lists: adding up rows takes a third of the time of adding up within them.
        self._related = None if related is None else np.ascontiguousarray(related.T, np.intp)
        self._places = {code: place for place, code in enumerate(codes)}
        self.best = lru_cache(maxsize=16_384)(self._best)
        """`best(title)` answers the occupation that a title names, None where that is unknown."""
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

    def rank(self, title: str) -> tuple[Match, ...]:
        """Answer the likeliest occupations, the best first; empty when nothing in the title is known."""
        chances = self._meant(title)
        if chances is None:
            return ()
        # The likely ones first: sorting all 3,000 of ESCO takes half of the time of a title.
        least = np.partition(chances, -CHOICES_LIMIT)[-CHOICES_LIMIT] if len(chances) > CHOICES_LIMIT else 0.0
        likely = np.flatnonzero(chances >= least)
        best = likely[np.argsort(-chances[likely], kind="stable")][:CHOICES_LIMIT]
        return tuple(self._match(place, chances) for place in best.tolist())

    def _best(self, title: str) -> Match | None:
        chances = self._meant(title)
        if chances is None:
            return None
        match = self._match(int(chances.argmax()), chances)
        return match if match.confidence >= CONFIDENT else None

    def _match(self, place: int, chances: NDArray[np.float64]) -> Match:
        return Match(self.codes[place], self.labels[place], round(float(chances[place]), 4))

    def _meant(self, title: str) -> NDArray[np.float64] | None:
        """Answer each occupation's probability, None when nothing in the title is known."""
        scores, known = self._counted(title)
        if not known:
            return None
        meant = None if self._meaning is None else self._meaning.logits(title)
        if meant is not None:
            scores = BOTH_SOFTENED * (scores + MEANING_WEIGHT * meant)
        return _chances(scores if self._related is None else scores + self._vouched(scores, self._related))

    def _vouched(self, scores: NDArray[np.float64], related: NDArray[np.intp]) -> NDArray[np.float64]:
        """Answer what related occupations add: of two that are as likely, the one is meant whose neighbours are likely, too."""
        near: NDArray[np.float64] = np.append(_chances(RELATED_SOFTENED * scores), 0.0).take(related).sum(axis=0)
        return RELATED_WEIGHT * np.log(RELATED_LEAST + near)

    def _likeness(self, words: str) -> float:
        scores, known = self._counted(words)
        return float(_chances(scores).max()) if known else 0.0

    def _counted(self, title: str) -> tuple[NDArray[np.float64], bool]:
        found, known = self._entries.scores(title_features(title))
        scores = self._prior + found[: len(self.codes)]
        if self._groups is not None:
            scores += found[len(self.codes) :][self._groups]
        return scores, known


class _Entries:
    """All families in one table, so that a title's features are looked up and added up at once; groups stand behind the occupations."""

    def __init__(self, families: Mapping[str, Family], occupations: int, groups: int) -> None:
        self._names = tuple(families)
        self._weights = np.array([float(family.weight) / SHARPNESS for family in families.values()])
        self._telling = np.array([name in _TELLING for name in families])
        kept = list(families.values())
        shifts = [occupations if name in GROUPED else 0 for name in families]
        sizes = np.cumsum([0, *(len(family.occupations) for family in kept)])
        numbers = [
            (np.uint64(place) << np.uint64(32)) | family.keys.astype(np.uint64) for place, family in enumerate(kept)
        ]
        # Behind the last key one that nothing has, for what is looked up may come after all.
        self._keys = np.append(np.concatenate(numbers), ~np.uint64(0))
        self._families = np.append((self._keys[:-1] >> np.uint64(32)).astype(np.intp), 0)
        self._starts = np.concatenate(
            [
                *(family.starts[:-1].astype(np.int64) + size for family, size in zip(kept, sizes, strict=False)),
                sizes[-1:],
            ]
        )
        self._sizes = np.append(np.diff(self._starts), 0)
        self._places = np.concatenate(
            [family.occupations + np.uint16(shift) for family, shift in zip(kept, shifts, strict=True)]
        )
        self._odds = np.concatenate([family.odds for family in kept])
        self._absent = np.zeros((len(kept), occupations + groups))
        for row, family, shift in zip(self._absent, kept, shifts, strict=True):
            row[shift : shift + len(family.absent)] = family.absent

    def scores(self, features: Mapping[str, list[str]]) -> tuple[NDArray[np.float64], bool]:
        """Answer the weighed log-odds of all features, and whether one that tells anything is known."""
        asked = [
            (place << 32) | feature_key(feature)
            for place, name in enumerate(self._names)
            for feature in features[GROUPED.get(name, name)]
        ]
        keys = np.array(asked, np.uint64)
        at = self._keys.searchsorted(keys)
        at = at[self._keys[at] == keys]
        families, starts, sizes = self._families[at], self._starts[at], self._sizes[at]
        counts = np.bincount(families, minlength=len(self._names))
        scores: NDArray[np.float64] = (counts * self._weights * SHARPNESS) @ self._absent
        # All entries of all features at once: in the run of feature i, entry n of the whole is n + starts[i] - those before.
        entries = np.arange(sizes.sum()) + (starts - sizes.cumsum() + sizes).repeat(sizes)
        odds = self._odds[entries] * self._weights[families].repeat(sizes)
        scores += np.bincount(self._places[entries], odds, len(scores))
        return scores, bool(counts[self._telling].any())


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
            name: Family(
                *[table[f"{name}.{part}"] for part in ("keys", "starts", "occupations", "odds", "absent", "weight")]
            )
            for name in (*FAMILIES, *GROUPED)
            if f"{name}.keys" in table
        },
        meaning=None if vectors is None else Meaning(table, vectors),
        related=table.get("related"),
    )


def _chances(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    chances: NDArray[np.float64] = np.exp(scores - scores.max())
    chances /= chances.sum()
    return chances
