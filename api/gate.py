"""The gate: the key out of the header, the body or the query, the token beside it, whether they may do this, and how often."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from fastapi import Request

from api.access import HOLDS, STAFF_ROLES, Holder, Right, holders_of, right_of
from api.callers import Caller, Ids
from api.errors import RETRY_AFTER, BadToken, KeyMayNot, LimitsAway, OriginNotAllowed, UnknownKey
from api.keys import Key, KeyRing
from api.rates import RateLimits, Rates
from api.tokens import Person, Tokens
from schemas.messages import CandidateId, MalformedMessage

USER_TOKEN = "x-user-token"  # noqa: S105  # a header's name
VISITOR = "x-visitor"
UNKNOWN = "no such key; send it as Basic user name, as Bearer token or as writeKey"
STAFF_SOURCE = "staff"
_STAFF: frozenset[Holder] = frozenset(STAFF_ROLES)
_NETWORK_OF_A_SITE = 64
"""Bits of an IPv6 address that name one household: the rest is theirs to choose from."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Tells who calls. Without `candidates` or `staff` no token of that kind is believed."""

    keys: KeyRing
    ids: Ids
    candidates: Tokens | None = None
    staff: Tokens | None = None
    rates: Rates = field(default_factory=lambda: Rates(RateLimits()))

    def admit(self, request: Request, body: object = None) -> Caller:
        """Answer the caller of a route, or refuse whoever is unknown or may not call it."""
        right = right_of(request.method, request.scope["route"].path)
        caller = self._caller(request, body)
        if right not in caller.rights:
            raise KeyMayNot(_missing(right))
        self._count(request, caller)
        return caller

    def count_visitor(self, request: Request, caller: Caller, visitor: object) -> None:
        """Count a page's call for the visitor that it names, or raise RateLimited."""
        if caller.is_page and isinstance(visitor, str) and visitor and _address(request) is not None:
            self.rates.spend("visitor", visitor, self.rates.limits.per_visitor)

    def _count(self, request: Request, caller: Caller) -> None:
        limits = self.rates.limits
        if caller.holder in _STAFF:
            if self.rates.is_away:
                raise LimitsAway("nobody can tell how often you called; come again", retry_after=RETRY_AFTER)
            self.rates.spend("colleague", caller.user_id or "", limits.per_colleague)
        elif caller.holder == "ad":
            self.rates.spend("ad token", caller.source, limits.per_ad_token)
        else:
            self.rates.spend("key", f"{caller.holder}/{caller.source}", limits.per_key)
            if caller.is_page and (address := _address(request)) is not None:
                self.rates.spend("address", address, limits.per_address)

    def _caller(self, request: Request, body: object) -> Caller:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        bearer = credentials.strip() if scheme.lower() == "bearer" else ""
        basic = _basic_name(credentials.strip()) if scheme.lower() == "basic" else ""
        named = next(_named(request, basic, body), "")
        if not named and _is_token(bearer):
            return self._colleague(bearer)
        key = self._key(request, named or bearer)
        if key.kind != "publishable":
            return Caller(key.source, key.kind, key.rights, key.site, segments=frozenset(key.segments), ids=self.ids)
        beside = bearer if named and self.candidates is not None and _is_token(bearer) else ""
        return self._page(request, key, request.headers.get(USER_TOKEN) or beside)

    def _key(self, request: Request, text: str) -> Key:
        key = self.keys.find(text) if text else None
        # Addresses end up in the logs of everything on the way: what stands there is no secret any more.
        if key is None or (key.kind != "publishable" and text == request.query_params.get("writeKey")):
            raise UnknownKey(UNKNOWN)
        origin = request.headers.get("origin")
        if origin and key.kind == "publishable" and not key.allows(origin) and not _is_own(origin, request):
            raise OriginNotAllowed("this key may not be used from this origin")
        return key

    def _page(self, request: Request, key: Key, token: str) -> Caller:
        selves: set[CandidateId] = set()
        user_id = None
        if token:
            user_id = _believed(self.candidates, token).subject
            selves.add(f"u:{user_id}")
        if visitor := request.headers.get(VISITOR):
            try:
                selves.add(f"a:{self.ids.visitors.proven(visitor, key.site)}")
            except MalformedMessage as error:
                raise BadToken(error.detail) from error
        holder: Holder = "candidate" if selves else "publishable"
        rights = HOLDS[holder] if selves else key.rights
        return Caller(key.source, holder, rights, key.site, user_id, frozenset(selves), ids=self.ids)

    def _colleague(self, token: str) -> Caller:
        person = _believed(self.staff, token)
        rights = frozenset[Right]().union(*(HOLDS[role] for role in person.roles))
        # One role is named for the log; the rights are those of all of them.
        holder: Holder = max(person.roles, key=lambda role: len(HOLDS[role]), default="viewer")
        return Caller(STAFF_SOURCE, holder, rights, "", person.subject, ids=self.ids)


def _address(request: Request) -> str | None:
    """Answer the address that a call is counted under; None on this machine itself, where a proxy may forward for everybody."""
    return _counted(request.client.host) if request.client else None


@lru_cache(maxsize=10_000)
def _counted(host: str) -> str | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if address.is_loopback:
        return None
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> _NETWORK_OF_A_SITE << _NETWORK_OF_A_SITE))
    return host


def _believed(tokens: Tokens | None, text: str) -> Person:
    if tokens is None:
        raise BadToken("no tokens of this kind are set up here; docs/howto/tokens.md says how")
    return tokens.person(text)


def _missing(right: Right) -> str:
    kinds = ", ".join(holders_of(right))
    return f"this needs the right {right}, which may be held by: {kinds}"


def _named(request: Request, basic: str, body: object) -> Iterator[str]:
    """Answer the key in the order that counts; a Bearer token may stand beside a body's write key (Segment's OAuth)."""
    if basic:
        yield basic
    if isinstance(body, Mapping) and (written := _text(body.get("writeKey"))):
        yield written
    if query := request.query_params.get("writeKey"):
        yield query


def _is_token(text: str) -> bool:
    return text.count(".") == 2


def _basic_name(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_own(origin: str, request: Request) -> bool:
    """A page that this very server handed out (the demo) is no stranger."""
    return origin.partition("://")[2] == request.headers.get("host")
