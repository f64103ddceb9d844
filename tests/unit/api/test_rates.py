"""Who calls too often is told to wait, and for how long; nobody else notices."""

import httpx
import pytest

from api.callers import Ids
from api.errors import RateLimited
from api.gate import Gate
from api.keys import KeyRing
from api.rates import AWAY_SHARE, RateLimits, Rates
from api.tokens import Tokens
from api.visitors import VisitorIds
from tests.unit.api.credentials import (
    AUDIENCE,
    CREDENTIALS,
    ISSUER,
    KEYS,
    SECRETS,
    STAFF_ISSUER,
    STAFF_SECRETS,
    a_visitor,
    jwks,
)
from tests.unit.api.doors import VISITOR_KEYS, Door

ELSEWHERE, OTHER, PROXY = "203.0.113.7", "203.0.113.8", "127.0.0.1"


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


class Gone:
    """Buckets that nobody can reach."""

    async def settle(self, spent):
        del spent
        raise ConnectionError("gone")


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def opened(seconds):
    """Answer a door with limits, seen from any address."""

    def open_door(shared=None, **limits):
        rates = Rates(RateLimits(**limits), shared, now=seconds)
        gate = Gate(
            KeyRing(KEYS),
            Ids(VisitorIds(VISITOR_KEYS)),
            Tokens(jwks(SECRETS), issuer=ISSUER, audience=AUDIENCE),
            Tokens(jwks(STAFF_SECRETS), issuer=STAFF_ISSUER, audience=AUDIENCE, roles_claim="roles"),
            rates,
        )
        return Door(options={"gate": gate})

    return open_door


async def statuses(door, number, *, address=ELSEWHERE, holder="publishable", path="/v1/facets", body=None):
    transport = httpx.ASGITransport(door.app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as http:
        method = "GET" if body is None else "POST"
        return [await http.request(method, path, json=body, headers=CREDENTIALS[holder]) for _ in range(number)]


def codes(answers):
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize(
    ("limit", "holder"),
    [
        ("per_key", "publishable"),
        ("per_key", "secret"),
        ("per_address", "publishable"),
        ("per_address", "candidate"),
        ("per_colleague", "viewer"),
    ],
)
async def test_calls_over_the_limit_wait_until_the_bucket_fills_again(opened, seconds, limit, holder):
    async with opened(**{limit: 0.5}).open() as door:
        answers = await statuses(door, 4, holder=holder)
        seconds.now += 2
        after = await statuses(door, 2, holder=holder)

    assert codes(answers) == [200, 200, 429, 429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert answers[-1].headers["retry-after"] == "2"
    assert codes(after) == [200, 429]


async def test_an_ad_token_has_a_limit_of_its_own(opened):
    async with opened(per_ad_token=0.25).open() as door:
        path = f"/v1/profiles/anonymous_id:{a_visitor()}/segments"

        assert codes(await statuses(door, 2, holder="ad", path=path)) == [200, 429]
        assert codes(await statuses(door, 1, holder="secret", path=path)) == [200]


async def test_one_visitor_who_calls_too_often_stops_no_other(opened):
    async with opened(per_visitor=0.25).open() as door:

        async def decide(visitor):
            body = {"selectors": ["jobs"], "user": {"anonymousId": visitor}}
            return codes(await statuses(door, 2, path="/v1/decide", body=body))

        assert await decide("a") == [200, 429]
        assert await decide("b") == [200, 429]
        batch = {"batch": [{"type": "page", "anonymousId": "c"}]}
        assert codes(await statuses(door, 2, path="/v1/batch", body=batch)) == [200, 429]


async def test_an_address_is_counted_by_itself_and_a_household_as_one(opened):
    async with opened(per_address=0.25).open() as door:
        assert codes(await statuses(door, 2)) == [200, 429]
        assert codes(await statuses(door, 1, address=OTHER)) == [200]
        assert codes(await statuses(door, 1, address="2001:db8:0:1::1")) == [200]
        assert codes(await statuses(door, 1, address="2001:db8:0:1:ffff::2")) == [429]
        assert codes(await statuses(door, 1, address="2001:db8:0:2::1")) == [200]


async def test_a_proxy_on_this_machine_is_nobodys_address(opened):
    async with opened(per_address=0.25, per_visitor=0.25).open() as door:
        assert codes(await statuses(door, 3, address=PROXY)) == [200, 200, 200]


async def test_a_server_is_not_counted_by_its_address(opened):
    async with opened(per_address=0.25).open() as door:
        assert codes(await statuses(door, 3, holder="secret")) == [200, 200, 200]


async def test_while_redis_is_away_pages_get_a_smaller_share_and_colleagues_nothing(opened, seconds):
    door = opened(Gone(), per_key=4)
    async with door.open():
        seconds.now += 10

        assert codes(await statuses(door, 20)).count(200) == 4 * 4 * AWAY_SHARE
        staff = (await statuses(door, 1, holder="admin"))[0]
    assert (staff.status_code, staff.json()["code"]) == (503, "limits_away")
    assert int(staff.headers["retry-after"]) >= 1


def test_memory_is_bounded_whatever_the_names(monkeypatch, seconds):
    monkeypatch.setattr("api.rates._BUCKETS", 100)
    rates = Rates(RateLimits(), now=seconds)
    for number in range(1_000):
        rates.spend("visitor", str(number), 1)

    assert len(rates._buckets) == 100


def test_no_limit_is_none(seconds):
    rates = Rates(RateLimits(), now=seconds)
    for _ in range(10_000):
        rates.spend("key", "k", 0)


def test_what_is_refused_names_nobody(seconds):
    rates = Rates(RateLimits(), now=seconds)
    rates.spend("visitor", "ada@example.com", 0.25)
    with pytest.raises(RateLimited) as refused:
        rates.spend("visitor", "ada@example.com", 0.25)

    assert "ada" not in refused.value.message
