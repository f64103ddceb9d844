"""Candidates ask that a person looks; colleagues see what the engine had, decide, and what they decide holds."""

import asyncio

import pytest

from schemas.topics import Topic
from tests.unit.api.credentials import a_guarded_door, a_staff_token, a_token
from tests.unit.api.doors import NOON, a_hero, a_job

JOBS = [a_job(f"nurse-{number}", days_old=number + 1) for number in range(12)]
SOON = "2026-11-24T12:00:00Z"
ADA = {"key": "pk_demo", "x_user_token": a_token("ada")}
BEN = {"key": "pk_demo", "x_user_token": a_token("ben")}


@pytest.fixture
async def house():
    async with a_guarded_door().open() as door:
        door.offer(*JOBS, content=(a_hero(),))
        agreed = {"userId": "ada", "consents": {"personalization": True}, "method": "a test"}
        assert (await door.post("/v1/consents", agreed, key="sk_demo")).status_code == 200
        body = {"event": "Job Viewed", "userId": "ada", "properties": {"job_id": "nurse-3"}}
        assert (await door.post("/v1/track", body, key="sk_demo")).status_code == 200
        await door.fold()
        yield door


async def colleague(door, method, path, body=None, *, role="privacy", name="ann"):
    token = a_staff_token(role, sub=name)
    return await door.http.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})


async def decided(door, user="ada"):
    """Let a page ask, and answer its decision once it is in the log."""
    answer = await door.decide("jobs", key="sk_demo", user={"userId": user})
    choice = answer["choices"][0]
    async with asyncio.timeout(60):
        while not any(choice["decisionId"].encode() in each.value for each in door.log.of(Topic.DECISIONS)):
            await asyncio.sleep(0.01)
    return choice


async def lodged(door, *, status=200, who=ADA, **members):
    answer = await door.post("/v1/appeals", {"reason": "I have that licence", **members}, **who)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_reviewer_sees_what_the_engine_had(house):
    choice = await decided(house)
    appeal = await lodged(house, decisionId=choice["decisionId"], itemId=choice["items"][0]["id"])
    seen = (await colleague(house, "GET", f"/v1/appeals/{appeal['id']}")).json()
    evidence = seen["evidence"]

    assert (seen["reason"], seen["candidate"], seen["mayDecide"]) == ("I have that licence", "u:ada", True)
    assert [item["id"] for item in evidence["items"]] == [item["id"] for item in choice["items"]]
    assert evidence["versions"]["model"] == choice["model"]
    assert "removed" in evidence
    assert evidence["overrides"] == []
    first = choice["items"][0]["id"]
    assert evidence["considered"][first]["viewed"] in {0.0, 1.0}
    assert sum(evidence["contributions"][first].values()) > 0
    assert evidence["consents"] == {"personalization": True}


async def test_the_candidate_sees_status_and_outcome_and_nobody_elses(house):
    choice = await decided(house)
    appeal = await lodged(house, decisionId=choice["decisionId"])
    before = (await house.get("/v1/appeals", **ADA)).json()["appeals"]
    said = {"outcome": "uphold", "why": "the licence is demanded by law"}
    answer = await colleague(house, "POST", f"/v1/appeals/{appeal['id']}/decision", said)
    after = (await house.get(f"/v1/appeals/{appeal['id']}", **ADA)).json()

    assert answer.status_code == 200, answer.text
    assert [each["status"] for each in before] == ["open"]
    assert (after["outcome"], after["why"], after["decidedBy"]) == ("uphold", "the licence is demanded by law", "ann")
    assert "evidence" not in after
    assert (await house.get("/v1/appeals", **BEN)).json() == {"appeals": []}
    assert (await house.get(f"/v1/appeals/{appeal['id']}", **BEN)).status_code == 404
    again = await colleague(house, "POST", f"/v1/appeals/{appeal['id']}/decision", said)
    assert again.status_code == 400


async def test_nobody_appeals_against_another_persons_decision_or_for_somebody_else(house):
    choice = await decided(house)
    await lodged(house, status=404, who=BEN, decisionId=choice["decisionId"])
    await lodged(house, status=403, who=BEN, jobId="nurse-1", userId="ada")
    await lodged(house, status=403, who={"key": "pk_demo"}, jobId="nurse-1")
    await lodged(house, status=400, jobId="nurse-1", decisionId=choice["decisionId"])

    assert (await house.get("/v1/appeals", **ADA)).json() == {"appeals": []}


