"""Content items and their columns: few, so the columns are made anew after a change."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog.dictionary import Dictionary
from schemas.content import Content
from schemas.events import STAGES

FACETS_READ = 32
FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class ContentColumns:
    """All content by id, one line each; `facets` are codes, padded with 0, `stages` bits in the order of STAGES."""

    items: tuple[Content, ...]
    position: Mapping[str, int]
    kind: tuple[str, ...]
    facets: NDArray[np.int64]
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
        elif self._items.get(content_id) == content:
            return False
        else:
            self._items[content_id] = content
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
    codes = [_codes(item, dictionary) for item in contents]
    facets = np.zeros((len(contents), max(map(len, codes), default=1) or 1), np.int64)
    wants = np.zeros((len(contents), len(segments)), np.bool_)
    for line, item in enumerate(contents):
        facets[line, : len(codes[line])] = codes[line]
        wants[line, [segments[name] for name in item.segments]] = True
    return ContentColumns(
        items=contents,
        position={item.id: line for line, item in enumerate(contents)},
        kind=tuple(item.kind for item in contents),
        facets=facets,
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
