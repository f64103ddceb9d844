"""What others looked at beside what a person looked at, as far as it is in the catalogue."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.index import Catalog
from profiles.candidate import Candidate
from profiles.trails import trail_of
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
    keys: list[int] = []
    strengths: list[float] = []
    for person, candidate in enumerate(candidates) if sessions else ():
        trail = trail_of(candidate)
        for found in sessions.next_items(trail) if sessions and trail else ():
            row = None if found.item in trail else catalog.row(found.item)
            if row is None or not found.score > 0:
                continue
            key = person << 32 | row
            rows[person].append(row)
            beside[key] = found.beside
            keys.append(key)
            strengths.append(found.score / (found.score + USUAL))
            if len(rows[person]) == COMPANIONS_LIMIT:
                break
    if not keys:
        return Companions(NONE, np.zeros(0), rows, beside)
    columns = np.array(keys, np.int64)
    order = columns.argsort()
    return Companions(columns[order], np.array(strengths)[order], rows, beside)
