"""Interest vectors: what the work that somebody looked at means on average, less what the dismissed means.

Made when deciding, of the deeds that the profile keeps and the vectors of the catalogue, weighed and decayed as every interest is: nothing
is stored, so nothing has to be erased. Everything is added up in whole numbers, so neither order nor company changes a digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.columns import SLOTS
from catalog.index import Catalog
from catalog.text.meanings import Direction, Meanings, direction_of
from profiles.candidate import Candidate
from scorers.deeds import Deeds, Floats, Ints
from scorers.taste import corrected_codes

UNRELATED = np.float32(0.4)
"""The cosine up to which two postings have nothing to do with each other: three of four of unrelated work are below .33."""
_STEPS = 255
"""Weights become whole numbers, the heaviest this one."""
_MEANT = ("occupation", "category", "term")
"""What a posting's meaning is made of: a deed says nothing any more where its person called one of them wrongly guessed."""


@dataclass(frozen=True, slots=True)
class InterestVectors:
    """Where the means of what a person liked and of what they dismissed point; None where there is none of it."""

    liked: Direction | None
    disliked: Direction | None


def interest_vectors(candidates: Sequence[Candidate], deeds: Deeds, catalog: Catalog) -> Sequence[InterestVectors]:
    """Answer each person's."""
    meanings, numbers = catalog.meanings, np.arange(len(candidates) + 1)
    weight = _heeded(candidates, deeds, catalog)
    liked = deeds.person.searchsorted(numbers).tolist()
    disliked = deeds.disliker.searchsorted(numbers).tolist()
    found = []
    for person in range(len(candidates)):
        mine, theirs = slice(*liked[person : person + 2]), slice(*disliked[person : person + 2])
        found.append(
            InterestVectors(
                _mean(meanings, deeds.row[mine], weight[mine]),
                _mean(meanings, deeds.disliked[theirs], deeds.dislike[theirs]),
            )
        )
    return found


def alike(vectors: InterestVectors, meanings: Meanings, rows: Ints) -> NDArray[np.float32]:
    """Answer how much rows mean what is liked, less how much they mean what is disliked: -1 to 1, 0 for what has to do with neither."""
    if vectors.liked is None and vectors.disliked is None:
        return np.zeros(len(rows), np.float32)
    directions = [each for each in (vectors.liked, vectors.disliked) if each is not None]
    related = [_related(cosines) for cosines in meanings.cosines(directions, rows)]
    if vectors.disliked is None:
        return related[0]
    liked = np.float32(0.0) if vectors.liked is None else related[0]
    return liked - related[-1]


def _related(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    related: NDArray[np.float32] = (np.maximum(cosines, UNRELATED) - UNRELATED) / (1 - UNRELATED)
    return related


def _mean(meanings: Meanings, rows: Ints, weights: Floats) -> Direction | None:
    """Answer the direction of the mean of rows by weight, None where nothing means anything."""
    heaviest = weights.max(initial=0.0)
    if not heaviest:
        return None
    shares = np.rint(weights * (_STEPS / heaviest))
    return direction_of(shares @ meanings.table.take(rows, axis=0).astype(np.float64))


def _heeded(candidates: Sequence[Candidate], deeds: Deeds, catalog: Catalog) -> Floats:
    """Answer the weights of deeds, 0 where the posting is of a kind that the person called wrongly guessed."""
    wrong = corrected_codes(candidates, catalog, _MEANT)
    if not len(wrong):
        return deeds.weight
    said = np.zeros(len(deeds.row), np.bool_)
    for person, code in wrong.tolist():
        mine = slice(*np.searchsorted(deeds.person, [person, person + 1]))
        said[mine] |= (catalog.columns.facets[deeds.row[mine]][:, _SLOTS] == code).any(axis=1)
    return np.where(said, 0.0, deeds.weight)


_SLOTS: NDArray[np.int64] = np.concatenate([np.arange(SLOTS[of].start, SLOTS[of].stop) for of in _MEANT])
