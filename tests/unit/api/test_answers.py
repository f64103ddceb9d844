"""What an answer about people may hold is written down, member by member, and real answers hold no more for any kind of caller."""

import asyncio
from typing import NamedTuple

import jsonschema_rs
import orjson
import pytest

from api.access import HOLDS, READS_NAMES, ROUTES
from api.app import openapi_document
from profiles.pseudonym import pseudonym
from profiles.segments import load_segments
from profiles.store import DecisionPut
from schemas.decision import Decision
from tests.unit.api.credentials import CREDENTIALS, a_guarded_door
from tests.unit.api.doors import NOON, Door, a_hero, a_job

EMAIL, STREET = "ada-canary@example.com", "Canary Street 7"
SEGMENTS = """
segments:
  nurses: {name: Nurses, exportable: true, iab: "338", when: {count: {event: job_saved, within: 7d, at_least: 1}}}
"""
ABOUT_PEOPLE = {
    "profiles:read", "decisions:read", "segments:read", "segments:list", "people:rights", "people:regulate",
    "appeals:lodge", "appeals:read", "appeals:decide",
}  # fmt: skip
LINES = {"/v1/segments/{key}/members": {"candidate", "email_sha256", "user_id", "entered_at"}}
"""Answers that are no single document: the members of their lines."""
GRANTED = {"context": {"consent": {"categoryPreferences": {"personalization": True, "advertising": True}}}}


class House(NamedTuple):
    """An open door, and the decision that was served to u1."""

    door: Door
    choice: str


@pytest.fixture
async def house():
    """A house in which a great deal is held about u1."""
    door = a_guarded_door()
    door.offer(*(a_job(f"j{number}", days_old=number) for number in range(5)), content=(a_hero(),))
    door.current.segments = load_segments(SEGMENTS, "segments.yaml")
    async with door.open():
        for message in told():
            answer = await door.post("/v1/batch", {"batch": [{"userId": "u1", **message}]}, key="sk_demo")
            assert "rejected" not in answer.json(), answer.text
        await door.fold()
        choice = (await door.decide("jobs", key="sk_demo", user={"userId": "u1"}))["choices"][0]["decisionId"]
        entered = Decision("d1", "u:u1", NOON, {"clicks/u:u1": 99}, ())
        await door.store.put_decisions([DecisionPut(entered, {"nurses": NOON})])
        async with asyncio.timeout(60):
            while (await door.get(f"/v1/decisions/{choice}")).status_code != 200:
                await asyncio.sleep(0.02)
        yield House(door, choice)


def told():
    def track(event, **properties):
        return {"type": "track", "event": event, "properties": properties}

    traits = {"email": EMAIL, "plan": "x", "address": {"street": STREET, "country": "US"}}
    yield {**track("Segment Consent Preference Updated"), **GRANTED}
    yield {"type": "identify", "traits": traits, "anonymousId": "b1"}
    yield {
        "type": "page",
        "name": "Jobs",
        "properties": {"path": "/jobs"},
        "context": {"locale": "en", "campaign": {"source": "x"}},
    }
    yield track("Job Saved", job_id="j1")
    yield track("Job Viewed", job_id="j2")
    yield track("Job Dismissed", job_id="j3", reason="far")
    yield track("Job Searched", query="nurse", filters={"place": "Brooklyn"})
    yield track("Application Submitted", job_id="j4", application_id="ap1")
    yield track("Content Viewed", content_id="hero-1")
    yield track("Survey Answered", survey_id="s1", score=9)
    yield track("Preference Set", key="salary_min", value=50_000)
    yield track("Inference Corrected", dimension="occupation", value="Registered Nurses")


