"""Session neighbours and the looks of segments, kept up to date in a process: whatever moved among the trails is read every second."""

import asyncio
import sys
import time
from contextlib import AbstractAsyncContextManager

from api.background import in_background, read_on
from profiles.erasures import Erasures, Standing
from profiles.store import ProfileStore
from profiles.trails import ENDED, Trail
from scorers.segment_trends import SegmentLooks
from scorers.sessions import Sessions

SECONDS = 1.0


class TrailsFollower:
    """Reads trails into `sessions` and `looks`.

    Whoever was erased, objects or is not to be counted is out of them at once, and never comes in. A trail that another worker wrote while
    its person was being erased is deleted as soon as it is read here, or the erasure is.
    """

    def __init__(self, store: ProfileStore, sessions: Sessions, looks: SegmentLooks, erasures: Erasures) -> None:
        self._store = store
        self._sessions = sessions
        self._looks = looks
        self._erasures = erasures
        self._generation: str | None = None
        self._move = 0
        self._read_at = time.monotonic()
        self._ended: set[str] = set()
        erasures.listen(self._stood)

    @property
    def size(self) -> int:
        """Answer how many sessions are remembered."""
        return len(self._sessions)

    @property
    def age(self) -> float:
        """Answer how many seconds ago everything was read that had moved."""
        return time.monotonic() - self._read_at

    def begin_again(self) -> None:
        """Read everything next: the store may have gone back to an earlier move."""
        self._generation = None

    async def read(self) -> None:
        """Read whatever moved since; may raise StoreUnavailable."""
        while True:
            found = await self._store.trails.changes(self._generation, self._move)
            if found.since == 0:
                self._sessions.clear()
                self._looks.clear()
            for name, trail in found.trails.items():
                allowed = not self._erasures.named(name).is_uncounted
                self._put(name, trail if allowed else ENDED)
                if trail.items and not allowed:
                    self._ended.add(name)
            self._generation, self._move = found.generation, found.move
            await self._delete_ended()
            if not found.trails:
                self._read_at = time.monotonic()
                return
            await asyncio.sleep(0)

    def _stood(self, name: str, standing: Standing) -> None:
        if standing.is_uncounted:
            self._put(name, ENDED)
            # Its trail may have been read before: then no other move tells of it.
            self._ended.add(name)

    def _put(self, name: str, trail: Trail) -> None:
        trail = trail._replace(items=tuple(map(sys.intern, trail.items)))
        self._sessions.put(name, trail.items)
        self._looks.put(name, trail)

    async def _delete_ended(self) -> None:
        """Delete trails that must not be there, of whoever may still not be followed."""
        names = set(self._ended)
        ended = {name: ENDED for name in names if self._erasures.named(name).is_uncounted}
        if ended:
            await self._store.trails.put(ended)
        self._ended -= names


def followed(follower: TrailsFollower) -> AbstractAsyncContextManager[None]:
    """Read on in the background."""
    return in_background(read_on(follower.read, seconds=SECONDS, unread="trails_unread"))
