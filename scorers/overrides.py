"""The overrides in force, and whom each one reaches."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from profiles.pseudonym import pseudonym
from schemas.decision import Decision
from schemas.override import Override, Pause


@dataclass(frozen=True, slots=True)
class Overrides:
    """Those that were not removed, and whether the model is paused."""

    all: tuple[Override, ...] = ()
    pause: Pause | None = None

    @property
    def is_paused(self) -> bool:
        return self.pause is not None and self.pause.paused

    def of(self, candidate: str, version: Mapping[str, int], segments: Iterable[str], now: int) -> tuple[Override, ...]:
        """Answer what reaches a person now; `version` names all ids that were folded into the profile."""
        current = [each for each in self.all if each.is_current(now)]
        if not current:
            return ()
        held = set(segments)
        ids = {candidate, *(section.partition("/")[2] for section in version)}
        names = {pseudonym(each) for each in ids} if any(each.person for each in current) else set()
        return tuple(
            each
            for each in current
            if (each.segment is None or each.segment in held) and (each.person is None or each.person in names)
        )

    def for_everybody(self, now: int) -> tuple[Override, ...]:
        return self.of("", {}, (), now)


NO_OVERRIDES = Overrides()


def blocked_by(overrides: Iterable[Override]) -> tuple[str, ...]:
    return tuple([each.item_id for each in overrides if each.kind == "block"])


def blocked_now(decision: Decision, policy_overrides: Overrides, now: int) -> tuple[str, ...]:
    """Answer what may not be shown of a decision that was made earlier."""
    return blocked_by(overrides_on(decision, policy_overrides, now))


def overrides_on(decision: Decision, overrides: Overrides, now: int) -> tuple[Override, ...]:
    """Answer what reaches the person of a decision now."""
    return overrides.of(decision.candidate_id, decision.version, decision.segments, now)


def pins_of(overrides: Iterable[Override], selector: str) -> list[Override]:
    """Answer what is pinned into a selector, by position."""
    pins = (each for each in overrides if each.kind == "pin" and each.selector == selector)
    return sorted(pins, key=lambda pin: (pin.position, pin.item_id))


def mark_of(overrides: Iterable[Override]) -> str:
    """Answer what a decision's policy carries of the overrides that it was made under; nothing for none."""
    ids = ",".join(sorted(each.id for each in overrides))
    return f"+{zlib.crc32(ids.encode()):08x}" if ids else ""
