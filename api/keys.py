"""The keys that callers hold: what each may do, for which source, and from which origins."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from api.access import HOLDS, RIGHTS, Right

KeyKind = Literal["publishable", "secret", "ad"]
PREFIXES: Mapping[KeyKind, str] = {"publishable": "pk_", "secret": "sk_", "ad": "ad_"}
ANY_ORIGIN = "*"
_MEMBERS = ("source", "site", "publishable", "secret_sha256", "ad_sha256", "origins", "scopes", "segments")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_ORIGIN = re.compile(r"https?://[^/\s]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class UnusableKeys(ValueError):
    """Keys that cannot be used; the message names the file, the entry and the next step."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key. Only its SHA-256 is held.

    `origins` are the sites whose pages may use a publishable key (`*`: any); `site` is the careers site that signed
    anonymous ids are bound to, '' where there is one only. `scopes` bound a secret key's rights, ()
    for all; `segments` are the only ones that an ad token reads.
    """

    source: str
    kind: KeyKind
    digest: str
    origins: tuple[str, ...] = ()
    site: str = ""
    scopes: tuple[Right, ...] = ()
    segments: tuple[str, ...] = ()

    @property
    def is_secret(self) -> bool:
        return self.kind == "secret"

    @property
    def rights(self) -> frozenset[Right]:
        held = HOLDS[self.kind]
        return held & frozenset(self.scopes) if self.scopes else held

    def allows(self, origin: str) -> bool:
        """Say whether a page of this origin may use the key. Only a publishable key has business in a page."""
        return self.kind == "publishable" and (ANY_ORIGIN in self.origins or origin in self.origins)


class KeyRing:
    """All keys that are valid, found by what the caller sends."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self.replace(keys)

    def replace(self, keys: Iterable[Key]) -> None:
        """Go on with other keys, from the next call on."""
        self._keys = {key.digest: key for key in keys}
        self._origins = frozenset(origin for key in self._keys.values() for origin in key.origins)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys.values())

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


def parse_keys(text: str, file: str) -> tuple[Key, ...]:
    """Answer the keys of a YAML list, or raise UnusableKeys.

    Each entry names a `source` and one of `publishable: pk_…` with `origins`, `secret_sha256: <64 hex digits>` with
    `scopes` if it may not do everything, and `ad_sha256: <64 hex digits>` with `segments`.
    """
    try:
        entries = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise UnusableKeys(f"{file} is not YAML: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise UnusableKeys(f"{file} holds no list of keys; docs/howto/keys.md shows one")
    return tuple(_key(entry, f"{file}, entry {number}") for number, entry in enumerate(entries, 1))


def checked(key: Key, place: str) -> Key:
    """Answer a key whose parts go together, or raise UnusableKeys; `place` is where it was read."""
    for what, name in (("source", key.source), ("site", key.site or "one")):
        if not _NAME.fullmatch(name):
            raise UnusableKeys(f"{place}: {what} must be a name of 1 to 60 letters, digits, - and _")
    if key.origins and key.kind != "publishable":
        raise UnusableKeys(f"{place}: a secret key has no origins; it never belongs into a page")
    for origin in key.origins:
        if origin != ANY_ORIGIN and not _ORIGIN.fullmatch(origin):
            raise UnusableKeys(f"{place}: origin {origin!r} must be scheme://host[:port] without a path")
    if key.scopes and key.kind != "secret":
        raise UnusableKeys(f"{place}: scopes bound a secret key; what other keys may do is fixed")
    for scope in key.scopes:
        if scope not in HOLDS["secret"]:
            raise UnusableKeys(f"{place}: scope {scope!r} is none of {', '.join(RIGHTS[1:])}")
    if bool(key.segments) != (key.kind == "ad"):
        raise UnusableKeys(f"{place}: an ad token names the segments that it may read, and no other key does")
    return key


def _key(entry: object, place: str) -> Key:
    if not isinstance(entry, dict):
        raise UnusableKeys(f"{place} is not a mapping with a source and a key")
    unknown = entry.keys() - _MEMBERS
    if unknown:
        raise UnusableKeys(f"{place}: {min(map(str, unknown))} is none of {', '.join(_MEMBERS)}")
    given = [name for name in ("publishable", "secret_sha256", "ad_sha256") if name in entry]
    if len(given) != 1:
        raise UnusableKeys(f"{place} needs either publishable or secret_sha256 or ad_sha256")
    kind: KeyKind = "publishable" if given[0] == "publishable" else "secret" if given[0] == "secret_sha256" else "ad"
    return checked(
        Key(
            source=str(entry.get("source", "")),
            kind=kind,
            digest=_published(entry, place) if kind == "publishable" else _digest(entry, given[0], place),
            origins=_names(entry, "origins", "[https://careers.example]", place),
            site=str(entry.get("site", "")),
            scopes=_names(entry, "scopes", "[events:write]", place),  # type: ignore[arg-type]  # `checked` looks
            segments=_names(entry, "segments", "[nurses]", place),
        ),
        place,
    )


def _published(entry: Mapping[Any, Any], place: str) -> str:
    text = entry["publishable"]
    if not isinstance(text, str) or not text.startswith(PREFIXES["publishable"]):
        raise UnusableKeys(f"{place}: a publishable key starts with pk_")
    return digest_of(text)


def _digest(entry: Mapping[Any, Any], name: str, place: str) -> str:
    digest = str(entry[name]).lower()
    if not _SHA256.fullmatch(digest):
        raise UnusableKeys(f"{place}: {name} is the key's SHA-256 in 64 hex digits (printf %s KEY | sha256sum)")
    return digest


def _names(entry: Mapping[Any, Any], name: str, example: str, place: str) -> tuple[str, ...]:
    value = entry.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UnusableKeys(f"{place}: {name} is a list such as {example}")
    return tuple(value)
