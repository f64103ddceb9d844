"""Decoded sections that this worker owns: the fence makes it their only writer, so what it wrote last is what is stored."""

from collections.abc import Iterable, Mapping

from profiles.candidate import Stored
from profiles.sections import EMPTY
from profiles.store import SectionKey

NOTHING_YET = -1
"""The offset of a section that does not exist: known to be absent, so nobody asks again."""


class SectionCache:
    """Keeps the sections used last, up to `limit`."""

    def __init__(self, limit: int = 50_000) -> None:
        self._limit = limit
        self._kept: dict[SectionKey, Stored] = {}
        self.moment = 0
        """Changes with every write, drop and clearing: what was read from the store before may be older than what is stored."""

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: SectionKey) -> Stored | None:
        """Answer a section and count it as used, or None when the store has to be asked."""
        found = self._kept.pop(key, None)
        if found is not None:
            self._kept[key] = found
        return found

    def missing(self, keys: Iterable[SectionKey]) -> list[SectionKey]:
        return [key for key in keys if key not in self._kept]

    def fill(self, asked: Iterable[SectionKey], found: Mapping[SectionKey, Stored]) -> None:
        """Take what the store answered; what was asked for and not found is absent."""
        for key in asked:
            self._kept[key] = found.get(key) or Stored(EMPTY[key[0]], NOTHING_YET)

    def put(self, written: Mapping[SectionKey, Stored]) -> None:
        self.moment += 1
        kept = self._kept
        for key, stored in written.items():
            kept.pop(key, None)
            kept[key] = stored
        self._shrink()

    def drop(self, keys: Iterable[SectionKey]) -> None:
        self.moment += 1
        for key in keys:
            self._kept.pop(key, None)

    def clear(self) -> None:
        self.moment += 1
        self._kept.clear()

    def _shrink(self) -> None:
        excess = len(self._kept) - self._limit
        if excess > 0:
            for key in list(self._kept)[:excess]:
                del self._kept[key]
