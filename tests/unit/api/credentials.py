"""Every kind of credential there is, and a door that knows them all."""

import time
from typing import Any

import jwt
from jwt import PyJWK

from api.access import STAFF_ROLES
from api.keys import Key, KeyRing, demo_keys, digest_of
from api.signing_keys import new_secret
from api.tokens import Tokens
from api.visitors import VisitorIds
from tests.unit.api.doors import VISITOR_KEYS, Door, a_gate, basic

ISSUER, STAFF_ISSUER, AUDIENCE = "https://careers.example", "https://id.example", "careerstream"
SECRETS = {"c2": b"candidate-2" * 3, "c1": b"candidate-1" * 3}
STAFF_SECRETS = {"s1": b"colleagues-" * 3}
KEYS = (
    *demo_keys(),
    Key("site", "publishable", digest_of("pk_site"), ("https://careers.example",)),
    Key("ats", "secret", digest_of("sk_ats"), scopes=("events:write",)),
    Key("ads", "ad", digest_of("ad_1"), segments=("nurses",)),
)


def jwks(secrets):
    return {kid: PyJWK(new_secret(kid, secret)) for kid, secret in secrets.items()}


def a_token(subject: str = "u1", *, secret=None, kid="c2", algorithm="HS256", **claims: Any) -> str:
    """Answer a candidate's token; a claim that is None is left out."""
    body: dict[str, Any] = {"sub": subject, "iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 86_400, **claims}
    present = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(present, secret or SECRETS[kid], algorithm, headers={"kid": kid} if kid else None)


def a_staff_token(*roles: str, **claims: Any) -> str:
    return a_token("ann", secret=STAFF_SECRETS["s1"], kid="s1", **{"iss": STAFF_ISSUER, "roles": list(roles), **claims})


def a_visitor(site="", number=1):
    return VisitorIds(VISITOR_KEYS).make(site, lambda count: bytes([number]) * count)


def visitor_id(text):
    return text.partition(".")[0]


def guarded(*, only_signed=False):
    """Answer the gate of a house in which everything is set up."""
    return a_gate(
        KeyRing(KEYS),
        only_signed=only_signed,
        candidates=Tokens(jwks(SECRETS), issuer=ISSUER, audience=AUDIENCE),
        staff=Tokens(jwks(STAFF_SECRETS), issuer=STAFF_ISSUER, audience=AUDIENCE, roles_claim="roles"),
    )


def a_guarded_door(**options):
    return Door(options={"gate": guarded(), **options})


CREDENTIALS: dict[str, dict[str, str]] = {
    "publishable": basic("pk_demo"),
    "candidate": {**basic("pk_demo"), "x-user-token": a_token("u1"), "x-visitor": a_visitor()},
    "secret": basic("sk_demo"),
    "ad": basic("ad_1"),
    **{role: {"authorization": f"Bearer {a_staff_token(role)}"} for role in STAFF_ROLES},
}
"""The headers of each kind of caller."""
