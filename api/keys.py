"""The keys that callers hold: what each may do, for which source, and from which origins."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import yaml

Role = Literal["publishable", "secret"]
ANY_ORIGIN = "*"
_MEMBERS = ("source", "publishable", "secret_sha256", "origins")
_SOURCE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_ORIGIN = re.compile(r"https?://[^/\s]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class UnusableKeys(ValueError):
    """A key file that cannot be used; the message names the file, the entry and the next step."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key. Only its SHA-256 is held; `origins` are the sites whose pages may use a publishable key (`*`: any)."""

    source: str
    role: Role
    digest: str
    origins: tuple[str, ...] = ()

    @property
    def is_secret(self) -> bool:
        return self.role == "secret"

    def allows(self, origin: str) -> bool:
        """Say whether a page of this origin may use the key. A secret key has no business in a page."""
        return not self.is_secret and (ANY_ORIGIN in self.origins or origin in self.origins)


class KeyRing:
    """All keys that are valid, found by what the caller sends."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = {key.digest: key for key in keys}
        self._origins = frozenset(origin for key in self._keys.values() if not key.is_secret for origin in key.origins)

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, text: str) -> Key | None:
        """Answer the key that was sent; a digest is looked up, so no comparison's time tells about a key."""
        return self._keys.get(digest_of(text))

    def allows(self, origin: str) -> bool:
        """Say whether some key may be used from this origin: a preflight does not say which key will follow."""
        return origin in self._origins or ANY_ORIGIN in self._origins

    def names(self, origin: str) -> bool:
        """Say whether some key lists exactly this origin; credentials are allowed to such an origin only."""
        return origin in self._origins


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def demo_keys() -> KeyRing:
    """Answer `pk_demo` and `sk_demo`: for servers that end with the process, never for real ones."""
    return KeyRing(
        (
            Key("demo", "publishable", digest_of("pk_demo"), (ANY_ORIGIN,)),
            Key("demo-server", "secret", digest_of("sk_demo")),
        )
    )


def parse_keys(text: str, file: str) -> KeyRing:
    """Answer the keys of a YAML list, or raise UnusableKeys.

    Each entry names a `source` and either `publishable: pk_…` with `origins`, or `secret_sha256: <64 hex digits>`.
    """
    try:
        entries = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise UnusableKeys(f"{file} is not YAML: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise UnusableKeys(f"{file} holds no list of keys; docs/reference/http.md shows one")
    return KeyRing(_key(entry, f"{file}, entry {number}") for number, entry in enumerate(entries, 1))


def _key(entry: object, place: str) -> Key:
    if not isinstance(entry, dict):
        raise UnusableKeys(f"{place} is not a mapping with a source and a key")
    unknown = entry.keys() - _MEMBERS
    if unknown:
        raise UnusableKeys(f"{place}: {min(map(str, unknown))} is none of {', '.join(_MEMBERS)}")
    source = entry.get("source")
    if not isinstance(source, str) or not _SOURCE.fullmatch(source):
        raise UnusableKeys(f"{place}: source must be a name of 1 to 60 letters, digits, - and _")
    if ("publishable" in entry) == ("secret_sha256" in entry):
        raise UnusableKeys(f"{place} needs either publishable or secret_sha256")
    return _publishable(entry, source, place) if "publishable" in entry else _secret(entry, source, place)


def _publishable(entry: Mapping[Any, Any], source: str, place: str) -> Key:
    text, origins = entry["publishable"], entry.get("origins") or []
    if not isinstance(text, str) or not text.startswith("pk_"):
        raise UnusableKeys(f"{place}: a publishable key starts with pk_")
    if not isinstance(origins, list) or not all(isinstance(origin, str) for origin in origins):
        raise UnusableKeys(f"{place}: origins is a list such as [https://careers.example]")
    for origin in origins:
        if origin != ANY_ORIGIN and not _ORIGIN.fullmatch(origin):
            raise UnusableKeys(f"{place}: origin {origin!r} must be scheme://host[:port] without a path")
    return Key(source, "publishable", digest_of(text), tuple(origins))


def _secret(entry: Mapping[Any, Any], source: str, place: str) -> Key:
    digest = str(entry["secret_sha256"]).lower()
    if not _SHA256.fullmatch(digest):
        raise UnusableKeys(f"{place}: secret_sha256 is the key's SHA-256 in 64 hex digits (printf %s KEY | sha256sum)")
    if entry.get("origins"):
        raise UnusableKeys(f"{place}: a secret key has no origins; it never belongs into a page")
    return Key(source, "secret", digest)
