"""Erasing a person through the door: what goes, what stays away, and who may ask for it."""

import asyncio

import pytest

from api.master_keys import MasterKeys
from api.personal_keys import MemoryPersonalKeys
from api.vault import Vault
from profiles.erasures import NOTHING, encode_standing
from profiles.pseudonym import pseudonym
from schemas.topics import CANDIDATE_TOPICS, Topic
from tests.unit.api.credentials import a_guarded_door, a_token
from tests.unit.api.doors import Door, a_job, basic

EMAIL = "ada@example.com"
VIEW = {"type": "track", "event": "Job Dismissed", "properties": {"job_id": "nurse-0"}}


@pytest.fixture
async def site():
    door = Door()
    door.offer(*(a_job(f"nurse-{number}", days_old=number + 1) for number in range(6)))
    async with door.open():
        await door.post(
            "/v1/identify", {"userId": "ada", "anonymousId": "a1", "traits": {"email": EMAIL}}, key="sk_demo"
        )
        await door.post("/v1/track", {**VIEW, "anonymousId": "a1"})
        await door.fold()
        yield door


async def erase(door, name="user_id:ada", key="sk_demo"):
    return await door.http.delete(f"/v1/profiles/{name}", headers=basic(key))


async def known(door, name):
    return (await door.get(f"/v1/profiles/{name}")).status_code == 200


async def erased(door, **more):
    """Erase while an agent folds."""
    asking = asyncio.create_task(erase(door, **more))
    await asyncio.sleep(0.05)
    await door.fold()
    return await asking


async def test_erasing_a_user_erases_every_browser_of_theirs(site):
    answer = await erased(site)

    assert answer.json() == {"erased": 2, "status": "completed"}
    assert not await known(site, "user_id:ada")
    assert not await known(site, "anonymous_id:a1")
    assert [each async for each in site.store.candidates()] == []


async def test_the_key_is_destroyed_so_that_no_copy_opens(site):
    vault: Vault = site.app.state.ports.vault
    sealed = next(message.traits["email"] for message in site.messages() if message.traits)
    assert await vault.opened({"email": sealed}, ["u:ada"]) == {"email": EMAIL}

    await erased(site)

    assert await vault.opened({"email": sealed}, ["u:ada"]) == {"email": None}


async def test_the_list_holds_a_pseudonym_and_no_id(site):
    await erased(site)
    records = site.log.of(Topic.ERASURES)

    assert {record.key.decode() for record in records} == {pseudonym("u:ada"), pseudonym("a:a1")}
    assert not [record for record in records if b"ada" in record.value or b"a1" in record.key]


async def test_every_topic_of_every_id_is_told(site):
    await erased(site)
    told = {
        (topic, record.key) for topic in CANDIDATE_TOPICS for record in site.log.of(topic) if b'"erase"' in record.value
    }

    assert told == {(topic, key) for topic in CANDIDATE_TOPICS for key in (b"u:ada", b"a:a1")}


async def test_what_comes_late_is_taken_and_dropped(site):
    await erased(site)
    before = len(site.messages())

    answer = await site.post("/v1/track", {**VIEW, "anonymousId": "a1"})

    assert answer.json() == {"success": True}
    assert len(site.messages()) == before


async def test_the_very_next_decision_is_a_strangers_even_while_the_agents_are_behind(site):
    await site.decide("jobs", user={"anonymousId": "a1"})
    ports = site.app.state.ports
    ports.erasures.apply(pseudonym("a:a1"), b'{"suppressed":[[0,null]],"unprofiled":[],"erased":true}')

    answer = await site.decide("jobs", user={"anonymousId": "a1"})

    assert not answer["profile"]["known"]


async def test_erasing_somebody_unknown_is_no_error(site):
    assert (await erased(site, name="user_id:nobody")).json()["erased"] == 1


async def test_a_page_cannot_erase_somebody_it_only_names(site):
    assert (await erase(site, key="pk_demo")).status_code == 403  # without proof a page has no right at all
    assert await known(site, "user_id:ada")


async def test_a_claimed_user_is_not_erased_with_the_browser_that_claimed(site):
    await site.post("/v1/identify", {"userId": "ada", "anonymousId": "thief", "traits": {"plan": "x"}})
    await site.fold()

    await erased(site, name="anonymous_id:thief")

    assert await known(site, "user_id:ada")


