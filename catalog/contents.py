"""Content items and their columns: few, so the columns are made anew after a change."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from catalog.dictionary import NOTHING, Dictionary
from schemas.content import Content

FACETS_READ = 32
FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class ContentColumns:
    """All content by id, one line each. Made anew after a change, so one is equal to itself only.

    `facets` are the codes of all lines, one line after the other, each beginning where `begins` says; a line without facets
    has the code 0. What is asked item by item is there in plain lists.
    """

    items: tuple[Content, ...]
    names: list[str]
    position: Mapping[str, int]
    of_kind: Mapping[str, list[int]]
    """The lines of each kind there is, in the order of their ties."""
    of_stage: Mapping[str, frozenset[int]]
    of_segment: Mapping[str, frozenset[int]]
    """The lines that name each stage, each segment."""
    sent_by: Mapping[str, list[str]]
    """The items that each channel is for."""
    facets: NDArray[np.int64]
    begins: NDArray[np.int64]
    codes: list[int]
    """`facets`."""
    spans: list[tuple[int, int]]
    """Where each line's facets begin and end."""
    faceted: NDArray[np.bool_]
    is_event: NDArray[np.bool_]
    priority: NDArray[np.float64]
    starts_at: NDArray[np.int64]
    ends_at: NDArray[np.int64]
    tie: list[int]


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
    codes = [_codes(item, dictionary) or [NOTHING] for item in contents]
    ends: list[int] = np.cumsum([0, *map(len, codes)]).tolist()
    flat = [code for some in codes for code in some]
    of_stage = _lines_of([item.stages for item in contents])
    of_segment = _lines_of([item.segments for item in contents])
    tie = [zlib.crc32(item.id.encode()) for item in contents]
    return ContentColumns(
        items=contents,
        names=[item.id for item in contents],
        position={item.id: line for line, item in enumerate(contents)},
        of_kind={
            kind: sorted((line for line, item in enumerate(contents) if item.kind == kind), key=tie.__getitem__)
            for kind in {item.kind for item in contents}
        },
        of_stage=of_stage,
        of_segment=of_segment,
        sent_by={
            channel: [item.id for item in contents if item.channel == channel]
            for channel in {item.channel for item in contents if item.channel}
        },
        facets=np.array(flat, np.int64),
        begins=np.array(ends[:-1], np.int64),
        codes=flat,
        spans=list(pairwise(ends)),
        faceted=np.array([some != [NOTHING] for some in codes], np.bool_),
        is_event=np.array([item.kind == "event" for item in contents], np.bool_),
        priority=np.array([item.priority for item in contents], np.float64),
        starts_at=np.array([item.starts_at or 0 for item in contents], np.int64),
        ends_at=np.array([FOREVER if item.ends_at is None else item.ends_at for item in contents], np.int64),
        tie=tie,
    )


def _lines_of(named: Sequence[Iterable[str]]) -> dict[str, frozenset[int]]:
    lines: dict[str, set[int]] = {}
    for line, names in enumerate(named):
        for name in names:
            lines.setdefault(name, set()).add(line)
    return {name: frozenset(some) for name, some in lines.items()}


def _codes(item: Content, dictionary: Dictionary) -> list[int]:
    named = ((dimension, value) for dimension, values in item.facets.items() for value in values)
    found = (
        code
        for dimension, value in named
        for code in dictionary.matching(dimension, value) or (dictionary.code(dimension, value),)
    )
    return list(dict.fromkeys(found))[:FACETS_READ]
