"""Every override that was ever made, as a process knows it."""

from collections.abc import Callable

from schemas.override import PAUSE, Override, decode_override, decode_pause
from scorers.overrides import NO_OVERRIDES, Overrides

IN_FORCE_LIMIT = 500
"""How many overrides may be in force at once: each is looked at for each person."""


class OverrideBook:
    """Kept up to date by whoever hands it in."""

    def __init__(self) -> None:
        self._records: dict[str, Override] = {}
        self._listeners: list[Callable[[Overrides], None]] = []
        self.now = NO_OVERRIDES

    def apply(self, key: str, value: bytes | None) -> None:
        """Take a record of the topic; ValueError or TypeError for one that is none."""
        pause = self.now.pause
        if value is None:
            self._records.pop(key, None)
        elif key == PAUSE:
            pause = decode_pause(value)
        else:
            self._records[key] = decode_override(value)
        kept = tuple(each for each in self._records.values() if each.removed_at is None)
        self.now = Overrides(kept, pause)
        for listener in self._listeners:
            listener(self.now)

    def listen(self, listener: Callable[[Overrides], None]) -> None:
        """Have a listener told now, and of each change from now on."""
        self._listeners.append(listener)
        listener(self.now)

    def in_force(self, now: int) -> list[Override]:
        return [each for each in self.records() if each.is_current(now)]

    def find(self, override_id: str) -> Override | None:
        return self._records.get(override_id)

    def records(self) -> list[Override]:
        """Answer all, newest first, those that ended too."""
        return sorted(self._records.values(), key=lambda each: (-each.at, each.id))
