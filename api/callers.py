"""Who calls: the key out of the header, the body or the query, and whether this page may use it."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import Request

from api.errors import KeyMayNot, OriginNotAllowed, UnknownKey
from api.keys import Key, KeyRing

UNKNOWN = "no such key; send it as Basic user name, as Bearer token or as writeKey"


def caller_of(request: Request, ring: KeyRing, body: object = None) -> Key:
    """Answer the key of a call: Basic user name, else the body's `writeKey`, else the query's, else a Bearer token.

    The first that is there counts; a Bearer token may stand beside a body's write key (Segment's OAuth).
    """
    text = next(_offered(request, body), None)
    key = ring.find(text) if text else None
    # Addresses end up in the logs of everything on the way: what stands there is no secret any more.
    if key is None or (key.is_secret and text == request.query_params.get("writeKey")):
        raise UnknownKey(UNKNOWN)
    origin = request.headers.get("origin")
    if origin and not key.is_secret and not key.allows(origin) and not _is_own(origin, request):
        raise OriginNotAllowed("this key may not be used from this origin")
    return key


def secret_caller_of(request: Request, ring: KeyRing) -> Key:
    """Answer the key of a call that reads people, or refuse."""
    key = caller_of(request, ring)
    if not key.is_secret:
        raise KeyMayNot("this needs a secret key")
    return key


def _offered(request: Request, body: object) -> Iterator[str]:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    scheme = scheme.lower()
    if scheme == "basic" and (name := _basic_name(credentials.strip())):
        yield name
    if isinstance(body, Mapping) and (written := _text(body.get("writeKey"))):
        yield written
    if query := request.query_params.get("writeKey"):
        yield query
    if scheme == "bearer" and credentials.strip():
        yield credentials.strip()


def _basic_name(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_own(origin: str, request: Request) -> bool:
    """A page that this very server handed out (the demo) is no stranger."""
    return origin.partition("://")[2] == request.headers.get("host")
