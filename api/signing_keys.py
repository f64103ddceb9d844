"""Keys that sign and check, as a JWK Set: one format for anonymous ids, candidates' tokens and people's."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError

ALGORITHMS = ("HS256", "RS256", "PS256", "ES256", "EdDSA")
"""What a signature may be made with: the key says which, a token never does."""
_BY_TYPE = {"oct": "HS256", "RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}
_SHORTEST = 32


class UnusableSigningKeys(ValueError):
    """A key set that cannot be used; the message names the file and the key."""


def parse_jwks(text: bytes, place: str) -> dict[str, PyJWK]:
    """Answer the keys of a JWK Set by their `kid`; `place` is where it was read, for the error."""
    keys: dict[str, PyJWK] = {}
    for number, entry in enumerate(_entries(text, place), 1):
        if entry.get("use") == "enc":
            continue
        where = f"{place}, key {number}"
        kid = entry.get("kid")
        if not isinstance(kid, str) or not kid:
            raise UnusableSigningKeys(
                f"{where}: a key needs a kid, so that two can be live while one replaces the other"
            )
        if kid in keys:
            raise UnusableSigningKeys(f"{where}: there are two keys with the kid {kid!r}")
        keys[kid] = _key(entry, where)
    if not keys:
        raise UnusableSigningKeys(f"{place} holds no signing key; `careerstream keys signing` makes one")
    return keys


def secrets_of(text: bytes, place: str) -> dict[str, bytes]:
    """Answer the shared secrets of a set, in their order: the first one signs."""
    keys = parse_jwks(text, place)
    shared = {kid: key.key for kid, key in keys.items() if key.key_type == "oct"}
    if not shared:
        raise UnusableSigningKeys(f"{place} holds no key of kty oct; `careerstream keys signing` makes one")
    return shared


def rotated_set(text: bytes | None, place: str, *, kid: str, secret: bytes) -> bytes:
    """Answer a set that signs with a new secret and still checks with the newest one before; `text` is the set so far."""
    before = [] if text is None else _entries(text, place)
    if any(entry.get("kty") != "oct" for entry in before):
        raise UnusableSigningKeys(f"{place} holds keys that are no shared secrets; it is no file to sign with")
    return orjson.dumps({"keys": [new_secret(kid, secret), *before[:1]]}, option=orjson.OPT_INDENT_2)


def new_secret(kid: str, secret: bytes) -> dict[str, str]:
    """Answer the entry of a shared secret."""
    return {"kty": "oct", "kid": kid, "alg": "HS256", "k": base64.urlsafe_b64encode(secret).rstrip(b"=").decode()}


def _entries(text: bytes, place: str) -> list[Mapping[str, Any]]:
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnusableSigningKeys(f"{place} is not JSON: {error}") from error
    entries = body.get("keys") if isinstance(body, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UnusableSigningKeys(f'{place} is no JWK Set: {{"keys": [{{"kty", "kid", …}}]}}')
    return entries


def _key(entry: Mapping[str, Any], where: str) -> PyJWK:
    algorithm = entry.get("alg") or _BY_TYPE.get(str(entry.get("kty")), "")
    if algorithm not in ALGORITHMS:
        raise UnusableSigningKeys(f"{where}: alg is none of {', '.join(ALGORITHMS)}")
    try:
        key = PyJWK(dict(entry), algorithm)
    except (PyJWTError, binascii.Error, ValueError, TypeError, KeyError) as error:
        raise UnusableSigningKeys(f"{where} is no usable {algorithm} key") from error
    if key.key_type == "oct" and len(key.key) < _SHORTEST:
        raise UnusableSigningKeys(f"{where}: a shared secret has at least {_SHORTEST} bytes")
    return key
