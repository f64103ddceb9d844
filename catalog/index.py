"""The live catalogue in memory: columns to rank by, inverted lists to find by, changed in place by each record."""

import heapq
import zlib
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from catalog.columns import FACET_WIDTH, SLOTS, Columns, codes_of_row, pairs_of_row
from catalog.contents import Contents
from catalog.dictionary import Dictionary
from catalog.geography import Geography
from catalog.postings_lists import PostingsLists
from catalog.text.index import TextIndex
from catalog.text.meanings import Meanings
from catalog.text.vectors import shipped_vectors
from catalog.text.words import words
from schemas.content import Content
from schemas.job_json import job_from_json, job_to_json
from schemas.jobs import Job

RETIRED_LIMIT = 20_000
"""How many postings that left are remembered by what they were, so that interest in them outlives them."""

LEAST_RARE = np.float32(0.1)
"""What a word that every posting has still weighs."""
_EMPTY = array("i")


@dataclass(slots=True)
class Catalog:
    """Postings and content. Not safe for several threads; one event loop owns it.

    `revision` goes up with every change. A posting that left keeps its row of `columns.facets` for a while
    (`known_rows`), but is in no list any more and has no `row`.
    """

    keep_documents: bool = False
    columns: Columns = field(default_factory=Columns)
    dictionary: Dictionary = field(default_factory=Dictionary)
    contents: Contents = field(default_factory=Contents)
    geography: Geography = field(default_factory=Geography)
    text: TextIndex = field(default_factory=TextIndex)
    """What postings say, by row: filled by `index_texts` where the catalogue keeps documents."""
    meanings: Meanings = field(default_factory=Meanings)
    """What the work of a posting is, by row, from its title, occupation and categories; kept as long as its `columns.facets`."""
    job_changes: int = 0
    _rarities: tuple[tuple[int, int, int], NDArray[np.float32]] | None = None
    _lists: PostingsLists = field(default_factory=PostingsLists)
    known_rows: dict[str, int] = field(default_factory=dict)
    """The row of each posting that is or was here, `columns.present` says which; not to be changed."""
    _ids: list[str] = field(default_factory=list)
    _titles: list[str] = field(default_factory=list)
    """By row: a reason names one for every second candidate, and unpacking its posting took 30 µs."""
    _jobs: dict[int, bytes] = field(default_factory=dict)
    _texts: dict[int, bytes] = field(default_factory=dict)
    _unindexed: dict[int, None] = field(default_factory=dict)
    _retired: dict[str, None] = field(default_factory=dict)
    _free: list[int] = field(default_factory=list)
    _linked: set[int] = field(default_factory=set)
    _ending: list[tuple[int, int]] = field(default_factory=list)
    _ended: list[tuple[int, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.known_rows) - len(self._retired)

    def __contains__(self, job_id: str) -> bool:
        return self.row(job_id) is not None

    @property
    def revision(self) -> int:
        return self.job_changes + self.contents.changes

    def apply_job(self, job_id: str, job: Job | None) -> bool:
        """Take a posting as it is now, or its end (None). Answer whether that changed anything."""
        row = self.row(job_id)
        if job is None:
            if row is None:
                return False
            self._retire(job_id, row)
        else:
            # Packed: 0.4 KB a posting instead of 0.7, and orjson's own answer would hold on to a buffer of 8 KB.
            slim = zlib.compress(job_to_json(replace(job, id=job_id, description="")), 1)
            if row is not None and self._jobs[row] == slim:
                return self._keep_text(row, job, is_same=True)
            self._write(job_id, row, job, slim)
        self.job_changes += 1
        return True

    def apply_content(self, content_id: str, content: Content | None) -> bool:
        """Take a content item as it is now, or its end (None). Answer whether that changed anything."""
        return self.contents.apply(content_id, content)

    def settle(self) -> None:
        """Put all lists in order: to be called once the catalogue has been read for the first time."""
        self._lists.settle(self.columns.order)

    def advance(self, now: int) -> None:
        """Take postings off the lists that have ended by `now`, and put back those that have not: time may go back."""
        while self._ending and self._ending[0][0] <= now:
            until, row = heapq.heappop(self._ending)
            if row in self._linked and self.columns.valid_through[row] == until:
                self._unlink(row)
                heapq.heappush(self._ended, (-until, row))
        while self._ended and -self._ended[0][0] > now:
            until, row = heapq.heappop(self._ended)
            if row not in self._linked and self.columns.listed[row] and self.columns.valid_through[row] == -until:
                self._link(row)
                heapq.heappush(self._ending, (-until, row))

    def row(self, job_id: str) -> int | None:
        """Answer the row of a posting that is in the catalogue."""
        row = self.known_rows.get(job_id)
        return row if row is not None and job_id not in self._retired else None

    @property
    def ids(self) -> list[str]:
        """The posting's id of each row; not to be changed."""
        return self._ids

    def job_ids(self) -> Iterable[str]:
        return (job_id for job_id in self.known_rows if job_id not in self._retired)

    def job(self, job_id: str) -> Job | None:
        """Answer a posting without its description."""
        row = self.row(job_id)
        return None if row is None else job_from_json(zlib.decompress(self._jobs[row]))

    def title(self, job_id: str) -> str:
        """Answer a posting's title alone, "" when it left."""
        row = self.row(job_id)
        return "" if row is None else self._titles[row]

    def document(self, job_id: str) -> Job | None:
        """Answer a posting with its description, where the catalogue keeps documents."""
        job = self.job(job_id)
        if job is None or not self.keep_documents:
            return job
        return replace(job, description=zlib.decompress(self._texts[self.known_rows[job_id]]).decode())

    @property
    def unindexed(self) -> int:
        """How many postings have a text that no search knows yet."""
        return len(self._unindexed)

    def index_texts(self, limit: int) -> None:
        """Take up to so many waiting texts into the index, which takes 0.7 ms each: too long for whoever reads the topic."""
        for row in list(islice(self._unindexed, limit)):
            del self._unindexed[row]
            job = job_from_json(zlib.decompress(self._jobs[row]))
            self.text.put(row, job.title, f"{' '.join(job.skills)} {zlib.decompress(self._texts[row]).decode()}")

    def content(self, content_id: str) -> Content | None:
        return self.contents.items.get(content_id)

    def facets(self, job_id: str) -> Mapping[str, tuple[str, ...]]:
        """Answer what a posting is or was, in each dimension; empty when nobody remembers."""
        row = self.known_rows.get(job_id)
        if row is None:
            return {}
        codes: list[int] = self.columns.facets[row].tolist()
        return {
            dimension: tuple(self.dictionary.label(code) for code in codes[slot] if code)
            for dimension, slot in SLOTS.items()
        }

    def newest(self, count: int) -> "array[int]":
        """Answer rows of open postings, the newest last."""
        return self._lists.everything.newest(count, self.columns.order)

    def newest_of(self, code: int, count: int) -> "array[int]":
        """Answer rows of open postings that have a value, the newest last."""
        rows = self._lists.of(code)
        return _EMPTY if rows is None else rows.newest(count, self.columns.order)

    def newest_of_pair(self, place: int, other: int, count: int) -> "array[int]":
        """Answer rows of open postings in a place that also have an occupation or category, the newest last."""
        rows = self._lists.of_pair(place, other)
        return _EMPTY if rows is None else rows.newest(count, self.columns.order)

    def sample(self, code: int, offset: int, count: int) -> "array[int]":
        """Answer rows spread evenly over the list of a value (NOTHING: all rows), from a start that `offset` picks."""
        found = self._lists.of(code) if code else self._lists.everything
        if found is None or not len(found):
            return _EMPTY
        return found.spread(offset, count, self.columns.order)

    def places_around(self, latitude: float, longitude: float, count: int) -> list[tuple[float, int]]:
        """Answer distance in km and code of the places near a point, the nearest first."""
        ties = self.dictionary.ties
        found = self.geography.around(latitude, longitude)
        return sorted(found, key=lambda near: (near[0], ties[near[1]]))[:count]

    def count_of(self, code: int) -> int:
        """Answer how many open postings have a value."""
        rows = self._lists.of(code)
        return 0 if rows is None else len(rows)

    def rarities(self) -> NDArray[np.float32]:
        """Answer what each code weighs as a word: its rarity, at least LEAST_RARE, and 0 for NOTHING."""
        state = (self.job_changes, len(self._linked), len(self.dictionary))
        if self._rarities is None or self._rarities[0] != state:
            weights = np.maximum(self.rarity(np.arange(len(self.dictionary))), LEAST_RARE)
            weights[0] = 0.0
            self._rarities = (state, weights)
        return self._rarities[1]

    def rarity(self, codes: NDArray[np.integer]) -> NDArray[np.float32]:
        """Answer the inverse document frequency of codes: log((1 + postings) / (1 + postings that have it))."""
        rarity: NDArray[np.float32] = np.float32(np.log1p(len(self._linked))) - self._frequencies()[codes]
        return rarity

    def occurs(self, codes: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Say of each code whether a posting has it now: what only those had that are gone is still known, and means nothing."""
        found: NDArray[np.bool_] = self._frequencies()[codes] > 0
        return found

    def _frequencies(self) -> NDArray[np.float32]:
        frequencies = self._lists.frequency_log
        if len(self.dictionary) > len(frequencies):
            frequencies = self._lists.make_room(len(self.dictionary))
        return frequencies

    def _write(self, job_id: str, row: int | None, job: Job, slim: bytes) -> None:
        if row is None:
            row = self.known_rows[job_id] if job_id in self._retired else self._spare_row()
            self._retired.pop(job_id, None)
            self.known_rows[job_id] = row
            self._ids[row] = job_id
        elif row in self._linked:
            self._unlink(row)
        self.columns.write(row, replace(job, id=job_id), self.dictionary)
        self.meanings.put(
            row, shipped_vectors().of(words(" ".join((job.title, job.occupation or "", *job.categories))))
        )
        self._jobs[row], self._titles[row] = slim, job.title
        self._keep_text(row, job, is_same=False)
        if self.columns.listed[row]:
            self._link(row)
            if job.valid_through is not None:
                self._note_end(job.valid_through, row)

    def _note_end(self, until: int, row: int) -> None:
        heapq.heappush(self._ending, (until, row))
        if len(self._ending) > 2 * len(self._linked) + 1024:
            # Changes leave entries behind that mean nothing any more: a posting may change daily and end in a year.
            ends = self.columns.valid_through
            self._ending = sorted({(end, of) for end, of in self._ending if of in self._linked and ends[of] == end})

    def _keep_text(self, row: int, job: Job, *, is_same: bool) -> bool:
        """Keep the description; `is_same` says that nothing else of the posting changed. Answer whether that did."""
        if not self.keep_documents:
            return False
        text = zlib.compress(job.description.encode(), 6)
        changed = self._texts.get(row) != text
        self._texts[row] = text
        if changed or not is_same:
            self._unindexed[row] = None
        return changed

    def _retire(self, job_id: str, row: int) -> None:
        if row in self._linked:
            self._unlink(row)
        self.columns.listed[row] = self.columns.present[row] = False
        del self._jobs[row]
        self._titles[row] = ""
        self._texts.pop(row, None)
        self._unindexed.pop(row, None)
        self.text.remove(row)
        self._retired[job_id] = None
        if len(self._retired) > RETIRED_LIMIT:
            oldest = next(iter(self._retired))
            del self._retired[oldest]
            freed = self.known_rows.pop(oldest)
            self.columns.facets[freed] = 0
            self._ids[freed] = ""
            self._free.append(freed)

    def _spare_row(self) -> int:
        if self._free:
            return self._free.pop()
        row = len(self._ids)
        if row == self.columns.capacity:
            self.columns.grow()
        self._ids.append("")
        self._titles.append("")
        return row

    def _link(self, row: int) -> None:
        codes: list[int] = self.columns.facets[row].tolist()
        self._lists.add(row, codes_of_row(codes), pairs_of_row(codes), self.columns.order)
        for place, latitude, longitude in self._points(row, codes):
            self.geography.add(place, latitude, longitude)
        self._linked.add(row)

    def _unlink(self, row: int) -> None:
        codes: list[int] = self.columns.facets[row].tolist()
        self._lists.remove(row, codes_of_row(codes), pairs_of_row(codes), self.columns.order)
        for place, latitude, longitude in self._points(row, codes):
            self.geography.remove(place, latitude, longitude)
        self._linked.discard(row)

    def _points(self, row: int, codes: list[int]) -> list[tuple[int, float, float]]:
        """Answer each place of a posting that says where it is."""
        where = zip(
            codes[SLOTS["place"]],
            self.columns.latitude[row].tolist(),
            self.columns.longitude[row].tolist(),
            strict=True,
        )
        return [(place, latitude, longitude) for place, latitude, longitude in where if place and latitude == latitude]  # noqa: PLR0124  NaN: not known


assert max(slot.stop for slot in SLOTS.values()) == FACET_WIDTH  # noqa: S101  the layout is one constant told twice
