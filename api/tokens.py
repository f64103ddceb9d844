"""Tokens of people: a logged-in candidate's and a colleague's, as JWTs that somebody we trust has signed."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt import PyJWK

from api.access import STAFF_ROLES, StaffRole
from api.errors import BadToken
from schemas.collecting import identifier
from schemas.messages import MalformedMessage

LEEWAY_SECONDS = 30
REQUIRED = ("exp", "aud", "iss", "sub")
_LONGEST = 8 * 1024
_KEPT = 10_000
_ROLES: Mapping[str, StaffRole] = {role: role for role in STAFF_ROLES}


@dataclass(frozen=True, slots=True)
class Person:
    """Who a token speaks for; `roles` are a colleague's, and empty for a candidate."""

    subject: str
    roles: frozenset[StaffRole] = frozenset()


class Tokens:
    """Checks the tokens of one issuer for one audience; a token that was checked is known until it expires."""

    def __init__(
        self,
        keys: Mapping[str, PyJWK],
        *,
        issuer: str,
        audience: str,
        roles_claim: str | None = None,
        seconds: Callable[[], float] = time.time,
    ) -> None:
        self._keys = dict(keys)
        self._issuer = issuer
        self._audience = audience
        self._roles_claim = roles_claim
        self._seconds = seconds
        self._known: OrderedDict[str, tuple[float, Person]] = OrderedDict()
        self.unknown_kids = 0

    def replace(self, keys: Mapping[str, PyJWK]) -> None:
        """Go on with other keys; what the old ones signed is checked anew."""
        self._keys = dict(keys)
        self._known.clear()

    def person(self, text: str) -> Person:
        """Answer whom a token speaks for, or raise BadToken."""
        known = self._known.get(text)
        if known is not None and known[0] > self._seconds():
            return known[1]
        claims = self._claims(text)
        person = Person(_subject(claims), self._roles(claims))
        self._known[text] = (float(claims["exp"]), person)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return person

    def _claims(self, text: str) -> Mapping[str, Any]:
        if len(text) > _LONGEST:
            raise BadToken("the token is too long")
        key = self._key(text)
        try:
            return jwt.decode(
                text,
                key.key,
                # The key's own algorithm: a token that could choose would choose the weakest, or none.
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": list(REQUIRED)},
            )
        except jwt.ExpiredSignatureError as error:
            raise BadToken("the token has expired") from error
        except jwt.PyJWTError as error:
            raise BadToken(f"the token does not hold: {type(error).__name__}") from error

    def _key(self, text: str) -> PyJWK:
        try:
            kid = jwt.get_unverified_header(text).get("kid")
        except jwt.PyJWTError as error:
            raise BadToken("that is no token") from error
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            self.unknown_kids += 1
            raise BadToken("the token names no key that is known here (kid)")
        return key

    def _roles(self, claims: Mapping[str, Any]) -> frozenset[StaffRole]:
        if self._roles_claim is None:
            return frozenset()
        value: Any = claims
        for part in self._roles_claim.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        named = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
        return frozenset(_ROLES[name] for name in named if isinstance(name, str) and name in _ROLES)


def _subject(claims: Mapping[str, Any]) -> str:
    try:
        subject = identifier(claims.get("sub"))
    except MalformedMessage:
        subject = None
    if subject is None:
        raise BadToken("the token's sub is no usable id")
    return subject
