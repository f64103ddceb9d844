"""The two bits of a TCF consent string that a segment's way to an ad server hangs on."""

import base64
import binascii

_PURPOSES_AT = 152
"""Where the 24 bits of purpose consents begin in the core segment, in every version from 2.0 to 2.3."""
_VERSION = 2
_ADVERTISING = (3, 4)
"""Create profiles for personalised advertising, and use them."""


def allows_advertising(consent: str) -> bool:
    """Say whether a TC string consents to purposes 3 and 4; one that cannot be read does not."""
    core = consent.partition(".")[0]
    try:
        raw = base64.urlsafe_b64decode(core + "=" * (-len(core) % 4))
    except (binascii.Error, ValueError):
        return False
    if len(raw) * 8 < _PURPOSES_AT + 24 or raw[0] >> 2 != _VERSION:
        return False
    return all(_bit(raw, _PURPOSES_AT + purpose - 1) for purpose in _ADVERTISING)


def _bit(raw: bytes, at: int) -> bool:
    return bool(raw[at // 8] >> (7 - at % 8) & 1)
