"""Whom the settings let the API believe."""

import asyncio
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import orjson
import pytest

from api.errors import BadToken
from api.keys import demo_keys
from api.signing_keys import UnusableSigningKeys, new_secret
from careerstream import identity
from careerstream.errors import Stopped
from careerstream.identity import build_gate, kept_fresh, read_keys
from careerstream.settings import IdentitySettings
from tests.unit.api.credentials import ISSUER, SECRETS, a_token


@pytest.fixture
def key_file(tmp_path):
    file = tmp_path / "keys.json"
    file.write_bytes(a_set())
    return file


def a_set(**secrets):
    return orjson.dumps({"keys": [new_secret(kid, secret) for kid, secret in (secrets or SECRETS).items()]})


def gate_of(*, embedded=False, **settings):
    return build_gate(demo_keys(), IdentitySettings(**settings), embedded=embedded)[0]


@contextmanager
def a_provider(answer):
    """Serve what `answer` says, on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer())

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/jwks.json"
        server.shutdown()


def is_believed(tokens, token):
    try:
        return tokens.person(token).subject == "u1"
    except BadToken:
        return False


def test_nothing_is_believed_that_is_not_set_up():
    gate = gate_of()

    assert (gate.candidates, gate.staff, gate.ids.visitors.can_make) == (None, None, False)


def test_embedded_servers_sign_with_a_passing_key():
    assert gate_of(embedded=True).ids.visitors.can_make


def test_files_of_keys_are_read_at_the_start(key_file):
    gate = gate_of(anonymous_keys_file=key_file, candidate_keys=str(key_file), candidate_issuer=ISSUER)

    assert gate.ids.visitors.can_make
    assert gate.candidates is not None
    assert gate.candidates.person(a_token("u1")).subject == "u1"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"anonymous_keys_file": "nowhere.json"}, "ANONYMOUS_KEYS_FILE"),
        ({"candidate_keys": "nowhere.json", "candidate_issuer": ISSUER}, "CANDIDATE_KEYS"),
        ({"candidate_keys": "http://id.example/jwks", "candidate_issuer": ISSUER}, "no https URL"),
        ({"staff_keys": "keys.json"}, "STAFF_ISSUER"),
        ({"require_signed_ids": True}, "REQUIRE_SIGNED_IDS needs"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_start(settings, says):
    with pytest.raises(Stopped, match=says):
        gate_of(**settings)


async def test_a_providers_new_key_is_believed_without_a_restart(monkeypatch):
    monkeypatch.setattr(identity, "UNKNOWN_SECONDS", 0.01)
    answers = [a_set(c1=SECRETS["c1"])]
    with a_provider(lambda: answers[-1]) as url:
        settings = IdentitySettings(candidate_keys=url, candidate_issuer=ISSUER)
        gate, issuers = build_gate(demo_keys(), settings, embedded=False)
        assert gate.candidates is not None
        async with kept_fresh(issuers):
            answers.append(a_set())
            async with asyncio.timeout(10):
                while not is_believed(gate.candidates, a_token("u1", kid="c2")):
                    await asyncio.sleep(0.02)


def test_a_provider_that_is_away_does_not_hold_up_the_start():
    assert gate_of(staff_keys="http://127.0.0.1:9/jwks.json", staff_issuer=ISSUER).staff is not None


def test_a_provider_that_answers_without_end_is_not_read_to_the_end():
    with a_provider(lambda: b" " * 1_000_000) as url, pytest.raises(UnusableSigningKeys, match="more than"):
        read_keys(url)
