"""What a TCF consent string allows, in our purposes.

The core segment has fixed places from version 2.0 to 2.3: "Transparency and Consent String with Global Vendor & CMP List Formats",
IAB Europe and IAB Tech Lab.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.bits import Bits, UnreadableBits

_VERSION = 2
_CONSENTS_AT, _INTERESTS_AT, _VENDORS_AT = 152, 176, 213
"""Where the 24 bits of purpose consents begin, those of purposes under a legitimate interest, and the lists of vendors."""
_STORAGE = 1
PURPOSES: Mapping[str, tuple[int, ...]] = {
    "personalization": (5, 6),
    "analytics": (7, 8, 9, 10),
    "advertising": (3, 4),
}
"""Which TCF purposes must all be allowed: profiles for content and their use, measurement, profiles for ads and their use."""
INTERESTS = frozenset({2, 7, 8, 9, 10, 11})
"""The purposes for which the framework lets a vendor claim a legitimate interest at all."""
_FORBIDDEN, _CONSENT_ONLY, _INTEREST_ONLY = 0, 1, 2
"""Types of a publisher's restriction."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who the controller is in the Global Vendor List; `interests` are the purposes for which a legitimate interest was declared there."""

    id: int
    interests: frozenset[int] = frozenset()


def consents_of_tcf(consent: str, vendor: Vendor | None = None) -> dict[str, bool]:
    """Answer each of PURPOSES; a string that cannot be read, or that allows no storage, consents to none.

    With a vendor, its own consent (or legitimate interest, which was not objected to) counts beside the purposes, and so do the
    publisher's restrictions; without one the purposes alone.
    """
    try:
        core = Bits(consent.partition(".")[0])
        readable, allowed = core.at(0, 6) == _VERSION, _Allowed(core, vendor)
        stored = readable and allowed.by_consent(_STORAGE)
        return {name: stored and all(map(allowed.purpose, wanted)) for name, wanted in PURPOSES.items()}
    except UnreadableBits:
        return dict.fromkeys(PURPOSES, False)


class _Allowed:
    """What a core segment allows a vendor."""

    def __init__(self, core: Bits, vendor: Vendor | None) -> None:
        self._core = core
        self._claimed = vendor.interests if vendor else frozenset[int]()
        self._consented = self._unobjected = True
        self._restrictions: dict[int, int] = {}
        if vendor is not None:
            core.skip_to(_VENDORS_AT)
            self._consented = _is_listed(core, vendor.id)
            self._unobjected = _is_listed(core, vendor.id)
            self._restrictions = _restrictions(core, vendor.id)

    def by_consent(self, purpose: int) -> bool:
        return self._consented and _has(self._core, _CONSENTS_AT, purpose)

    def purpose(self, purpose: int) -> bool:
        restriction = self._restrictions.get(purpose)
        if restriction == _FORBIDDEN:
            return False
        by_interest = purpose in self._claimed and self._unobjected and _has(self._core, _INTERESTS_AT, purpose)
        if restriction == _CONSENT_ONLY:
            return self.by_consent(purpose)
        if restriction == _INTEREST_ONLY:
            return by_interest
        return by_interest or self.by_consent(purpose)


def _has(core: Bits, place: int, purpose: int) -> bool:
    return core.at(place + purpose - 1, 1) == 1


def _is_listed(core: Bits, vendor: int) -> bool:
    """Read a list of vendors, bit by bit or in ranges, and answer whether one is in it."""
    last = core.next(16)
    if core.next(1):
        return any(first <= vendor <= until for first, until in list(_ranges(core)))
    bits = core.next(last)
    return 0 < vendor <= last and bits >> (last - vendor) & 1 == 1


def _restrictions(core: Bits, vendor: int) -> dict[int, int]:
    """Answer the type of the publisher's restriction by purpose; of several for one purpose the strictest, which has the lowest number."""
    found: dict[int, int] = {}
    for _ in range(core.next(12)):
        purpose, kind = core.next(6), core.next(2)
        if any(first <= vendor <= until for first, until in list(_ranges(core))):
            found[purpose] = min(kind, found.get(purpose, kind))
    return found


def _ranges(core: Bits) -> Iterator[tuple[int, int]]:
    for _ in range(core.next(12)):
        is_range, first = core.next(1), core.next(16)
        yield first, core.next(16) if is_range else first
