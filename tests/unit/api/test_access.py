"""Who may call what: the table is the whole surface, and the door keeps to it."""

import pytest
from fastapi import APIRouter

from api.access import HOLDS, ROUTES, UndeclaredRoute, check_routes
from tests.unit.api.credentials import CREDENTIALS, a_guarded_door, a_staff_token
from tests.unit.api.doors import basic

UNLISTED = {("GET", "/sourceConfig")}
"""The same as a listed route, but for a slash."""
BODIES = {
    "/v1/segments/lookup": {"ids": []},
    "/v1/decide": {"selectors": ["jobs"]},
    "/v1/engagements": {"engagements": []},
}


@pytest.fixture(scope="module")
def guarded_app():
    return a_guarded_door()


@pytest.fixture
async def guarded():
    async with a_guarded_door().open() as opened:
        yield opened


def surface(door):
    document = door.app.openapi()
    return {
        (method.upper(), path): told for path, methods in document["paths"].items() for method, told in methods.items()
    }


async def status_of(door, method, path, headers):
    real = path.format(
        key="pk_demo",
        job_id="j",
        item_id="j",
        decision_id="d",
        name="user_id:u1",
        space="s",
        request_id="r",
        regulate_id="r",
        override_id="ov-1",
        appeal_id="ap-1",
    )
    real += "?selector=jobs" if (method, path) == ("GET", "/v1/decide") else ""
    body = BODIES.get(path, {}) if method == "POST" else None
    return (await door.http.request(method, real, json=body, headers=headers)).status_code


def test_every_route_has_a_right_and_every_right_a_route(guarded_app):
    assert set(surface(guarded_app)) | UNLISTED == set(ROUTES)


def test_a_route_that_nobody_declared_stops_the_start():
    router = APIRouter()
    router.get("/v1/forgotten")(lambda: None)

    with pytest.raises(UndeclaredRoute, match="GET /v1/forgotten"):
        check_routes(router)


def test_the_document_says_who_may_call_what(guarded_app):
    for name, told in surface(guarded_app).items():
        assert told["x-right"] == ROUTES[name]
        assert set(told["x-holders"]) == {holder for holder, rights in HOLDS.items() if ROUTES[name] in rights}
        assert (told["security"] == []) == (ROUTES[name] == "open"), name
        assert "422" not in told["responses"], name


@pytest.mark.parametrize("holder", CREDENTIALS)
async def test_each_kind_of_caller_may_do_what_the_table_says_and_nothing_else(guarded, holder):
    for (method, path), right in ROUTES.items():
        status = await status_of(guarded, method, path, CREDENTIALS[holder])

        if path == "/v1/projects/{key}/settings":
            assert status == 200  # its key is in the path
        elif right == "open" or right in HOLDS[holder]:
            assert status not in {401, 403}, (holder, method, path)
        else:
            assert status == 403, (holder, method, path)


@pytest.mark.parametrize("headers", [{}, *map(basic, ["", "pk_wrong", "sk_demo2", "Pk_demo", "ad_2"])])
async def test_without_a_key_that_is_known_nothing_is_answered(guarded, headers):
    for (method, path), right in ROUTES.items():
        if right != "open" and path != "/v1/projects/{key}/settings":
            assert await status_of(guarded, method, path, headers) == 401, (method, path)


async def test_a_secret_key_does_no_more_than_its_scopes(guarded):
    for (method, path), right in ROUTES.items():
        status = await status_of(guarded, method, path, basic("sk_ats"))

        assert (status == 403) == (right not in {"open", "events:write"}), (method, path)


async def test_a_colleague_with_no_role_may_nothing(guarded):
    for claims in ({}, {"roles": "nobody"}, {"roles": 7}, {"roles": None}):
        token = a_staff_token(**claims)
        assert await status_of(guarded, "GET", "/v1/jobs", {"authorization": f"Bearer {token}"}) == 403


async def test_a_secret_in_the_query_is_no_secret_any_more(guarded):
    for key in ("sk_demo", "ad_1"):
        assert await status_of(guarded, "GET", f"/v1/profiles/user_id:u1/segments?writeKey={key}", {}) == 401
