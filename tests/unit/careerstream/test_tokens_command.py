"""`careerstream tokens` signs what the API believes, and nothing without a secret."""

import time

import jwt
import orjson
import pytest
from click.testing import CliRunner

from api.errors import BadToken
from api.keys import demo_keys
from api.signing_keys import new_secret
from careerstream.cli import cli
from careerstream.identity import build_gate
from careerstream.settings import IdentitySettings

ISSUER = "https://careers.example"
SECRET = b"colleagues-" * 3


@pytest.fixture
def house(tmp_path, monkeypatch):
    file = tmp_path / "staff.json"
    file.write_bytes(orjson.dumps({"keys": [new_secret("new", SECRET), new_secret("old", b"former-one-" * 3)]}))
    told = {"STAFF_KEYS": str(file), "STAFF_ISSUER": ISSUER, "STAFF_ROLES_CLAIM": "realm_access.roles"}
    for name, value in told.items():
        monkeypatch.setenv(f"CAREERSTREAM_IDENTITY__{name}", value)
    return {name.lower(): value for name, value in told.items()}


def signed(*arguments):
    return CliRunner().invoke(cli, ["tokens", "staff", *arguments])


def believed(house, token):
    gate, _ = build_gate(demo_keys(), IdentitySettings(**house), embedded=True)
    assert gate.staff is not None
    return gate.staff.person(token)


def test_a_signed_token_is_believed_with_its_roles(house):
    done = signed("ann", "--role", "privacy", "--role", "viewer")

    assert done.exit_code == 0, done.output
    person = believed(house, done.stdout.strip())
    assert person.subject == "ann"
    assert person.roles == {"privacy", "viewer"}


def test_a_token_ends_when_it_was_said_to(house):
    token = signed("ann", "--role", "viewer", "--hours", "0.5").stdout.strip()

    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 1_800
    assert abs(claims["iat"] - time.time()) < 600
    past = {**claims, "exp": claims["iat"] - 3_600}
    with pytest.raises(BadToken, match="expired"):
        believed(house, jwt.encode(past, SECRET, "HS256", headers={"kid": "new"}))


def test_the_first_secret_signs(house):
    assert jwt.get_unverified_header(signed("ann", "--role", "admin").stdout.strip())["kid"] == "new"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"STAFF_KEYS": None}, "careerstream keys signing"),
        ({"STAFF_ISSUER": None}, "STAFF_ISSUER"),
        ({"STAFF_KEYS": "https://id.example/jwks.json"}, "ask that provider"),
        ({"STAFF_KEYS": "missing.json"}, "missing.json"),
    ],
)
def test_nothing_is_signed_without_a_secret(house, monkeypatch, changed, says):
    for name, value in changed.items():
        variable = f"CAREERSTREAM_IDENTITY__{name}"
        monkeypatch.delenv(variable) if value is None else monkeypatch.setenv(variable, value)

    done = signed("ann", "--role", "viewer")
    assert done.exit_code == 1
    assert says in done.output
    assert done.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [("ann",), ("ann", "--role", "king"), ("ann", "--role", "viewer", "--hours", "0"), ("", "--role", "viewer")],
)
def test_a_token_for_nobody_or_nothing_is_refused(house, arguments):
    done = signed(*arguments)

    assert done.exit_code != 0
    assert done.stdout == ""
