"""The catalogue as a site reads it: a list, newest first, the values to filter by, and members of one posting."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.background import in_thread
from catalog.index import Catalog
from catalog.terms import terms
from schemas.content import Content
from schemas.jobs import Job, Salary

FACETS = ("category", "place", "workplace", "employment", "seniority", "employer", "occupation", "pay")
FACET_VALUES_LIMIT = 100
PAGE_LIMIT = 100
INDEXED_AT_ONCE = 16
"""So many waiting texts a search indexes by itself: what changed a moment ago is found."""
_SEARCHED = ("term", "skill", "employer", "occupation", "category", "place")
_MEMBERS_KEPT = 4_096
DEFAULT_MEMBERS = (
    "title",
    "employer",
    "place",
    "workplace",
    "employment_types",
    "categories",
    "salary",
    "posted_at",
    "url",
)
"""What a list shows of a posting."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `following` is the cursor of the next, None at the end.

    `unindexed` is how many postings a search by text could not look at yet, None where texts were not asked for.
    """

    job_ids: tuple[str, ...]
    total: int
    following: str | None
    unindexed: int | None = None


class Postings:
    """Reads of one live catalogue."""

    def __init__(self, catalog: Catalog, *, reading: asyncio.Lock | None = None) -> None:
        """Whoever changes the catalogue holds `reading` meanwhile."""
        self._catalog = catalog
        self._reading = reading or asyncio.Lock()
        self._members: dict[str, dict[str, Any]] = {}
        self._members_of = -1
        self._facets: dict[str, list[dict[str, Any]]] = {}
        self._facets_of = -1

    def page(
        self, query: str, filters: Mapping[str, Sequence[str]], *, limit: int, cursor: int | None, now: int
    ) -> Page:
        """Answer open postings that have every word of the query and one value of each filter, the newest first."""
        groups = [*self._words(query), *(self._codes(name, values) for name, values in filters.items() if values)]
        if any(not group for group in groups):
            return Page((), 0, None)
        columns = self._catalog.columns
        rows = self._rows(groups)
        found = rows[self._matching(rows, groups) & columns.listed[rows] & (columns.valid_through[rows] > now)]
        order = columns.order[found]
        below = found if cursor is None else found[order < cursor]
        shown = below[-limit:][::-1]
        more = len(below) > limit
        ids = self._catalog.ids
        return Page(tuple(ids[row] for row in shown), len(found), str(int(columns.order[shown[-1]])) if more else None)

    async def best(
        self, query: str, filters: Mapping[str, Sequence[str]], *, limit: int, cursor: int | None, now: int
    ) -> Page:
        """Answer open postings that suit the query and have one value of each filter, the best match first.

        The cursor counts postings: what comes or goes between two pages may repeat or hide one. In a thread: comparing
        100,000 texts takes 7 ms of processor time.
        """
        return await in_thread(
            partial(self._best, query, filters, limit=limit, first=cursor or 0, now=now), turn=self._reading
        )

    def _best(self, query: str, filters: Mapping[str, Sequence[str]], *, limit: int, first: int, now: int) -> Page:
        self._catalog.index_texts(INDEXED_AT_ONCE)
        groups = [self._codes(name, values) for name, values in filters.items() if values]
        columns = self._catalog.columns
        scores = self._catalog.text.scores(query, columns.capacity)
        rows = np.flatnonzero((scores > 0) & columns.listed & (columns.valid_through > now)).astype(np.int32)
        found = rows[self._matching(rows, groups)]
        ranked = found[np.lexsort((columns.order[found], scores[found]))[::-1]]
        ids, end = self._catalog.ids, first + limit
        following = str(end) if end < len(found) else None
        return Page(tuple(ids[row] for row in ranked[first:end]), len(found), following, self._catalog.unindexed)

    def facets(self) -> Mapping[str, list[dict[str, Any]]]:
        """Answer the commonest values of each facet and how many open postings have them."""
        if self._facets_of != self._catalog.revision:
            self._facets = {dimension: self._counted(dimension) for dimension in FACETS}
            self._facets_of = self._catalog.revision
        return self._facets

    def members(self, job_id: str, names: Sequence[str]) -> dict[str, Any]:
        """Answer members of a posting under the names asked for; unknown names and absent members are left out."""
        known = self._known(job_id)
        wanted = {name: known.get(_snake(name)) for name in names}
        return {name: value for name, value in wanted.items() if value is not None}

    def _known(self, job_id: str) -> dict[str, Any]:
        # A posting is decoded in 15 µs; ten items a decision make that worth keeping until the catalogue changes.
        if self._members_of != self._catalog.job_changes or len(self._members) > _MEMBERS_KEPT:
            self._members.clear()
            self._members_of = self._catalog.job_changes
        known = self._members.get(job_id)
        if known is None:
            job = self._catalog.job(job_id)
            known = self._members[job_id] = {} if job is None else job_members(job)
        return known

    def _words(self, query: str) -> list[list[int]]:
        dictionary = self._catalog.dictionary
        return [
            [
                *([code] if (code := dictionary.find("term", word)) else []),
                *(code for dimension in _SEARCHED[1:] for code in dictionary.matching(dimension, word)),
            ]
            for word in terms(query)
        ]

    def _codes(self, dimension: str, values: Sequence[str]) -> list[int]:
        return [code for value in values for code in self._catalog.dictionary.matching(dimension, value)]

    def _rows(self, groups: list[list[int]]) -> NDArray[np.int32]:
        """Answer the rows of the rarest group, the newest last: everything that can match is among them."""
        if not groups:
            return np.asarray(self._catalog.newest(len(self._catalog)), np.int32)
        rarest = min(groups, key=lambda codes: sum(map(self._catalog.count_of, codes)))
        lists = [np.asarray(self._catalog.newest_of(code, self._catalog.count_of(code)), np.int32) for code in rarest]
        rows = lists[0] if len(lists) == 1 else np.unique(np.concatenate(lists))
        return rows if len(lists) == 1 else rows[np.argsort(self._catalog.columns.order[rows], kind="stable")]

    def _matching(self, rows: NDArray[np.int32], groups: list[list[int]]) -> NDArray[np.bool_]:
        facets = self._catalog.columns.facets[rows] if groups else np.zeros((len(rows), 0), np.int32)
        matching = np.ones(len(rows), np.bool_)
        for codes in groups:
            matching &= np.isin(facets, codes).any(axis=1)
        return matching

    def _counted(self, dimension: str) -> list[dict[str, Any]]:
        dictionary, count_of = self._catalog.dictionary, self._catalog.count_of
        counted = [(count_of(code), dictionary.label(code)) for code in dictionary.codes_of(dimension)]
        best = sorted((entry for entry in counted if entry[0]), key=lambda entry: (-entry[0], entry[1]))
        return [{"value": value, "count": count} for count, value in best[:FACET_VALUES_LIMIT]]


def job_members(job: Job) -> dict[str, Any]:
    """Answer what a page may show of a posting, under the names of `Job` and a few that pages ask for."""
    first = job.places[0] if job.places else None
    members = {name: getattr(job, name) for name in _PLAIN}
    members |= {
        "salary": job.salary and _salary(job.salary),
        "place": first and first.label,
        "places": [place.label for place in job.places],
        "city": first and first.locality,
        "region": first and first.region,
        "country": first and first.country,
        "latitude": first and first.latitude,
        "longitude": first and first.longitude,
    }
    return {name: value for name, value in members.items() if value is not None and value not in ("", (), [])}


def content_members(content: Content, names: Sequence[str]) -> dict[str, Any]:
    """Answer members of a content item: its title, kind and times, or whatever its payload has."""
    own: dict[str, Any] = {
        "title": content.title,
        "kind": content.kind,
        "starts_at": content.starts_at,
        "ends_at": content.ends_at,
        "language": content.language,
    }
    wanted = {name: content.payload.get(name, own.get(_snake(name))) for name in names}
    return {name: value for name, value in wanted.items() if value is not None}


_PLAIN = (
    "id", "title", "employer", "url", "requisition_id", "workplace", "applicant_regions", "employment_types",
    "categories", "department", "benefits", "skills", "seniority", "occupation", "occupation_code", "must_haves",
    "posted_at", "valid_through", "updated_at", "openings", "language", "status", "description",
)  # fmt: skip


def _salary(salary: Salary) -> dict[str, Any]:
    return {
        "minimum": salary.minimum,
        "maximum": salary.maximum,
        "currency": salary.currency,
        "unit": salary.unit,
    }


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
