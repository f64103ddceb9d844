"""The master keys: what wraps each person's own key. The first wraps what is new, all of them unwrap what is there."""

import base64
import binascii
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")


class UnusableMasterKeys(ValueError):
    """Master keys that cannot be used; the message says what is wrong and never quotes a key."""


class UnknownMasterKey(Exception):
    """Something was wrapped with a master key that is not among ours: name it again until everything is rewrapped."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no master key is named {name}")
        self.name = name


@dataclass(frozen=True, slots=True, repr=False)
class MasterKeys:
    """Keys by name, the first one first."""

    keys: Mapping[str, bytes]

    @property
    def current(self) -> str:
        return next(iter(self.keys))

    def wrap(self, key: bytes, about: bytes) -> bytes:
        """Answer a key in a form that only the master key opens, and only for what it is `about`."""
        name = self.current
        nonce = os.urandom(NONCE_BYTES)
        return b".".join((name.encode(), _written(nonce + AESGCM(self.keys[name]).encrypt(nonce, key, about))))

    def unwrap(self, wrapped: bytes, about: bytes) -> bytes:
        name, _, body = wrapped.partition(b".")
        master = self.keys.get(name.decode("ascii", "replace"))
        if master is None:
            raise UnknownMasterKey(name.decode("ascii", "replace"))
        raw = base64.urlsafe_b64decode(body)
        return AESGCM(master).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about)

    def is_current(self, wrapped: bytes) -> bool:
        return wrapped.startswith(self.current.encode() + b".")

    def derived(self, purpose: str, name: str | None = None) -> bytes:
        """Answer another key of 32 bytes that follows from a master key, for one purpose alone."""
        derivation = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"careerstream {purpose}".encode())
        return derivation.derive(self.keys[name or self.current])


def parse_master_keys(text: str) -> MasterKeys:
    """Answer the keys of `name:base64`, several joined by commas or line ends, the current one first."""
    parts: Sequence[str] = [part.strip() for part in re.split(r"[,\n]", text) if part.strip()]
    found: dict[str, bytes] = {}
    for number, part in enumerate(parts, 1):
        name, _, written = part.partition(":")
        try:
            key = base64.b64decode(written, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not _NAME.fullmatch(name) or len(key) != KEY_BYTES or name in found:
            raise UnusableMasterKeys(
                f"master key {number} must be name:key with a name of its own and a key of 32 bytes in base64; "
                "make one with `openssl rand -base64 32`"
            )
        found[name] = key
    if not found:
        raise UnusableMasterKeys("there is no master key; make one with `openssl rand -base64 32`")
    return MasterKeys(found)


def new_master_keys() -> MasterKeys:
    """Answer a key that ends with the process: for servers that do so, too."""
    return MasterKeys({"passing": os.urandom(KEY_BYTES)})


def _written(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw)
