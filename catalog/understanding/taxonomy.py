"""A taxonomy's occupations ranked for a title: sums of log-odds, counted in the taxonomy's own titles and descriptions.

For each feature of a title and each occupation the table holds how much likelier the feature is among the occupation's
titles than anywhere: `log(1 + count / (smoothing * background))`, rounded to a byte. What families of features weigh was
fitted once (`making/titles.py`), so the softmax of the sums is a probability that can be believed or refused. O*NET's table
holds more, which is added: what groups of occupations count, what titles mean (`meaning.py`), and which occupations are related.
The likeliest are then weighed once more (`second_look.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.text.vectors import StaticVectors
from catalog.understanding.counted import CountedWords, Family, Floats, read_families
from catalog.understanding.meaning import Meaning
from catalog.understanding.runs import Places
from catalog.understanding.second_look import FirstLook, SecondLook, softmax
from catalog.understanding.title_words import title_features

MEANING_WEIGHT, BOTH_SOFTENED = 0.4, 0.556
"""What the meaning of a title adds, and by how much both together are softened: they are partly the same evidence. Fitted on 1,500
reported titles that the report does not ask about, so that a probability of .6 is right six times of ten."""
RELATED_WEIGHT, RELATED_SOFTENED, RELATED_LEAST = 1.26, 0.5, 0.01
"""What likely related occupations add: `1.26 * log(.01 + their probabilities)`, these of scores that count half. Fitted likewise."""
CONFIDENT = 0.25
"""Least probability at which the best occupation is an answer; below it the title is unknown."""
CHOICES_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Match:
    """An occupation for a title: its code, its name in the taxonomy, and the probability that it is the one meant."""

    code: str
    label: str
    confidence: float


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
        second: SecondLook | None = None,
    ) -> None:
        self.codes = codes
        self.labels = labels
        self.parents = parents
        self._prior = prior.astype(np.float64)
        self._words = CountedWords(families, np.searchsorted(sorted(set(parents)), parents))
        self._meaning = meaning
        # A row for each place of the lists: adding up rows takes a third of the time of adding up within them.
        self._related = None if related is None else np.ascontiguousarray(related.T, np.intp)
        self._second = second
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

    def _match(self, place: int, chances: Floats) -> Match:
        return Match(self.codes[place], self.labels[place], round(float(chances[place]), 4))

    def _meant(self, title: str) -> Floats | None:
        """Answer each occupation's probability, None when nothing in the title is known."""
        first = self.first_look(title)
        if first is None or self._second is None:
            return None if first is None else first.chances
        return self._second.chances(title, first)

    def first_look(self, title: str) -> FirstLook | None:
        """Answer what sums of log-odds tell, None when nothing in the title is known."""
        found = self._words.found(title_features(title))
        if found is None:
            return None
        scores = self._prior + self._words.scores(found)
        meant = None if self._meaning is None else self._meaning.logits(title)
        if meant is not None:
            scores = BOTH_SOFTENED * (scores + MEANING_WEIGHT * meant)
        vouched = np.zeros(len(scores)) if self._related is None else self._vouched(scores, self._related)
        signs = np.zeros(len(scores)) if meant is None else meant, scores, vouched
        return FirstLook(softmax(scores + vouched), signs, lambda places: self._words.by_family(found, places))

    def _vouched(self, scores: Floats, related: Places) -> Floats:
        """Answer what related occupations add: of two that are as likely, the one is meant whose neighbours are likely, too."""
        near: Floats = np.append(softmax(RELATED_SOFTENED * scores), 0.0).take(related).sum(axis=0)
        return RELATED_WEIGHT * np.log(RELATED_LEAST + near)

    def _likeness(self, words: str) -> float:
        found = self._words.found(title_features(words))
        return 0.0 if found is None else float(softmax(self._prior + self._words.scores(found)).max())


def read_taxonomy(table: Mapping[str, NDArray[Any]], vectors: StaticVectors | None = None) -> Taxonomy:
    """Answer the taxonomy of a table that `making/titles.py` packed; with `vectors` it needs what `making/meanings.py` learned, too."""
    names = table["names"].tobytes().decode().split("\n")
    codes, labels, parents = zip(*[name.split("\t") for name in names], strict=True)
    return Taxonomy(
        codes=codes,
        labels=labels,
        parents=parents,
        prior=table["prior"],
        families=read_families(table),
        meaning=None if vectors is None else Meaning(table, vectors),
        related=table.get("related"),
        second=SecondLook(table) if "second_straight" in table else None,
    )
