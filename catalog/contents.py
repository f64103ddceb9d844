"""Content items and their columns: few, so the columns are made anew after a change."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from catalog.dictionary import NOTHING, Dictionary
from schemas.content import Content
from schemas.events import STAGES

FACETS_READ = 32
FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class ContentColumns:
    """All content by id, one line each. `stages` are bits in the order of STAGES.

    `facets` are the codes of all lines, one line after the other, each beginning where `begins` says; a line without facets
    has the code 0.
    """

    items: tuple[Content, ...]
    position: Mapping[str, int]
    of_kind: Mapping[str, NDArray[np.int64]]
    """The lines of each kind there is."""
    facets: NDArray[np.int64]
    begins: NDArray[np.int64]
    faceted: NDArray[np.bool_]
    segments: Mapping[str, int]
    wants_segment: NDArray[np.bool_]
    stages: NDArray[np.int64]
    priority: NDArray[np.float64]
    starts_at: NDArray[np.int64]
    ends_at: NDArray[np.int64]
    tie: NDArray[np.int64]


@dataclass(slots=True)
class Contents:
    """All items by id, and how often they changed."""

    changes: int = 0
    _items: dict[str, Content] = field(default_factory=dict)
    _columns: tuple[int, int, ContentColumns] | None = None

    @property
    def items(self) -> Mapping[str, Content]:
        return self._items

    def apply(self, content_id: str, content: Content | None) -> bool:
        if content is None:
            if self._items.pop(content_id, None) is None:
                return False
        else:
            named = content if content.id == content_id else replace(content, id=content_id)
            if self._items.get(content_id) == named:
                return False
            self._items[content_id] = named
        self.changes += 1
        return True

    def columns(self, dictionary: Dictionary) -> ContentColumns:
        """Answer the columns as of now; a new word of a posting's may join a facet, so it counts as a change."""
        if self._columns is None or self._columns[:2] != (self.changes, len(dictionary)):
            made = _columns_of(sorted(self._items.items()), dictionary)
            self._columns = (self.changes, len(dictionary), made)
        return self._columns[2]


def _columns_of(items: Iterable[tuple[str, Content]], dictionary: Dictionary) -> ContentColumns:
    contents = tuple(item for _, item in items)
    segments = {
        name: number for number, name in enumerate(sorted({name for item in contents for name in item.segments}))
    }
    codes = [_codes(item, dictionary) or [NOTHING] for item in contents]
    begins = np.cumsum([0, *map(len, codes)])[:-1]
    wants = np.zeros((len(contents), len(segments)), np.bool_)
    for line, item in enumerate(contents):
        wants[line, [segments[name] for name in item.segments]] = True
    return ContentColumns(
        items=contents,
        position={item.id: line for line, item in enumerate(contents)},
        of_kind={
            kind: np.array([line for line, item in enumerate(contents) if item.kind == kind], np.int64)
            for kind in {item.kind for item in contents}
        },
        facets=np.array([code for some in codes for code in some], np.int64),
        begins=begins,
        faceted=np.array([some != [NOTHING] for some in codes], np.bool_),
        segments=segments,
        wants_segment=wants,
        stages=np.array([sum(1 << STAGES.index(stage) for stage in set(item.stages)) for item in contents], np.int64),
        priority=np.array([item.priority for item in contents], np.float64),
        starts_at=np.array([item.starts_at or 0 for item in contents], np.int64),
        ends_at=np.array([FOREVER if item.ends_at is None else item.ends_at for item in contents], np.int64),
        tie=np.array([zlib.crc32(item.id.encode()) for item in contents], np.int64),
    )


def _codes(item: Content, dictionary: Dictionary) -> list[int]:
    named = ((dimension, value) for dimension, values in item.facets.items() for value in values)
    found = (
        code
        for dimension, value in named
        for code in dictionary.matching(dimension, value) or (dictionary.code(dimension, value),)
    )
    return list(dict.fromkeys(found))[:FACETS_READ]
