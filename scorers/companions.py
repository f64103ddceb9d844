"""What others looked at beside what a person looked at, as far as it is in the catalogue."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.index import Catalog
from profiles.candidate import Candidate
from profiles.trails import looked_at
from scorers.deeds import NONE, Floats, Ints
from scorers.sessions import Sessions

COMPANIONS_LIMIT = 24
"""How many postings session neighbours propose to one person."""
USUAL = 5.0
"""The score that counts half: one session that shares the latest posting and has another that few look at."""


@dataclass(frozen=True, slots=True)
class Companions:
    """Columns by proposal, sorted by `key` (person << 32 | row). `strength` is 0 to below 1.

    `rows` are each person's, the best first; `beside` tells by key which posting of the person's own trail it was looked at with.
    """

    key: Ints
    strength: Floats
    rows: Sequence["array[int]"]
    beside: Mapping[int, str]


def companions_of(candidates: Sequence[Candidate], sessions: Sessions | None, catalog: Catalog) -> Companions:
    """Ask the sessions about everybody's trail; what somebody looked at already is nothing new."""
    rows = [array("i") for _ in candidates]
    beside: dict[int, str] = {}
    strengths: list[float] = []
    answers = sessions.next_items_of([looked_at(candidate) for candidate in candidates]) if sessions else ()
    for person, others in enumerate(answers):
        mine = rows[person]
        for item, score, latest in others:
            row = catalog.row(item)
            if row is None or score <= 0:
                continue
            mine.append(row)
            beside[person << 32 | row] = latest
            strengths.append(score / (score + USUAL))
            if len(mine) == COMPANIONS_LIMIT:
                break
    if not beside:
        return Companions(NONE, np.zeros(0), rows, beside)
    keys = np.array(list(beside), np.int64)
    order = keys.argsort()
    return Companions(keys[order], np.array(strengths)[order], rows, beside)