async def test_who_made_the_override_that_is_appealed_against_may_not_decide(house):
    block = {"kind": "block", "itemId": "nurse-0", "why": "filled", "expiresAt": SOON}
    assert (await colleague(house, "POST", "/v1/overrides", block, role="recruiter", name="rob")).status_code == 200
    choice = await decided(house)
    appeal = await lodged(house, decisionId=choice["decisionId"])
    path, said = f"/v1/appeals/{appeal['id']}/decision", {"outcome": "uphold", "why": "no"}

    assert (await colleague(house, "POST", path, said, role="recruiter", name="rob")).status_code == 403
    seen = (await colleague(house, "GET", f"/v1/appeals/{appeal['id']}", role="recruiter", name="rob")).json()
    assert (seen["mayDecide"], [each["by"] for each in seen["evidence"]["overrides"]]) == (False, ["rob"])
    assert (await colleague(house, "POST", path, said, role="recruiter", name="ann")).status_code == 200


async def test_an_overturned_decision_becomes_an_override_for_that_person_alone(house):
    choice = await decided(house)
    appeal = await lodged(house, decisionId=choice["decisionId"])
    pin = {"kind": "pin", "itemId": "nurse-11", "selector": "jobs", "why": "appeal", "expiresAt": SOON}
    said = {"outcome": "overturn", "why": "you are right", "override": pin}
    told = (await colleague(house, "POST", f"/v1/appeals/{appeal['id']}/decision", said)).json()

    assert told["done"].startswith("override ov-")
    assert (await decided(house))["items"][0]["id"] == "nurse-11"
    assert (await decided(house, "ben"))["items"][0]["id"] != "nurse-11"


async def test_an_overturned_application_goes_back_and_a_wrong_inference_does_not_count_any_more(house):
    for event, more in (("Application Submitted", {}), ("Application Status Changed", {"stage": "rejected"})):
        body = {"event": event, "userId": "ada", "properties": {"job_id": "nurse-1", **more}}
        await house.post("/v1/track", body, key="sk_demo")
    await house.fold()
    application, inference = (
        await lodged(house, jobId="nurse-1"),
        await lodged(house, dimension="category", value="Health"),
    )
    seen = (await colleague(house, "GET", f"/v1/appeals/{application['id']}")).json()
    house.clock.now = NOON + 1000
    for appeal, outcome in ((application, "overturn"), (inference, "correct")):
        said = {"outcome": outcome, "why": "you are right"}
        answer = await colleague(house, "POST", f"/v1/appeals/{appeal['id']}/decision", said)
        assert answer.status_code == 200, answer.text
    await house.fold()
    profile = (await house.get("/v1/profiles/user_id:ada")).json()

    assert seen["evidence"]["application"]["stage"] == "rejected"
    assert profile["applications"]["nurse-1"]["stage"] == "submitted"
    assert profile["corrections"] == {"category": ["health"]} or profile["corrections"] == {"category": ["Health"]}


async def test_appeals_are_exported_sealed_in_the_log_and_erased_with_the_person(house):
    appeal = await lodged(house, jobId="nurse-1")
    written = house.log.of(Topic.APPEALS)[0].value
    exported = (await house.get("/v1/profiles/user_id:ada/export")).json()
    erased = await house.http.delete("/v1/profiles/user_id:ada", headers={"Authorization": "Bearer sk_demo"})

    assert b"licence" not in written
    assert [each["reason"] for each in exported["appeals"]] == ["I have that licence"]
    assert erased.status_code == 200
    assert house.log.of(Topic.APPEALS)[-1].value == b"{}"
    assert (await colleague(house, "GET", f"/v1/appeals/{appeal['id']}")).status_code == 404


async def test_how_long_appeals_wait_and_how_often_they_are_overturned_is_told(house):
    first, _ = await lodged(house, jobId="nurse-1"), await lodged(house, jobId="nurse-2")
    house.clock.now = NOON + 60_000
    said = {"outcome": "overturn", "why": "you are right"}
    assert (await colleague(house, "POST", f"/v1/appeals/{first['id']}/decision", said)).status_code == 200
    page = (await house.http.get("/metrics")).text

    assert 'careerstream_appeals{outcome="open"} 1.0' in page
    assert 'careerstream_appeals{outcome="overturn"} 1.0' in page
    assert "careerstream_appeals_oldest_seconds 60.0" in page
    assert "careerstream_appeals_median_seconds 60.0" in page
    assert "careerstream_appeals_overturned_ratio 1.0" in page
