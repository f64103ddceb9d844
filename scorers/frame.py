"""What features are made from: the shortlisted rows of all people of a batch, with whatever concerns each."""

from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.columns import SLOTS
from catalog.geography import KM_A_DEGREE
from scorers.crowd import Crowd
from scorers.deeds import NOT_ASKED, Floats, Ints
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

BEST = (
    "occupation", "employer", "seniority", "workplace", "pay", "region", "occupation_code", "minor_group", "major_group",
    "employment", "place", "category",
)  # fmt: skip
"""The dimensions of which a posting has one or a few values that count by the best of them."""
_SINGLE = BEST[:9]

Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows sorted by person, always the last axis: facet slots by rows, so that each slot is one stretch of memory.

    `tables` is what `Taste.weighed` says of each slot: (LIKED, SEARCHED, STATED) by slots by rows; `best` the best of the slots of each of
    BEST, in the same way. `skills` and `terms` are the shares of a posting's words that each table knows, weighed by rarity; of terms the
    square root, for long titles name much beside the work.
    """

    crowd: Crowd
    person: Ints
    row: Ints
    facets: NDArray[np.int32]
    tables: Table
    best: Table
    skills: Table
    terms: Table
    latest_terms: Table
    disliked: Table
    """Of PRIVATE_SLOTS."""
    age_days: Floats
    since_visit: NDArray[np.bool_]
    done: NDArray[np.bool_]
    """VIEWED, SAVED and STARTED by rows: whether the person has."""
    shown: Floats
    together: Floats
    """How strongly the sessions of others speak for it, 0 to 1."""
    heat: Table
    responses: Table
    """Of `Responses`: appeal, and the shares of applications and dismissals."""
    distance_km: Floats | None
    """From where the person is now, NaN when either is not known; None when of nobody is."""
    viewed_km: Floats
    """From the nearer of the two postings viewed last, NaN when neither or the posting itself says where it is."""


def frame_of(crowd: Crowd, person: Ints, row: Ints) -> Frame:
    """Look up everything that the features ask for."""
    columns, taste = crowd.catalog.columns, crowd.taste
    facets = np.ascontiguousarray(columns.facets.take(row, axis=0).T)
    cells = taste.cells(person, facets)
    tables = _looked_up(crowd, cells)
    rarity = crowd.catalog.rarities()[facets[WORDS]]
    skill_total, term_total = (np.maximum(sequential_sum(rarity[some]), _TINY) for some in (SKILLS, TERMS))
    done, shown, together = _deeds(crowd, person << 32 | row)
    posted = columns.posted[row]
    visits = np.array([query.candidate.last_visit_before or _NEVER for query in crowd.queries], np.int64)
    return Frame(
        crowd=crowd,
        person=person,
        row=row,
        facets=facets,
        tables=tables,
        best=_best(tables),
        skills=sequential_sum(tables[:, SLOTS["skill"]], 1) / skill_total,
        terms=np.sqrt(sequential_sum(tables[:, SLOTS["term"]], 1) / term_total),
        latest_terms=np.sqrt(sequential_sum(taste.latest[cells[SLOTS["term"]]]) / term_total),
        disliked=taste.disliked[cells[PRIVATE_SLOTS]],
        age_days=np.where(posted > 0, np.maximum(crowd.now - posted, 0) / DAY_MS, np.nan),
        since_visit=posted >= visits[person],
        done=done,
        shown=shown,
        together=together,
        heat=crowd.heat.column[row],
        responses=crowd.responses.of(row),
        distance_km=_distances(crowd, person, row),
        viewed_km=_distances_from_viewed(crowd, person, row),
    )


def sequential_sum(table: NDArray[Any], axis: int = 0) -> NDArray[Any]:
    """Sum over an axis that is not the last, one addend after the other whatever the number of rows.

    So numpy does by itself, except for a single row, where it adds in pairs.
    """
    if table.shape[-1] > 1:
        return np.asarray(np.add.reduce(table, axis=axis))
    return np.asarray(np.add.accumulate(table, axis=axis).take(-1, axis=axis))


def _looked_up(crowd: Crowd, cells: Ints) -> Table:
    """Answer what each table says of each cell; a table that says nothing of anybody is not asked."""
    taste = crowd.taste
    tables = np.zeros((len(taste.weighed), *cells.shape), np.float32)
    for number in range(len(taste.weighed)):
        if taste.speaks[number]:
            np.take(taste.weighed[number], cells, out=tables[number], mode="clip")
    return tables


def _best(tables: Table) -> Table:
    best = np.empty((len(tables), len(BEST), tables.shape[2]), np.float32)
    best[:, : len(_SINGLE)] = tables[:, : len(_SINGLE)]
    for number, dimension in enumerate(BEST[len(_SINGLE) :], len(_SINGLE)):
        slot = SLOTS[dimension]
        np.maximum(tables[:, slot.start], tables[:, slot.start + 1], out=best[:, number])
        for further in range(slot.start + 2, slot.stop):
            np.maximum(best[:, number], tables[:, further], out=best[:, number])
    return best


def _deeds(crowd: Crowd, keys: Ints) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Answer what was done with each row, how often it was shown, and how strongly others speak for it; `keys` are sorted.

    All three are looked up at once, each in lines of their own.
    """
    deeds, others, rows = crowd.deeds, crowd.companions, len(keys)
    if not rows:
        return np.zeros((NOT_ASKED, 0), np.bool_), np.zeros(0), np.zeros(0)
    lengths = [len(deeds.shown_key), len(others.key)]
    line = np.concatenate([deeds.done, _FURTHER_LINES.repeat(lengths)])
    amount = np.concatenate([np.ones(len(deeds.done)), deeds.shown, others.strength])
    asked = np.concatenate([deeds.done_key, deeds.shown_key, others.key])
    position = np.minimum(keys.searchsorted(asked), rows - 1)
    known = keys[position] == asked
    cells = (line * rows + position)[known]
    found = np.bincount(cells, amount[known], (NOT_ASKED + 3) * rows).reshape(-1, rows)
    return found[:NOT_ASKED] > 0, found[NOT_ASKED + 1], found[NOT_ASKED + 2]


