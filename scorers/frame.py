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
from scorers.taste import PRIVATE_SLOTS
from scorers.whereabouts import Whereabouts, whereabouts

WORDS = slice(SLOTS["skill"].start, SLOTS["term"].stop)
"""The slots of skills and title terms stand side by side."""
SKILLS = slice(0, SLOTS["skill"].stop - SLOTS["skill"].start)
TERMS = slice(SKILLS.stop, WORDS.stop - WORDS.start)
"""Where they are among WORDS."""

NEAR_VIEWED = 2
"""To how many of the postings viewed last distances are measured."""

Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows sorted by person, always the last axis: facet slots by rows, so that each slot is one stretch of memory.

    `tables` is what `Taste.tables` says of each slot: (LIKED, SEARCHED, STATED) by slots by rows. `skills` and `terms` are the shares of
    a posting's words that each table knows, weighed by rarity; of terms the square root, for long titles name much beside the work.
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
    """From where the person is now, NaN when either is not known."""
    viewed_km: Floats
    """From the nearer of the two postings viewed last, NaN when neither or the posting itself says where it is."""

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
    tables = _looked_up(crowd, cells)
    words = facets[WORDS]
    rarity = crowd.catalog.rarities()[words]
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
        terms=np.sqrt(_summed(met[:, TERMS].swapaxes(0, 1)) / term_total),
        latest_terms=np.sqrt(_summed(latest) / term_total),
        disliked=taste.disliked[cells[PRIVATE_SLOTS]],
        age_days=np.where(posted > 0, np.maximum(crowd.now - posted, 0) / DAY_MS, np.nan),
        since_visit=posted >= visits[person],
        done=_bits(keys, crowd.deeds.done_key, crowd.deeds.done),
        shown=_amounts(keys, crowd.deeds.shown_key, crowd.deeds.shown),
        heat=crowd.heat.column[row],
        distance_km=_distances(crowd, person, row),
        viewed_km=_distances_from_viewed(crowd, person, row),
    )


def _looked_up(crowd: Crowd, cells: Ints) -> Table:
    """Answer what each table says of each cell; a table that says nothing of anybody is not asked."""
    taste = crowd.taste
    tables = np.zeros((len(taste.tables), *cells.shape), np.float32)
    for number in range(len(taste.tables)):
        if taste.speaks[number]:
            np.take(taste.tables[number], cells, out=tables[number], mode="clip")
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


def _distances_from_viewed(crowd: Crowd, person: Ints, row: Ints) -> Floats:
    """Measure from one place of each posting: of several, the first."""
    latitudes, longitudes = crowd.catalog.columns.latitude[:, 0], crowd.catalog.columns.longitude[:, 0]
    viewed = np.full((len(crowd), NEAR_VIEWED, 2), np.nan)
    for who, rows in enumerate(crowd.deeds.recent):
        for rank, seen in enumerate(rows[:NEAR_VIEWED]):
            viewed[who, rank] = latitudes[seen], longitudes[seen]
    shrink = np.cos(np.radians(viewed[..., 0]))
    here_latitude, here_longitude = latitudes[row], longitudes[row]
    nearest = np.full(len(row), np.nan)
    for rank in range(NEAR_VIEWED):
        up = here_latitude - viewed[person, rank, 0]
        across = (here_longitude - viewed[person, rank, 1] + 180) % 360 - 180
        np.fmin(nearest, np.hypot(up, across * shrink[person, rank]) * KM_A_DEGREE, out=nearest)
    return nearest


def _point(here: Whereabouts) -> tuple[float, float]:
    if here.latitude is None or here.longitude is None:
        return nan, nan
    return here.latitude, here.longitude


_NEVER = np.iinfo(np.int64).max
_TINY = np.float32(1e-9)