def calls(house):
    """Answer every way to read about u1: the route, and the call."""
    about = "/v1/profiles/user_id:u1"
    yield "/v1/profiles/{name}", "GET", about, None
    for shape in ("plain", "ortb2", "gam", "pps"):
        yield "/v1/profiles/{name}/segments", "GET", f"{about}/segments?format={shape}", None
    spaces = "/v1/spaces/{space}/collections/users/profiles/{name}/traits"
    yield spaces, "GET", spaces.format(space="s", name="user_id:u1"), None
    yield "/v1/segments/lookup", "POST", "/v1/segments/lookup", {"ids": ["user_id:u1", "user_id:nobody"]}
    yield "/v1/segments/{key}/members", "GET", "/v1/segments/nurses/members?format=ndjson", None
    yield "/v1/decisions/{decision_id}", "GET", f"/v1/decisions/{house.choice}", None
    yield "/v1/profiles/{name}/export", "GET", f"{about}/export", None
    yield "/v1/profiles/{name}/consent-records", "GET", f"{about}/consent-records", None
    yield "/v1/consents", "POST", "/v1/consents", {"userId": "u1", "consents": {"email": True}}
    appealed = {"userId": "u1", "decisionId": house.choice, "reason": "too far"}
    yield "/v1/appeals", "POST", "/v1/appeals", appealed
    yield "/v1/appeals", "GET", "/v1/appeals", None
    for kind in ("access", "erasure"):
        identity = {"identity_type": "controller_customer_id", "identity_value": "nobody"}
        asked = {"subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798", "subject_request_type": kind}
        yield "/v2/requests", "POST", "/v2/requests", {**asked, "subject_identities": [identity]}
        yield "/v2/requests/{request_id}", "GET", f"/v2/requests/{asked['subject_request_id']}", None
    yield "/v1/profiles/{name}", "DELETE", "/v1/profiles/user_id:nobody", None
    yield "/v1/regulations", "POST", "/v1/regulations", {"regulationType": "SUPPRESS_ONLY", "subjectIds": ["nobody"]}


async def answered(house, holder):
    """Answer what each call is answered, a kind of caller's."""
    for route, method, path, body in calls(house):
        answer = await house.door.http.request(method, path, json=body, headers=CREDENTIALS[holder])
        yield route, method, answer


def schema_of(house, route, method, status):
    declared = house.door.app.openapi()["paths"][route][method.lower()]["responses"][str(status)]["content"]
    return declared["application/json"]["schema"]


@pytest.mark.parametrize("holder", CREDENTIALS)
async def test_no_answer_holds_a_member_that_is_not_written_down(house, holder):
    read = set()
    async for route, method, answer in answered(house, holder):
        if answer.status_code >= 400:
            assert answer.json().keys() <= {"code", "message"}, route
            assert ROUTES[method, route] not in HOLDS[holder] or answer.status_code == 404, (route, answer.text)
            continue
        read.add(route)
        if route in LINES:
            assert all(orjson.loads(line).keys() <= LINES[route] for line in answer.content.splitlines())
        else:
            jsonschema_rs.validate(schema_of(house, route, method, answer.status_code), answer.json())

    may = {route for route, method, _, _ in calls(house) if ROUTES[method, route] in HOLDS[holder]}
    assert read >= may - {"/v2/requests/{request_id}", "/v1/profiles/{name}"}


@pytest.mark.parametrize("holder", CREDENTIALS)
async def test_names_and_addresses_are_told_to_those_alone_who_deal_with_the_person(house, holder):
    async for route, method, answer in answered(house, holder):
        told_ = EMAIL in answer.text or STREET in answer.text
        full = (route, method) in {("/v1/profiles/{name}", "GET"), ("/v1/profiles/{name}/export", "GET")}
        if full and answer.status_code == 200:
            assert told_ == (holder in READS_NAMES)
        else:
            assert not told_, route


@pytest.mark.parametrize("holder", [holder for holder, rights in HOLDS.items() if "decisions:read" in rights])
async def test_who_may_not_read_profiles_is_told_a_pseudonym_by_a_decision(house, holder):
    answer = await house.door.http.get(f"/v1/decisions/{house.choice}", headers=CREDENTIALS[holder])
    told_ = answer.json()
    reads = "profiles:read" in HOLDS[holder]

    assert told_["candidate"] == ("u:u1" if reads else pseudonym("u:u1"))
    assert {name.partition("/")[2] == "u:u1" for name in told_["profile"]} == {reads}
    assert reads or "u:u1" not in answer.text


def test_every_answer_about_people_is_closed():
    """An object either names its members, or says what its values are."""
    paths = openapi_document()["paths"]
    for (method, route), right in ROUTES.items():
        told_ = paths.get(route, {}).get(method.lower(), {}) if right in ABOUT_PEOPLE else {}
        for status, answer in told_.get("responses", {}).items():
            for kind, content in answer.get("content", {}).items():
                if int(status) < 300 and kind == "application/json":
                    assert list(open_objects(content["schema"])) == [], (method, route)


def open_objects(schema):
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "additionalProperties" not in schema:
            yield schema
        for inner in schema.values():
            yield from open_objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from open_objects(inner)
