"""A token is believed when everything about it holds, and never a part of it alone."""

import base64
import time

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.errors import BadToken
from api.signing_keys import UnusableSigningKeys, new_secret, parse_jwks, secrets_of
from api.tokens import Tokens
from tests.unit.api.credentials import AUDIENCE, ISSUER, SECRETS, a_guarded_door, a_staff_token, a_token, jwks
from tests.unit.api.doors import basic

NOW = int(time.time())


@pytest.fixture
async def guarded():
    async with a_guarded_door().open() as opened:
        yield opened


def a_checker(keys=None, **options):
    return Tokens(keys or jwks(SECRETS), issuer=ISSUER, audience=AUDIENCE, **options)


def part(**members):
    return base64.urlsafe_b64encode(orjson.dumps(members)).rstrip(b"=").decode()


def unsigned(algorithm):
    claims = part(sub="u1", iss=ISSUER, aud=AUDIENCE, exp=NOW + 300)
    return f"{part(alg=algorithm, typ='JWT', kid='c2')}.{claims}."


def truncated(token):
    return token[:-3]


def altered(token):
    header, _, signature = token.split(".")
    return f"{header}.{part(sub='u2', iss=ISSUER, aud=AUDIENCE, exp=NOW + 300)}.{signature}"


BAD = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "no signature": unsigned("HS256"),
    "truncated": truncated(a_token()),
    "altered": altered(a_token()),
    "another audience": a_token(aud="elsewhere"),
    "no audience": a_token(aud=None),
    "another issuer": a_token(iss="https://evil.example"),
    "no issuer": a_token(iss=None),
    "expired": a_token(exp=NOW - 31),
    "never expires": a_token(exp=None),
    "exp is a word": a_token(exp="tomorrow"),
    "not yet": a_token(nbf=NOW + 7_200),
    "nobody": a_token(sub=None),
    "an empty subject": a_token(""),
    "a broken site's subject": a_token("undefined"),
    "another key's kid": a_token(secret=SECRETS["c1"], kid="c2"),
    "an unknown kid": a_token(secret=SECRETS["c2"], kid="c9"),
    "no kid": a_token(secret=SECRETS["c2"], kid=None),
    "a colleague's": a_staff_token("admin"),
    "three dots": "a.b.c",
    "no token": "x",
    "deep": f"{base64.urlsafe_b64encode(b'[' * 5000).decode()}.e30.e30",
    "long": a_token(note="x" * 9000),
    "not ascii": "é.é.é",
}


@pytest.mark.parametrize("name", BAD)
async def test_a_token_that_does_not_hold_is_refused_everywhere_it_may_stand(guarded, name):
    token = BAD[name].encode()
    beside_a_key = await guarded.http.get(
        "/v1/profiles/user_id:u1", headers=[*basic("pk_demo").items(), ("x-user-token", token)]
    )
    alone = await guarded.http.get("/v1/profiles/user_id:u1", headers=[(b"authorization", b"Bearer " + token)])

    assert beside_a_key.status_code == 401
    assert beside_a_key.headers["www-authenticate"] == "Bearer"
    assert (alone.status_code == 401) == (name != "a colleague's")


@pytest.mark.parametrize("kid", SECRETS)
def test_two_keys_are_live_at_once(kid):
    assert a_checker().person(a_token("u7", kid=kid)).subject == "u7"


def test_a_token_is_checked_anew_when_the_keys_change():
    checker, token = a_checker(), a_token(kid="c1")
    checker.person(token)

    checker.replace(jwks({"c2": SECRETS["c2"]}))
    with pytest.raises(BadToken):
        checker.person(token)


@pytest.mark.parametrize(
    ("private", "algorithm"),
    [(rsa.generate_private_key(65537, 2048), "RS256"), (ec.generate_private_key(ec.SECP256R1()), "ES256")],
)
def test_a_public_key_checks_its_own_algorithm_and_is_no_shared_secret(private, algorithm):
    public = private.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    entry = jwt.get_algorithm_by_name(algorithm).to_jwk(public, as_dict=True)
    checker = a_checker(parse_jwks(orjson.dumps({"keys": [{**entry, "kid": "c2"}]}), "jwks.json"))

    signed = a_token(secret=private, algorithm=algorithm)
    assert checker.person(signed).subject == "u1"
    # What the public knows, used as the secret of HS256: the oldest trick.
    head, claims = part(alg="HS256", typ="JWT", kid="c2"), signed.split(".")[1]
    forged = base64.urlsafe_b64encode(jwt.get_algorithm_by_name("HS256").sign(f"{head}.{claims}".encode(), pem)).rstrip(
        b"="
    )
    with pytest.raises(BadToken):
        checker.person(f"{head}.{claims}.{forged.decode()}")


@pytest.mark.parametrize(
    ("claim", "claims", "expected"),
    [
        ("roles", {"roles": ["viewer", "ceo"]}, {"viewer"}),
        ("realm_access.roles", {"realm_access": {"roles": ["privacy"]}}, {"privacy"}),
        ("scope", {"scope": "openid operator"}, {"operator"}),
        ("roles", {"roles": "admin"}, {"admin"}),
        ("roles", {"roles": {"admin": True}}, set()),
        ("roles.deeper", {"roles": ["admin"]}, set()),
    ],
)
def test_roles_are_read_where_the_provider_puts_them(claim, claims, expected):
    assert a_checker(roles_claim=claim).person(a_token(**claims)).roles == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"{", "not JSON"),
        (b"[]", "no JWK Set"),
        (b'{"keys": [3]}', "no JWK Set"),
        (b'{"keys": []}', "no signing key"),
        (b'{"keys": [{"kty": "oct", "k": "AAAA"}]}', "needs a kid"),
        (orjson.dumps({"keys": [new_secret("a", b"x" * 32)] * 2}), "two keys"),
        (orjson.dumps({"keys": [new_secret("a", b"short")]}), "at least 32 bytes"),
        (orjson.dumps({"keys": [{**new_secret("a", b"x" * 32), "alg": "none"}]}), "alg is none of"),
        (b'{"keys": [{"kty": "RSA", "kid": "a", "n": "!", "e": "AQAB"}]}', "no usable RS256 key"),
        (b'{"keys": [{"kty": "oct", "kid": "a"}]}', "no usable HS256 key"),
    ],
)
def test_an_unusable_key_set_says_where_and_what(text, says):
    with pytest.raises(UnusableSigningKeys, match=says) as refused:
        parse_jwks(text, "jwks.json")

    assert "jwks.json" in str(refused.value)


def test_public_keys_sign_no_anonymous_ids():
    public = jwt.get_algorithm_by_name("ES256").to_jwk(
        ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True
    )
    text = orjson.dumps({"keys": [{**public, "kid": "e"}]})

    with pytest.raises(UnusableSigningKeys, match="kty oct"):
        secrets_of(text, "jwks.json")
