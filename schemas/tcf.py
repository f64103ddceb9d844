"""What a TCF consent string allows, in our purposes; the core segment has fixed places from version 2.0 to 2.3."""

from collections.abc import Mapping

from schemas.bits import Bits, UnreadableBits

_VERSION = 2
_PURPOSES_AT = 152
"""Where the 24 bits of purpose consents begin."""
_STORAGE = 1
PURPOSES: Mapping[str, tuple[int, ...]] = {
    "personalization": (5, 6),
    "analytics": (7, 8, 9, 10),
    "advertising": (3, 4),
}
"""Which TCF purposes must all be consented to: profiles for content and their use, measurement, profiles for ads and their use."""


def consents_of_tcf(consent: str) -> dict[str, bool]:
    """Answer each of PURPOSES; a string that cannot be read, or that allows no storage, consents to none."""
    try:
        core = Bits(consent.partition(".")[0])
        readable = core.at(0, 6) == _VERSION
        stored = readable and _has(core, _STORAGE)
        return {name: stored and all(_has(core, one) for one in wanted) for name, wanted in PURPOSES.items()}
    except UnreadableBits:
        return dict.fromkeys(PURPOSES, False)


def allows_advertising(consent: str) -> bool:
    """Say whether a TC string lets a segment go to an ad server."""
    return consents_of_tcf(consent)["advertising"]


def _has(core: Bits, purpose: int) -> bool:
    return core.at(_PURPOSES_AT + purpose - 1, 1) == 1
