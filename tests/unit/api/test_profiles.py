import asyncio
from hashlib import sha256

import pytest

from api.keys import Key, KeyRing, demo_keys, digest_of
from profiles.memory_store import MemoryStore
from profiles.segments import load_segments
from profiles.store import DecisionPut
from schemas.decision import Decision
from tests.unit.api.doors import NOON, Door, a_gate, a_job

SEGMENTS = """
segments:
  savers:
    name: Savers
    exportable: true
    iab: "338"
    when: {count: {event: job_saved, within: 7d, at_least: 1}}
  inner:
    name: Inner circle
    when: {count: {event: job_saved, within: 7d, at_least: 1}}
"""
ALLOWED = {"context": {"consent": {"categoryPreferences": {"advertising": True}}}}


@pytest.fixture
async def site():
    async with Door().open() as door:
        door.current.segments = load_segments(SEGMENTS, "segments.yaml")
        door.offer(a_job("j1"), a_job("j2"))
        yield door


async def saved(door, *, consent=True, **who):
    await door.post("/v1/track", {"event": "Job Saved", "properties": {"job_id": "j1"}, **who}, key="sk_demo")
    if consent:
        told = {"event": "Segment Consent Preference Updated", **ALLOWED, **who}
        await door.post("/v1/track", told, key="sk_demo")
    await door.fold()


async def entered(door, candidate, segment="savers", at=NOON, version=1):
    decision = Decision(f"d{version}", candidate, at, {f"clicks/{candidate}": version}, ())
    await door.store.put_decisions([DecisionPut(decision, {segment: at})])


async def segments(door, name, query="", key="sk_demo", **headers):
    answer = await door.get(f"/v1/profiles/{name}/segments{query}", key=key, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_profile_keeps_what_was_said_and_what_was_inferred_apart(site):
    await saved(site, userId="u1", anonymousId="a1")
    said = {"event": "Preference Set", "properties": {"key": "workplace", "value": "remote"}, "userId": "u1"}
    await site.post("/v1/track", said, key="sk_demo")
    await site.post("/v1/identify", {"userId": "u1", "traits": {"city": "Bonn"}}, key="sk_demo")
    await site.fold()

    profile = (await site.get("/v1/profiles/user_id:u1")).json()

    assert profile["known"]
    assert profile["ids"][0] == "u:u1"
    assert profile["traits"] == {"city": "Bonn"}
    assert profile["preferences"]["explicit"]["workplaces"] == ["REMOTE"]
    assert "workplaces" not in profile["preferences"]["inferred"]
    assert profile["preferences"]["inferred"]["employer"]["City Hospital"] > 0
    assert "j1" in profile["saved"]
    assert profile["consents"] == {"advertising": True}
    assert {segment["key"] for segment in profile["segments"]} == {"inner", "savers"}
    assert profile["version"]


@pytest.mark.parametrize("name", ["user_id:never", "anonymous_id:never", "email_sha256:x", "nonsense", "user_id:"])
async def test_nobodys_profile_is_not_found_and_nobody_is_in_no_segment(site, name):
    assert (await site.get(f"/v1/profiles/{name}")).status_code == 404
    assert (await segments(site, name))["segments"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1/profiles/user_id:u1",
        "/v1/profiles/user_id:u1/segments",
        "/v1/segments/savers/members",
        "/v1/spaces/s/collections/users/profiles/user_id:u1/traits",
    ],
)
async def test_people_are_read_with_a_secret_key_only(site, path):
    assert (await site.get(path, key="pk_demo")).status_code == 403
    assert (await site.get(path, key=None)).status_code == 401


async def test_an_id_may_hold_any_character(site):
    await saved(site, userId="org/7:ü")

    assert [s["key"] for s in (await segments(site, "user_id:org%2F7:%C3%BC"))["segments"]] == ["inner", "savers"]


async def test_segments_say_since_when_they_hold(site):
    await saved(site, userId="u1")
    await entered(site, "u:u1", at=NOON - 5_000)

    found = {each["key"]: each for each in (await segments(site, "user_id:u1"))["segments"]}

    assert found["savers"]["since"] == "2026-11-23T11:59:55.000Z"
    assert "since" not in found["inner"]


async def test_an_ad_server_gets_exportable_segments_of_those_who_agreed(site):
    await saved(site, userId="u1")
    await saved(site, userId="u2", consent=False)
    await entered(site, "u:u1")

    assert (await segments(site, "user_id:u1", "?format=gam"))["keyValues"]["seg"] == ["savers"]
    assert (await segments(site, "user_id:u2", "?format=gam"))["keyValues"]["seg"] == []
    assert (await segments(site, "user_id:u1", "?format=gam", sec_gpc="1"))["keyValues"]["seg"] == []
    assert (await segments(site, "user_id:u1", "?format=gam&tc=nonsense"))["keyValues"]["seg"] == []
    assert (await segments(site, "user_id:u1", "?format=gam&gpp=DBABMA~x"))["keyValues"]["seg"] == []
    assert (await segments(site, "user_id:u1", "?format=ortb2"))["user"]["data"][0]["segment"] == [{"id": "338"}]


async def test_a_segment_of_too_few_people_does_not_leave_the_house():
    async with Door(options={"least_members": 2}).open() as door:
        door.current.segments = load_segments(SEGMENTS, "segments.yaml")
        await saved(door, userId="u1")
        await entered(door, "u:u1")

        assert (await segments(door, "user_id:u1", "?format=gam"))["keyValues"]["seg"] == []
        assert (await segments(door, "user_id:u1"))["segments"]
        assert (await door.get("/v1/segments/savers/members")).status_code == 403


