"""Who may call what: one table, and it is the whole surface."""

import pytest

OPEN, PUBLISHABLE, SECRET = "open", "publishable", "secret"
TRACKING = (
    "track",
    "t",
    "identify",
    "i",
    "page",
    "p",
    "screen",
    "s",
    "group",
    "g",
    "alias",
    "a",
    "batch",
    "b",
    "import",
)
ROLES = {
    **{("post", f"/v1/{name}"): PUBLISHABLE for name in TRACKING},
    ("post", "/beacon/v1/batch"): PUBLISHABLE,
    ("post", "/v1/cloudevents"): PUBLISHABLE,
    ("get", "/v1/projects/{key}/settings"): PUBLISHABLE,
    ("get", "/sourceConfig/"): PUBLISHABLE,
    ("post", "/v1/decide"): PUBLISHABLE,
    ("get", "/v1/decide"): PUBLISHABLE,
    ("post", "/v1/engagements"): PUBLISHABLE,
    ("get", "/v1/jobs"): PUBLISHABLE,
    ("get", "/v1/jobs/{job_id}"): PUBLISHABLE,
    ("get", "/v1/facets"): PUBLISHABLE,
    ("get", "/v1/decisions/{decision_id}"): SECRET,
    ("get", "/v1/profiles/{name}"): SECRET,
    ("get", "/v1/profiles/{name}/segments"): SECRET,
    ("get", "/v1/spaces/{space}/collections/users/profiles/{name}/traits"): SECRET,
    ("post", "/v1/segments/lookup"): SECRET,
    ("get", "/v1/segments/{key}/members"): SECRET,
    ("get", "/healthz"): OPEN,
    ("get", "/readyz"): OPEN,
    ("get", "/metrics"): OPEN,
    ("get", "/.well-known/gpc.json"): OPEN,
}


async def surface(door):
    document = (await door.get("/openapi.json", key=None)).json()
    return {(method, path): told for path, methods in document["paths"].items() for method, told in methods.items()}


async def called(door, method, path, key):
    real = path.format(key="pk_wrong", job_id="j", decision_id="d", name="user_id:u", space="s")
    real += "?selector=jobs" if (method, path) == ("get", "/v1/decide") else ""
    send = door.post(real, {}, key=key) if method == "post" else door.get(real, key=key)
    return (await send).status_code


async def test_every_route_has_a_role_and_every_role_a_route(door):
    assert set(await surface(door)) == set(ROLES)


async def test_the_document_says_which_routes_need_no_key(door):
    for name, told in (await surface(door)).items():
        assert (told.get("security") == []) == (ROLES[name] == OPEN), name
        assert "422" not in told["responses"], name


@pytest.mark.parametrize(("method", "path"), [name for name, role in ROLES.items() if role != OPEN])
@pytest.mark.parametrize("key", [None, "", "pk_wrong", "sk_demo2", "Pk_demo"])
async def test_without_a_key_that_is_known_nothing_is_answered(door, method, path, key):
    assert await called(door, method, path, key) == 401


@pytest.mark.parametrize(("method", "path"), [name for name, role in ROLES.items() if role == SECRET])
async def test_a_publishable_key_does_not_open_what_is_secret(door, method, path):
    assert await called(door, method, path, "pk_demo") == 403
