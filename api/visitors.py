"""Anonymous ids that the server made: `id.kid.signature`, so that knowing or guessing an id is not enough to be it."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping

from schemas.messages import MalformedMessage

MARK = "cs_"
"""What ids of ours begin with. One without its signature is nobody's, whoever asks from a page."""
ID_BYTES = 16
_SIGNED = re.compile(r"(cs_[A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{1,40})\.([A-Za-z0-9_-]{43})")


class VisitorIds:
    """Makes and checks signed ids. `keys` by their names, the one that signs first; the others are still believed."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)

    @property
    def can_make(self) -> bool:
        return bool(self._keys)

    def make(self, site: str, chance: Callable[[int], bytes]) -> str:
        """Answer a new signed id for a site; `chance` answers that many random bytes."""
        name = next(iter(self._keys))
        identifier = MARK + _text(chance(ID_BYTES))
        return f"{identifier}.{name}.{self._signature(name, identifier, site)}"

    def proven(self, text: str, site: str) -> str:
        """Answer the id behind a signed one of this site, or raise MalformedMessage."""
        found = _SIGNED.fullmatch(text)
        if found is None or found[2] not in self._keys:
            raise _unproven()
        identifier, name, signature = found.groups()
        if not hmac.compare_digest(self._signature(name, identifier, site), signature):
            raise _unproven()
        return identifier

    def _signature(self, name: str, identifier: str, site: str) -> str:
        signed = f"{identifier}\0{site}".encode()
        return _text(hmac.digest(self._keys[name], signed, hashlib.sha256))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _unproven() -> MalformedMessage:
    return MalformedMessage("unproven_id", "an anonymous id that was made here counts with its signature only")