def _distances(crowd: Crowd, person: Ints, row: Ints) -> Floats | None:
    """Answer how far each posting is from where its person is now, NaN when either is not known; None when of nobody is."""
    points = [_point(whereabouts(query)) for query in crowd.queries]
    if all(point is NOWHERE for point in points):
        return None
    columns, here = crowd.catalog.columns, np.array(points).T
    at = np.array([*here, np.cos(np.radians(here[0]))])[:, person]
    latitude, longitude = (np.ascontiguousarray(places[row].T) for places in (columns.latitude, columns.longitude))
    nearest: Floats = np.fmin.reduce(_apart(latitude, longitude, *at))
    return nearest


def _distances_from_viewed(crowd: Crowd, person: Ints, row: Ints) -> Floats:
    """Measure from one place of each posting: of several, the first."""
    latitudes, longitudes = crowd.catalog.columns.latitude[:, 0], crowd.catalog.columns.longitude[:, 0]
    seen = [
        [rows[min(rank, len(rows) - 1)] if rows else -1 for rows in crowd.deeds.recent] for rank in range(NEAR_VIEWED)
    ]
    points = np.empty((3, NEAR_VIEWED, len(crowd)))
    points[:2] = latitudes[seen], longitudes[seen]
    points[0][np.less(seen, 0)] = nan
    np.cos(np.radians(points[0]), out=points[2])
    seen_at = points if len(crowd) == 1 else points[:, :, person]
    apart = _apart(latitudes[row], longitudes[row], *seen_at)
    nearest: Floats = np.fmin(apart[0], apart[1])
    return nearest


def _apart(
    latitude: Floats, longitude: Floats, from_latitude: Floats, from_longitude: Floats, shrink: Floats
) -> Floats:
    """Answer kilometres, on a plane: good enough for a day's commute. `shrink` is the cosine of the latitude."""
    up = latitude - from_latitude
    across = np.abs(longitude - from_longitude)
    across = np.minimum(across, 360.0 - across) * shrink
    apart: Floats = np.sqrt(up * up + across * across) * KM_A_DEGREE
    return apart


def _point(here: Whereabouts) -> tuple[float, float]:
    if here.latitude is None or here.longitude is None:
        return NOWHERE
    return here.latitude, here.longitude


NOWHERE = (nan, nan)
_NEVER = np.iinfo(np.int64).max
_TINY = np.float32(1e-9)
_FURTHER_LINES = np.array([NOT_ASKED + 1, NOT_ASKED + 2])
