"""One document with everything that is held, and another house that takes it in."""

import pytest

from profiles.erasures import NOTHING, encode_standing
from profiles.pseudonym import pseudonym
from tests.unit.api.credentials import CREDENTIALS, a_guarded_door
from tests.unit.api.doors import Door, a_job, basic

EMAIL = "ada@example.com"


def a_door():
    door = a_guarded_door()
    door.offer(*(a_job(f"nurse-{number}", days_old=number + 1) for number in range(4)))
    return door


@pytest.fixture
async def site():
    async with a_door().open() as door:
        who = {"userId": "u1", "anonymousId": "a1"}
        for name in ("Job Viewed", "Job Saved", "Job Dismissed", "Application Submitted"):
            await door.post("/v1/track", {"event": name, "properties": {"job_id": "nurse-1"}, **who}, key="sk_demo")
        await door.post("/v1/page", {"anonymousId": "a1", "name": "Jobs", "properties": {"path": "/"}})
        await door.post("/v1/identify", {**who, "traits": {"email": EMAIL, "headline": "Nurse"}}, key="sk_demo")
        told = {"event": "Preference Set", "properties": {"key": "workplace", "value": ["REMOTE"]}, **who}
        await door.post("/v1/track", told, key="sk_demo")
        await door.http.post(
            "/v1/consents", json={"userId": "u1", "consents": {"email": True}}, headers=basic("sk_demo")
        )
        await door.fold()
        await door.decide("jobs", user={"userId": "u1"}, key="sk_demo")
        yield door


async def export(door, name="user_id:u1", headers=None):
    return await door.http.get(f"/v1/profiles/{name}/export", headers=headers or basic("sk_demo"))


async def test_the_document_has_everything_that_is_held_opened_and_explained(site):
    told = (await export(site)).json()

    assert told["profile"]["traits"] == {"email": EMAIL, "headline": "Nurse"}
    assert told["profile"]["applications"]["nurse-1"]["stage"] == "submitted"
    assert told["profile"]["preferences"]["explicit"]["workplaces"] == ["REMOTE"]
    assert set(told["profile"]["ids"]) == {"u:u1", "a:a1"}
    assert {each["topic"] for each in told["sections"]} == {"clicks", "sessions", "applications", "profiles"}
    assert told["sources"] == {"behaviour": True, "applications": True, "told": True}
    assert len(told["consentRecords"]) == 1
    assert told["links"]
    assert "sealed.1" not in str(told)


async def test_the_document_tells_what_was_shown_and_why():
    async with a_door().open() as door:
        await door.post(
            "/v1/track", {"event": "Job Viewed", "properties": {"job_id": "nurse-1"}, "userId": "u1"}, key="sk_demo"
        )
        await door.fold()
        await door.decide("jobs", user={"userId": "u1"}, key="sk_demo")
        import asyncio

        await asyncio.sleep(0.2)
        told = (await export(door)).json()

    assert told["decisions"]["served"]
    first = told["decisions"]["served"][-1]["items"][0]
    assert first["reasons"][0]["text"]


async def test_what_was_taken_back_is_still_told_to_who_asks_what_is_held(site):
    body = {"userId": "u1", "consents": {"personalization": False}}
    await site.http.post("/v1/consents", json=body, headers=basic("sk_demo"))
    await site.fold()

    assert (await export(site)).json()["profile"]["saved"]


async def test_another_house_that_takes_it_in_holds_the_same(site):
    told = (await export(site)).json()
    async with a_door().open() as other:
        taken = await other.http.post("/v1/profiles/import", json=told, headers=basic("sk_demo"))
        await other.fold()
        again = (await export(other)).json()
        logged = b"".join(record.value for _, record in other.log.records)

    assert taken.json() == {"sections": len(told["sections"])}
    assert again["digest"] == told["digest"]
    assert again["profile"]["traits"] == told["profile"]["traits"]
    assert EMAIL.encode() not in logged


async def test_taking_in_does_not_touch_what_is_held_already(site):
    told = (await export(site)).json()
    await site.post(
        "/v1/track", {"event": "Job Viewed", "properties": {"job_id": "nurse-2"}, "userId": "u1"}, key="sk_demo"
    )
    await site.fold()
    before = (await export(site)).json()["digest"]

    await site.http.post("/v1/profiles/import", json=told, headers=basic("sk_demo"))
    await site.fold()

    assert (await export(site)).json()["digest"] == before


@pytest.mark.parametrize("standing", [NOTHING.with_erasure(), NOTHING.with_suppression(1)])
async def test_who_was_erased_or_suppressed_here_does_not_come_in_again_until_released(site, standing):
    told = (await export(site)).json()
    async with a_door().open() as other:
        other.app.state.ports.erasures.apply(pseudonym("u:u1"), encode_standing(standing))
        refused = await other.http.post("/v1/profiles/import", json=told, headers=basic("sk_demo"))
        body = {"regulationType": "UNSUPPRESS", "subjectType": "USER_ID", "subjectIds": ["u1"]}
        held = list(other.log.records)
        await other.post("/v1/regulations", body, key="sk_demo")
        taken = await other.http.post("/v1/profiles/import", json=told, headers=basic("sk_demo"))

    assert (refused.status_code, "UNSUPPRESS" in refused.json()["message"]) == (400, True)
    assert held == []
    assert taken.status_code == 200


async def test_a_candidate_exports_themselves_and_nobody_else(site):
    assert (await export(site, headers=CREDENTIALS["candidate"])).status_code == 200
    assert (await export(site, "user_id:u2", CREDENTIALS["candidate"])).status_code == 404
    assert (await export(site, headers=basic("pk_demo"))).status_code == 403


async def test_nobody_has_no_document(site):
    assert (await export(site, "user_id:nobody")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"format": "other"},
        {"format": "careerstream-export-1"},
        {"format": "careerstream-export-1", "sections": [{"topic": "jobs", "id": "u:1", "members": []}]},
        {"format": "careerstream-export-1", "sections": [{"topic": "clicks", "id": "u:1", "members": [99, 0, 0]}]},
    ],
)
async def test_what_is_no_document_is_refused(body):
    async with Door().open() as door:
        answer = await door.http.post("/v1/profiles/import", json=body, headers=basic("sk_demo"))

    assert answer.status_code == 400
