"""Who calls: the key out of the header, the body or the query, the token beside it, and whether they may do this."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.access import HOLDS, Holder, Right, holders_of, right_of
from api.errors import BadToken, KeyMayNot, OriginNotAllowed, UnknownKey
from api.keys import Key, KeyRing
from api.people import Sight
from api.tokens import Person, Tokens
from api.visitors import MARK, VisitorIds
from schemas.messages import CandidateId, MalformedMessage

USER_TOKEN = "x-user-token"  # noqa: S105  # a header's name
VISITOR = "x-visitor"
UNKNOWN = "no such key; send it as Basic user name, as Bearer token or as writeKey"
STAFF_SOURCE = "staff"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, what they may do, and whom they proved to be."""

    source: str
    holder: Holder
    rights: frozenset[Right]
    site: str
    user_id: str | None = None
    selves: frozenset[CandidateId] = frozenset()
    segments: frozenset[str] = frozenset()
    ids: "Ids | None" = None

    @property
    def is_secret(self) -> bool:
        return self.holder == "secret"

    @property
    def is_page(self) -> bool:
        """Say whether this is a page or an app: what it says about a person counts as far as it is proven."""
        return self.holder in ("publishable", "candidate")

    @property
    def sight(self) -> Sight:
        """How much of a person this caller sees: claims join people for our own servers and colleagues only."""
        return "proven" if self.is_page or self.holder == "ad" else "all"

    def check_user(self, user_id: object, *, alone: bool) -> None:
        """Refuse, where ids must be signed, a message of a page that is `alone` about a user who is not its token's."""
        if self.is_page and alone and self.ids is not None and self.ids.only_signed and user_id != self.user_id:
            raise MalformedMessage("unproven_user", "a page speaks for a signed anonymous id or for its token's user")

    def may_read(self, candidate: CandidateId | None) -> bool:
        """Say whether this caller may read what is held about somebody: a candidate only about themselves."""
        return not self.is_page or candidate in self.selves

    def anonymous(self, text: str) -> str:
        """Answer the anonymous id behind what was sent, or raise MalformedMessage for one that is not proven."""
        return text if self.ids is None else self.ids.opened(text, self)


@dataclass(frozen=True, slots=True)
class Ids:
    """How anonymous ids are taken: those made here by their signature, others as they come unless `only_signed`."""

    visitors: VisitorIds
    only_signed: bool = False

    def opened(self, text: str, caller: Caller) -> str:
        if text.startswith(MARK) and (caller.is_page or "." in text):
            return self.visitors.proven(text, caller.site)
        if self.only_signed and caller.is_page:
            raise MalformedMessage("unsigned_id", "this site takes anonymous ids from POST /v1/visitors only")
        return text


@dataclass(frozen=True, slots=True)
class Gate:
    """Tells who calls. Without `candidates` or `staff` no token of that kind is believed."""

    keys: KeyRing
    ids: Ids
    candidates: Tokens | None = None
    staff: Tokens | None = None

    def admit(self, request: Request, body: object = None) -> Caller:
        """Answer the caller of a route, or refuse whoever is unknown or may not call it."""
        right = right_of(request.method, request.scope["route"].path)
        caller = self._caller(request, body)
        if right not in caller.rights:
            raise KeyMayNot(_missing(right))
        return caller

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