async def test_an_unknown_shape_is_malformed(site):
    assert (await site.get("/v1/profiles/user_id:u1/segments?format=xml")).json()["code"] == "malformed"


async def test_what_has_not_changed_is_not_sent_again(site):
    await saved(site, userId="u1")
    first = await site.get("/v1/profiles/user_id:u1/segments")
    site.clock.now += 20_000

    again = await site.get("/v1/profiles/user_id:u1/segments", if_none_match=first.headers["etag"])

    assert first.headers["cache-control"] == "private, max-age=30"
    assert (again.status_code, again.content) == (304, b"")


async def test_many_people_are_looked_up_in_one_call(site):
    await saved(site, userId="u1")

    answer = await site.post("/v1/segments/lookup", {"ids": ["user_id:u1", "user_id:never"]}, key="sk_demo")

    found = answer.json()["results"]
    assert [(each["id"], each["known"], len(each["segments"])) for each in found] == [
        ("user_id:u1", True, 2),
        ("user_id:never", False, 0),
    ]
    assert (await site.post("/v1/segments/lookup", {"ids": ["x"] * 101}, key="sk_demo")).status_code == 400


async def test_segments_profile_api_is_answered_in_its_own_shape(site):
    await saved(site, userId="u1")

    answer = await site.get("/v1/spaces/s1/collections/users/profiles/user_id:u1/traits?class=audience")

    assert answer.json()["traits"] == {"inner": True, "savers": True}
    assert answer.json()["cursor"]["has_more"] is False


async def test_members_are_exported_by_hashed_address_and_user_id(site):
    for number, user in enumerate(("u1", "=u2", "u3")):
        await site.post("/v1/identify", {"userId": user, "traits": {"email": " Ada+x@Gmail.com "}}, key="sk_demo")
        await saved(site, userId=user, consent=user != "u3")
        await entered(site, f"u:{user}", at=NOON + number)

    answer = await site.get("/v1/segments/savers/members")
    later = await site.get("/v1/segments/savers/members?changed_since=2026-11-23T12:00:00.001Z&format=ndjson")
    gmail = await site.get("/v1/segments/savers/members?normalise=gmail")

    lines = answer.text.splitlines()
    addresses = [sha256(address).hexdigest() for address in (b"ada+x@gmail.com", b"ada@gmail.com")]
    assert lines[0] == "email_sha256,user_id,entered_at"
    assert [line.split(",")[1:] for line in lines[1:]] == [
        ["u1", "2026-11-23T12:00:00.000Z"],
        ["'=u2", "2026-11-23T12:00:00.001Z"],
    ]
    assert [text.splitlines()[1].split(",")[0] for text in (answer.text, gmail.text)] == addresses
    assert [line.split('"candidate":"')[1][:4] for line in later.text.splitlines()] == ["u:=u"]


@pytest.mark.parametrize(("key", "status"), [("never", 404), ("inner", 403)])
async def test_a_segment_that_is_not_for_export_is_not_exported(site, key, status):
    assert (await site.get(f"/v1/segments/{key}/members")).status_code == status


async def test_an_ad_server_is_answered_with_nothing_when_the_store_hangs():
    class Hanging(MemoryStore):
        async def identities(self, candidates):
            await asyncio.sleep(30)
            return await super().identities(candidates)

    async with Door(store=Hanging()).open() as door:
        answer = await door.get("/v1/profiles/user_id:u1/segments?format=gam")

    assert (answer.status_code, answer.json()) == (200, {"keyValues": {"seg": []}})
    assert answer.headers["cache-control"] == "no-store"


@pytest.fixture
async def sold():
    """The site with an ad server that may read one segment."""
    keys = KeyRing((*demo_keys(), Key("ads", "ad", digest_of("ad_1"), segments=("savers",))))
    async with Door(options={"gate": a_gate(keys)}).open() as door:
        door.current.segments = load_segments(SEGMENTS.replace("Inner circle", "Inner\n    exportable: true"), "s.yaml")
        door.offer(a_job("j1"))
        yield door


@pytest.mark.parametrize("shape", ["plain", "gam", "ortb2", "pps"])
async def test_an_ad_token_reads_its_own_segments_of_a_browser_that_agreed(sold, shape):
    await saved(sold, anonymousId="agreed")
    await saved(sold, anonymousId="silent", consent=False)
    await entered(sold, "a:agreed")
    await entered(sold, "a:agreed", segment="inner", version=2)

    told = await segments(sold, "anonymous_id:agreed", f"?format={shape}", key="ad_1")
    silent = await segments(sold, "anonymous_id:silent", f"?format={shape}", key="ad_1")
    nobody = await segments(sold, "anonymous_id:nobody", f"?format={shape}", key="ad_1")
    assert "savers" in str(told) or "338" in str(told)
    assert "inner" not in str(told)
    assert "since" not in str(told)
    assert silent == nobody


async def test_an_ad_token_is_told_nothing_by_a_users_id_or_a_claimed_one(sold):
    await saved(sold, userId="u1")
    await entered(sold, "u:u1")
    await sold.post("/v1/page", {"userId": "u1", "anonymousId": "claims-to-be-u1"}, key="pk_demo")
    await sold.fold()

    for name in ("user_id:u1", "anonymous_id:claims-to-be-u1"):
        assert (await segments(sold, name, key="ad_1"))["segments"] == []
