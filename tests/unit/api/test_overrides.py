import pytest

from schemas.topics import Topic
from scorers.models import PriorModel
from tests.unit.api.credentials import a_staff_token
from tests.unit.api.doors import NOON, Door, a_hero, a_job

JOBS = [a_job(f"nurse-{number}", days_old=number + 1) for number in range(40)]
SOON = "2026-11-24T12:00:00Z"


@pytest.fixture
async def site():
    async with Door().open() as door:
        door.offer(*JOBS, content=(a_hero(),))
        yield door


async def said(door, **members):
    body = {"why": "ward opens", "expiresAt": SOON, **members}
    answer = await door.post("/v1/overrides", body, key="sk_demo")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def shown(door, user="u1", selector="jobs", **options):
    answer = await door.decide(selector, key="sk_demo", user={"userId": user}, options={"explain": True, **options})
    return answer["choices"][0].get("items", [])


def ids(items):
    return [item["id"] for item in items]


async def read_a_job(door, user="u1"):
    body = {"event": "Job Viewed", "userId": user, "properties": {"job_id": "nurse-9"}}
    await door.post("/v1/track", body, key="sk_demo")
    await door.fold()


@pytest.mark.parametrize("known", [True, False], ids=["a person", "a visitor"])
async def test_a_block_holds_from_the_next_answer_on_and_until_it_ends(site, known):
    if known:
        await read_a_job(site)
    first = ids(await shown(site))[0]
    made = await said(site, kind="block", itemId=first)

    assert first not in ids(await shown(site))

    await site.http.request("DELETE", f"/v1/overrides/{made['id']}", headers={"authorization": "Bearer sk_demo"})
    assert first in ids(await shown(site))


async def test_an_override_ends_by_itself(site):
    first = ids(await shown(site))[0]
    await said(site, kind="block", itemId=first)
    site.clock.now = NOON + 2 * 86_400_000

    assert first in ids(await shown(site))


async def test_a_pin_stands_at_its_place_and_says_so(site):
    await read_a_job(site)
    await said(site, kind="pin", itemId="nurse-39", selector="jobs", position=2)

    second = (await shown(site))[1]

    assert (second["id"], second["source"]) == ("nurse-39", "override")
    assert second["reasons"][0]["code"] == "override"


async def test_a_pin_does_not_bring_back_what_a_rule_refuses(site):
    await said(site, kind="pin", itemId="nurse-39", selector="jobs", position=1)
    await said(site, kind="block", itemId="nurse-39")

    assert "nurse-39" not in ids(await shown(site))


async def test_a_boost_adds_its_logits_and_tells_the_weight(site):
    await read_a_job(site)
    assert ids(await shown(site))[0] != "nurse-30"

    await said(site, kind="boost", itemId="nurse-30", logits=8)
    first = (await shown(site))[0]

    assert (first["id"], first["reasons"][0]["code"], first["reasons"][0]["weight"]) == ("nurse-30", "override", 8.0)


async def test_what_is_said_about_one_person_holds_for_nobody_else(site):
    await said(site, kind="block", itemId="nurse-0", userId="u1")
    assert "nurse-0" not in ids(await shown(site, "u1", count=40))
    for user in ("u1", "u2"):
        await read_a_job(site, user)

    assert "nurse-0" not in ids(await shown(site, "u1", count=40))
    assert "nurse-0" in ids(await shown(site, "u2"))
    assert all(b"u:u1" not in record.value for record in site.log.of(Topic.OVERRIDES))


async def test_content_can_be_blocked(site):
    hero = ids(await shown(site, selector="hero"))
    await said(site, kind="block", itemId=hero[0])

    assert hero[0] not in ids(await shown(site, selector="hero"))


async def test_who_and_why_stay_on_record_after_the_end(site):
    made = await said(site, kind="block", itemId="nurse-1")
    token = {"authorization": f"Bearer {a_staff_token(roles=['marketer'])}"}
    assert (await site.http.get("/v1/overrides", headers=token)).status_code == 401  # no tokens are set up here
    await site.http.request("DELETE", f"/v1/overrides/{made['id']}", headers={"authorization": "Bearer sk_demo"})

    (listed,) = (await site.get("/v1/overrides")).json()["overrides"]

    assert (listed["by"], listed["why"], listed["removedBy"], listed["inForce"]) == (
        "demo-server", "ward opens", "demo-server", False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"kind": "pin", "itemId": "nurse-1"}, "selector"),
        ({"kind": "pin", "itemId": "nurse-1", "selector": "nowhere"}, "nowhere"),
        ({"kind": "boost", "itemId": "nurse-1"}, "logits"),
        ({"kind": "boost", "itemId": "nurse-1", "logits": 11}, "logits"),
        ({"kind": "block", "itemId": "nurse-1", "expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"kind": "block", "itemId": "nurse-1", "userId": "u", "segment": "s"}, "exclude"),
        ({"kind": "block", "itemId": "nurse-1", "why": ""}, "why"),
    ],
)
async def test_an_override_that_makes_no_sense_is_refused_with_the_reason(site, members, told):
    answer = await site.post("/v1/overrides", {"why": "w", "expiresAt": SOON, **members}, key="sk_demo")

    assert answer.status_code == 400
    assert told in answer.json()["message"]


async def test_while_kafka_is_away_nothing_is_overridden(site):
    site.log.away = True
    first = ids(await shown(site))[0]
    body = {"why": "w", "expiresAt": SOON, "kind": "block", "itemId": first}

    assert (await site.post("/v1/overrides", body, key="sk_demo")).status_code == 503
    assert first in ids(await shown(site))
    # Or closing waits for what cannot be written.
    site.log.away = False


async def test_a_paused_model_decides_nothing_until_it_is_resumed(site):
    class Trained(PriorModel):
        name = "model-1"

    site.current.model = Trained()
    await read_a_job(site)

    async def decided():
        answer = await site.decide("jobs", key="sk_demo", user={"userId": "u1"})
        choice = answer["choices"][0]
        return choice["model"], choice["source"], [warning["code"] for warning in answer["warnings"]]

    assert await decided() == ("model-1", "model", [])
    await site.post("/v1/models/pause", {"why": "odd lists"}, key="sk_demo")
    assert await decided() == ("prior-2", "rule", ["model_paused"])
    assert (await site.get("/v1/overrides")).json()["model"]["why"] == "odd lists"
    await site.post("/v1/models/resume", {"why": "mended"}, key="sk_demo")
    assert await decided() == ("model-1", "model", [])
