"""What features are made from: the shortlisted rows of all people of a batch, with whatever concerns each."""

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from catalog.columns import SLOTS
from catalog.geography import KM_A_DEGREE
from scorers.crowd import Crowd
from scorers.deeds import Floats, Ints
from scorers.policy import DAY_MS
from scorers.taste import LIKED, PRIVATE_SLOTS, SEARCHED, STATED
from scorers.whereabouts import Whereabouts, whereabouts

WORDS = slice(SLOTS["skill"].start, SLOTS["term"].stop)
"""The slots of skills and title terms stand side by side."""
SKILLS = slice(0, SLOTS["skill"].stop - SLOTS["skill"].start)
TERMS = slice(SKILLS.stop, WORDS.stop - WORDS.start)
"""Where they are among WORDS."""

Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows sorted by person, always the last axis: facet slots by rows, so that each slot is one stretch of memory.

    `tables` is what `Taste.tables` says of each slot: (LIKED, SEARCHED, STATED) by slots by rows. `skills` and `terms` are the shares of
    a posting's words that each table knows, weighed by rarity.
    """

    crowd: Crowd
    person: Ints
    row: Ints
    facets: NDArray[np.int32]
    tables: Table
    rarity: Table
    """Of WORDS; 0 where the posting has no word."""
    skills: Table
    terms: Table
    latest_terms: Table
    disliked: Table
    """Of PRIVATE_SLOTS."""
    age_days: Floats
    since_visit: NDArray[np.bool_]
    done: Ints
    shown: Floats
    heat: Table
    distance_km: Floats

    def best(self, table: int, dimension: str) -> Table:
        """Answer the best of a dimension's slots."""
        slot = SLOTS[dimension]
        best: Table = (
            self.tables[table, slot].max(axis=0) if slot.stop - slot.start > 1 else self.tables[table, slot.start]
        )
        return best


def frame_of(crowd: Crowd, person: Ints, row: Ints) -> Frame:
    """Look up everything that the features ask for."""
    columns, taste = crowd.catalog.columns, crowd.taste
    facets = np.ascontiguousarray(columns.facets[row].T)
    cells = taste.cells(person, facets)
    tables = _looked_up(crowd, person, cells)
    words = facets[WORDS]
    rarity = np.where(words > 0, np.maximum(crowd.catalog.rarity(words), _LEAST_RARE), np.float32(0))
    met = tables[:, WORDS] * rarity
    totals: list[Table] = [np.maximum(_summed(rarity[some]), _TINY) for some in (SKILLS, TERMS)]
    skill_total, term_total = totals
    keys = person << 32 | row
    posted = columns.posted[row]
    visits = np.array([query.candidate.last_visit_before or _NEVER for query in crowd.queries], np.int64)
    latest = taste.latest[cells[SLOTS["term"]]] * rarity[TERMS]
    return Frame(
        crowd=crowd,
        person=person,
        row=row,
        facets=facets,
        tables=tables,
        rarity=rarity,
        skills=_summed(met[:, SKILLS].swapaxes(0, 1)) / skill_total,
        terms=_summed(met[:, TERMS].swapaxes(0, 1)) / term_total,
        latest_terms=_summed(latest) / term_total,
        disliked=taste.disliked[cells[PRIVATE_SLOTS]],
        age_days=np.where(posted > 0, np.maximum(crowd.now - posted, 0) / DAY_MS, np.nan),
        since_visit=posted >= visits[person],
        done=_bits(keys, crowd.deeds.done_key, crowd.deeds.done),
        shown=_amounts(keys, crowd.deeds.shown_key, crowd.deeds.shown),
        heat=crowd.heat.column[row],
        distance_km=_distances(crowd, person, row),
    )


def _looked_up(crowd: Crowd, person: Ints, cells: Ints) -> Table:
    """Answer what each table says of each cell. Few people search or state anything: only their rows are looked up there."""
    taste = crowd.taste
    tables = np.zeros((len(taste.tables), *cells.shape), np.float32)
    np.take(taste.tables[LIKED], cells, out=tables[LIKED], mode="clip")
    for number in (SEARCHED, STATED):
        rows = np.flatnonzero(taste.speaks[number][person])
        if len(rows):
            tables[number][:, rows] = taste.tables[number][cells[:, rows]]
    return tables


def _summed(table: Table) -> Table:
    """Sum over the first axis, one addend after the other: numpy's own order depends on the number of rows. Never 0, to divide by."""
    total: Table = table[0].copy()
    for addend in table[1:]:
        total += addend
    return total


def _bits(keys: Ints, deed_keys: Ints, bits: Ints) -> Ints:
    """Answer the bits of all deeds on each row."""
    found = np.zeros(len(keys), np.int64)
    position, known = _positions(keys, deed_keys)
    np.bitwise_or.at(found, position, bits[known])
    return found


def _amounts(keys: Ints, deed_keys: Ints, amounts: Floats) -> Floats:
    position, known = _positions(keys, deed_keys)
    summed: Floats = np.bincount(position, amounts[known], len(keys)).astype(np.float64)
    return summed


def _positions(keys: Ints, deed_keys: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Answer where the rows of deeds stand among the keys, and which deeds are about any of them; `keys` are sorted."""
    if not len(keys):
        return np.zeros(0, np.int64), np.zeros(len(deed_keys), np.bool_)
    position = np.minimum(np.searchsorted(keys, deed_keys), len(keys) - 1)
    known = keys[position] == deed_keys
    return position[known], known


def _distances(crowd: Crowd, person: Ints, row: Ints) -> Floats:
    """Answer how far each posting is from where its person is now, NaN when either is not known."""
    distance = np.full(len(row), np.nan)
    points = np.array([_point(whereabouts(query)) for query in crowd.queries])
    known = np.flatnonzero(~np.isnan(points[:, 0])[person])
    if not len(known):
        return distance
    latitude, longitude = points[person[known]].T[:, :, None]
    across = (crowd.catalog.columns.longitude[row[known]] - longitude + 180) % 360 - 180
    up = crowd.catalog.columns.latitude[row[known]] - latitude
    distance[known] = np.fmin.reduce(np.hypot(up, across * np.cos(np.radians(latitude))), axis=1) * KM_A_DEGREE
    return distance


def _point(here: Whereabouts) -> tuple[float, float]:
    if here.latitude is None or here.longitude is None:
        return nan, nan
    return here.latitude, here.longitude


_NEVER = np.iinfo(np.int64).max
_LEAST_RARE = np.float32(0.1)
_TINY = np.float32(1e-9)
