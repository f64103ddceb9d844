import pytest

from api.keys import Key, KeyRing, digest_of
from tests.unit.api.doors import Door, a_gate

SITE, STRANGER = "https://careers.example", "https://evil.example"


@pytest.fixture
async def bound():
    keys = KeyRing(
        [
            Key("site", "publishable", digest_of("pk_site"), (SITE,)),
            Key("anywhere", "publishable", digest_of("pk_any"), ("https://other.example",)),
            Key("server", "secret", digest_of("sk_server")),
        ]
    )
    async with Door(options={"gate": a_gate(keys)}).open() as opened:
        yield opened


async def preflight(door, origin):
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    return await door.http.options("/v1/track", headers=headers)


async def test_a_preflight_from_a_keys_origin_is_granted_by_name(bound):
    answer = await preflight(bound, SITE)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SITE
    assert answer.headers["access-control-allow-credentials"] == "true"
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "x-retry-count", "anonymousid", "sentat"} <= set(allowed)
    assert answer.headers["access-control-max-age"] == "86400"
    assert "Origin" in answer.headers["vary"]


async def test_a_preflight_from_elsewhere_is_granted_nothing(bound):
    assert "access-control-allow-origin" not in (await preflight(bound, STRANGER)).headers


async def test_a_key_is_refused_to_pages_of_another_keys_origin(bound):
    allowed = await bound.post("/v1/page", {"anonymousId": "a"}, key="pk_site", origin=SITE)
    refused = await bound.post("/v1/page", {"anonymousId": "a"}, key="pk_any", origin=SITE)

    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == SITE
    assert (refused.status_code, refused.json()["code"]) == (403, "origin_not_allowed")


async def test_a_server_that_names_no_origin_may_use_a_publishable_key(bound):
    assert (await bound.post("/v1/page", {"anonymousId": "a"}, key="pk_site")).status_code == 200


async def test_an_error_can_be_read_by_the_page_that_caused_it(bound):
    answer = await bound.post("/v1/batch", b"{", key="pk_site", origin=SITE)

    assert answer.status_code == 400
    assert answer.headers["access-control-allow-origin"] == SITE


async def test_a_key_for_any_origin_never_comes_with_credentials(door):
    answer = await preflight(door, STRANGER)

    assert answer.headers["access-control-allow-origin"] == STRANGER
    assert "access-control-allow-credentials" not in answer.headers
