"""`careerstream appeals` asks the API, as whom the token says, and tells what it answers."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from careerstream.appeals_cli import appeals

OPEN = {"id": "ap-1", "about": "decision", "decisionId": "d-1", "status": "open", "lodgedAt": "2026-11-24T12:00:00Z"}
DECIDED = {
    **OPEN,
    "id": "ap-2",
    "status": "decided",
    "outcome": "overturn",
    "decidedBy": "ann",
    "done": "override ov-1",
}


@contextmanager
def an_api(answer, status=200):
    """Answer where an API answers the same to everything, and what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append((self.command, self.path, self.headers["authorization"], json.loads(body) if body else None))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_POST = do_GET  # noqa: N815  the name that http.server asks for

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def run(tmp_path):
    token = tmp_path / "me.jwt"
    token.write_text("a.b.c\n")
    return lambda url, *verb: CliRunner().invoke(appeals, ["--url", url, "--token", str(token), *verb])


def test_it_lists_what_is_open_and_on_request_what_was_decided(run):
    with an_api({"appeals": [OPEN, DECIDED]}) as (url, asked):
        some, everything = run(url, "list").output, run(url, "list", "--all").output

    assert (some.count("\n"), "ap-1" in some, everything.count("\n")) == (1, True, 2)
    assert "overturn by ann" in everything
    assert asked[0] == ("GET", "/v1/appeals", "Bearer a.b.c", None)


def test_it_shows_an_appeal_and_decides_it(run):
    pin = '{"kind": "block"}'
    with an_api(DECIDED) as (url, asked):
        shown = run(url, "show", "ap-2")
        told = run(url, "decide", "ap-2", "overturn", "--why", "you are right", "--override", pin)

    assert json.loads(shown.output) == DECIDED
    assert told.output == "ap-2: overturn; override ov-1\n"
    body = {"outcome": "overturn", "why": "you are right", "override": {"kind": "block"}}
    assert asked[1] == ("POST", "/v1/appeals/ap-2/decision", "Bearer a.b.c", body)


def test_a_refusal_is_told_in_the_apis_words(run):
    with an_api({"message": "somebody else has to decide"}, 403) as (url, _):
        refused = run(url, "decide", "ap-2", "uphold", "--why", "no")

    assert refused.exit_code == 1
    assert "somebody else has to decide" in refused.output
