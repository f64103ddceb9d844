"""Consent told through the API: what holds from then on, and the record of it."""

import pytest

from api.consent_records import is_genuine
from profiles.pseudonym import pseudonym
from tests.unit.api.credentials import CREDENTIALS, a_guarded_door, a_visitor, visitor_id
from tests.unit.api.doors import a_job, basic

VIEW = {"type": "track", "event": "Job Dismissed", "properties": {"job_id": "nurse-0"}}


@pytest.fixture
async def site():
    door = a_guarded_door()
    door.offer(*(a_job(f"nurse-{number}", days_old=number + 1) for number in range(6)))
    async with door.open():
        yield door


async def consent(door, headers, **body):
    answer = await door.http.post("/v1/consents", json=body, headers=headers)
    await door.fold()
    return answer


async def records(door, name, headers=None):
    answer = await door.http.get(f"/v1/profiles/{name}/consent-records", headers=headers or basic("sk_demo"))
    return answer.json()["@graph"]


async def test_what_is_told_stands_in_the_profile_and_in_a_signed_record(site):
    answer = await consent(
        site, basic("sk_demo"), userId="ada", consents={"resume": True}, method="form", language="en"
    )
    profile = (await site.get("/v1/profiles/user_id:ada")).json()
    (record,) = await records(site, "user_id:ada")
    keys = (await site.http.get("/.well-known/consent-keys.json")).json()

    assert answer.json()["consents"] == {"resume": True}
    assert profile["consents"] == {"resume": True}
    assert record["dpv:hasDataSubject"] == pseudonym("u:ada")
    assert record["dpv:hasConsentStatus"][0]["@type"] == "dpv:ConsentGiven"
    assert record["dpv:hasConsentStatus"][0]["dpv:hasIndicationMethod"] == "form"
    assert is_genuine(record, keys[record["sec:proof"]["sec:verificationMethod"]])
    assert "ada" not in str(record).replace("dpv:hasDataController", "")


async def test_a_record_that_was_changed_is_found_out(site):
    await consent(site, basic("sk_demo"), userId="ada", consents={"resume": True})
    (record,) = await records(site, "user_id:ada")
    (key,) = (await site.http.get("/.well-known/consent-keys.json")).json().values()

    record["dpv:hasConsentStatus"][0]["@type"] = "dpv:ConsentWithdrawn"

    assert not is_genuine(record, key)


async def test_records_are_added_to_and_never_overwritten(site):
    for given in (True, False):
        site.clock.now += 1_000
        await consent(site, basic("sk_demo"), userId="ada", consents={"resume": given})
    await consent(site, basic("sk_demo"), userId="ada", consents={"email": True}, messageId="m1")
    await consent(site, basic("sk_demo"), userId="ada", consents={"email": False}, messageId="m1")

    told = [(status["dpv:hasPurpose"], status["@type"]) for each in await records(site, "user_id:ada")
            for status in each["dpv:hasConsentStatus"]]  # fmt: skip

    assert told[:2] == [("resume", "dpv:ConsentGiven"), ("resume", "dpv:ConsentWithdrawn")]
    assert told[2:] == [("email", "dpv:ConsentGiven")]


async def test_what_an_sdk_tells_about_consent_is_on_record_too(site):
    event = {"event": "Segment Consent Preference Updated", "anonymousId": "a1", "messageId": "m9"}
    await site.post("/v1/track", {**event, "context": {"consent": {"categoryPreferences": {"personalization": True}}}})

    (record,) = await records(site, "anonymous_id:a1")

    assert record["dct:identifier"] == "m9"
    assert record["dpv:hasConsentStatus"][0]["dpv:hasIndicationMethod"] == "demo"


async def test_an_objection_holds_for_the_next_event_and_decision_whatever_the_site_grants(site):
    await site.post("/v1/track", {**VIEW, "userId": "ada"}, key="sk_demo")
    await site.fold()
    assert (await site.decide("jobs", user={"userId": "ada"}, key="sk_demo"))["profile"]["known"]

    await consent(site, basic("sk_demo"), userId="ada", consents={"personalization": False})
    late = (await site.post("/v1/track", {**VIEW, "userId": "ada", "messageId": "late"}, key="sk_demo")).json()

    assert not (await site.decide("jobs", user={"userId": "ada"}, key="sk_demo"))["profile"]["known"]
    assert late == {"success": True}
    assert "late" not in [message.message_id for message in site.messages()]


async def test_who_agrees_again_is_followed_again_and_what_came_between_stays_out(site):
    await site.post("/v1/track", {**VIEW, "userId": "ada"}, key="sk_demo")
    await consent(site, basic("sk_demo"), userId="ada", consents={"personalization": False})
    await site.post("/v1/track", {**VIEW, "userId": "ada", "messageId": "between"}, key="sk_demo")
    site.clock.now += 1_000
    await consent(site, basic("sk_demo"), userId="ada", consents={"personalization": True})
    await site.post("/v1/track", {**VIEW, "userId": "ada", "messageId": "again"}, key="sk_demo")

    kept = [message.message_id for message in site.messages()]

    assert "again" in kept
    assert "between" not in kept


async def test_a_candidate_speaks_for_the_ids_that_were_proven_and_for_nobody_else(site):
    headers, own = CREDENTIALS["candidate"], visitor_id(a_visitor())

    assert (await consent(site, headers, anonymousId=own, consents={"email": True})).status_code == 200
    assert (await consent(site, headers, userId="u1", consents={"email": True})).status_code == 200
    assert (await consent(site, headers, userId="u2", consents={"email": True})).status_code == 404
    assert (await consent(site, basic("pk_demo"), anonymousId="a1", consents={"email": True})).status_code == 403
    assert await records(site, "user_id:u2") == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"consents": {"email": True}}, "userId or anonymousId"),
        ({"userId": "u", "consents": {"e-male": True}}, "e_male is none of"),
        ({"userId": "u", "consents": {}}, "consents"),
        ({"userId": "u", "consents": {"email": "maybe"}}, "consents.email"),
    ],
)
async def test_an_answer_that_says_nothing_clear_is_refused(site, body, told):
    answer = await consent(site, basic("sk_demo"), **body)

    assert answer.status_code == 400
    assert told in answer.json()["message"]


async def test_the_records_of_an_erased_person_go_with_them(site):
    await consent(site, basic("sk_demo"), userId="ada", consents={"resume": True})
    await site.http.delete("/v1/profiles/user_id:ada", headers=basic("sk_demo"))

    assert await records(site, "user_id:ada") == []
