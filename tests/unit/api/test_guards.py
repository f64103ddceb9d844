"""What every answer carries, whoever asks for whatever, and what none tells."""

import pytest

from api.guards import guarded
from tests.unit.api.doors import Door, basic

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


class Broken(Exception):
    """Quotes what somebody typed."""


@pytest.fixture
def broken(monkeypatch):
    """A door behind which the catalogue breaks with a sentence that names somebody."""
    opened = Door()

    def fail(*_, **__):
        raise Broken("ada@example.com is no facet")

    monkeypatch.setattr(opened.app.state.ports.postings, "facets", fail)
    return opened


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/jobs", basic("pk_demo"), 200),
        ("GET", "/v1/jobs/none", basic("pk_demo"), 404),
        ("GET", "/v1/jobs", {}, 401),
        ("GET", "/v1/profiles/user_id:u", basic("pk_demo"), 403),
        ("GET", "/nowhere", {}, 404),
        ("DELETE", "/v1/jobs", {}, 405),
        ("POST", "/v1/decide", basic("pk_demo"), 400),
        ("POST", "/v1/batch", basic("pk_demo"), 400),
        ("GET", "/healthz", {}, 200),
        ("OPTIONS", "/v1/decide", {"origin": "https://a.example", "access-control-request-method": "POST"}, 200),
    ],
)
async def test_every_answer_is_guarded(door, method, path, headers, status):
    answer = await door.http.request(method, path, headers=headers)

    assert answer.status_code == status
    assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE
    assert "cache-control" in answer.headers
    assert "server" not in answer.headers


async def test_what_breaks_is_guarded_and_tells_nothing(broken, capsys):
    async with broken.open() as door:
        answer = await door.get("/v1/facets", key="pk_demo")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE
    logged = capsys.readouterr().out
    assert "ada@example.com" not in answer.text + logged
    assert "Broken" in logged
    assert "in facets" in logged


async def test_the_demo_page_may_be_framed_by_itself_alone_and_runs_its_own_scripts(tmp_path):
    (tmp_path / "index.html").write_text("<h1>Careers</h1>")
    async with Door(options={"site": tmp_path}).open() as door:
        answer = await door.get("/", key=None)

    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


async def test_the_document_is_not_answered_where_it_is_switched_off():
    async with Door(options={"document": False}).open() as door:
        for path in ("/openapi.json", "/docs", "/redoc"):
            assert (await door.get(path, key=None)).status_code == 404


@pytest.mark.parametrize("secure", [True, False])
def test_a_browser_is_bound_to_tls_by_answers_that_come_over_it(secure):
    names = {name for name, _ in guarded((), secure=secure)}

    assert (b"strict-transport-security" in names) == secure