async def test_suppression_keeps_what_is_there_and_takes_nothing_new_until_it_ends(site):
    async def regulate(kind):
        body = {"regulationType": kind, "subjectType": "USER_ID", "subjectIds": ["ada"]}
        return (await site.post("/v1/regulations", body, key="sk_demo")).json()["data"]["regulateId"]

    name = await regulate("SUPPRESS_ONLY")
    await site.post("/v1/track", {**VIEW, "userId": "ada", "messageId": "late"}, key="sk_demo")
    assert await known(site, "user_id:ada")
    assert "late" not in [message.message_id for message in site.messages()]

    site.clock.now += 1
    await regulate("UNSUPPRESS")
    site.clock.now += 1
    await site.post("/v1/track", {**VIEW, "userId": "ada", "messageId": "again"}, key="sk_demo")

    assert "again" in [message.message_id for message in site.messages()]
    told = (await site.get(f"/v1/regulations/{name}")).json()["data"]["regulation"]
    assert told["overallStatus"] == "FINISHED"


async def test_an_answer_from_before_is_not_repeated_to_who_was_erased(site):
    asked = {"user": {"anonymousId": "a1"}, "requestId": "r1"}
    before = await site.decide("jobs", **asked)
    await erased(site)

    after = await site.decide("jobs", **asked)

    assert before["profile"]["known"]
    assert not after["profile"]["known"]


async def test_an_answer_from_before_is_not_repeated_to_the_user_of_a_token_who_was_erased():
    door = a_guarded_door()
    door.offer(a_job("nurse-0"))
    asked = {"selectors": ["jobs"], "user": {}, "requestId": "r1"}
    headers = {**basic("pk_demo"), "x-user-token": a_token("ada")}
    async with door.open():
        await door.post("/v1/track", {**VIEW, "userId": "ada"}, key="sk_demo")
        await door.fold()
        before = (await door.http.post("/v1/decide", json=asked, headers=headers)).json()
        door.app.state.ports.erasures.apply(pseudonym("u:ada"), encode_standing(NOTHING.with_erasure()))

        after = (await door.http.post("/v1/decide", json=asked, headers=headers)).json()

    assert before["profile"]["known"]
    assert not after["profile"]["known"]


class SlowKeys(MemoryPersonalKeys):
    """A key store that is asked while somebody is erased."""

    def __init__(self):
        super().__init__()
        self.meanwhile = lambda: None

    async def read(self, names):
        self.meanwhile()
        return await super().read(names)


async def test_what_is_sealed_while_its_person_is_erased_is_not_kept_and_leaves_no_key():
    keys = SlowKeys()
    door = Door(options={"vault": Vault(keys, MasterKeys({"k1": bytes(32)}))})
    async with door.open():
        erasures = door.app.state.ports.erasures
        keys.meanwhile = lambda: erasures.apply(pseudonym("u:ada"), encode_standing(NOTHING.with_erasure()))

        answer = await door.post("/v1/identify", {"userId": "ada", "traits": {"email": EMAIL}}, key="sk_demo")

    assert answer.json() == {"success": True}
    assert door.messages() == []
    assert pseudonym("u:ada") not in keys.kept


async def test_nothing_is_logged_any_more_under_an_erased_id_and_nothing_is_explained():
    door = Door()
    door.offer(a_job("nurse-0"))
    async with door.open():
        await door.post("/v1/track", {**VIEW, "anonymousId": "a1"})
        await door.fold()
        served = (await door.decide("jobs", user={"anonymousId": "a1"}))["choices"][0]["decisionId"]
        async with asyncio.timeout(60):
            while (await door.get(f"/v1/decisions/{served}")).status_code != 200:
                await asyncio.sleep(0.02)
        await erased(door, name="anonymous_id:a1")
        logged = len(door.log.of(Topic.DECISIONS))

        await door.decide("jobs", user={"anonymousId": "a1"})
        await asyncio.sleep(0.5)

        assert b"a:a1" not in [record.key for record in door.log.of(Topic.DECISIONS)[logged:]]
        assert (await door.get(f"/v1/decisions/{served}")).status_code == 404
