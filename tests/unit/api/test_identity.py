"""Nobody is read by somebody else: every route that tells of a person, with every credential, for own, other's, guessed, unsigned ids."""

import pytest

from api.access import ROUTES
from api.callers import Ids
from api.gate import Gate
from api.keys import demo_keys
from api.visitors import VisitorIds
from schemas.messages import MalformedMessage
from tests.unit.api.credentials import (
    CREDENTIALS,
    a_guarded_door,
    a_token,
    a_visitor,
    guarded,
    visitor_id,
)
from tests.unit.api.doors import VISITOR_KEYS, Door, a_job, basic

OWN, OTHERS = a_visitor(number=1), a_visitor(number=2)
VICTIM_TRAIT = "victim-of-nobody"
PAGE = basic("pk_demo")


@pytest.fixture
async def house():
    """A house in which u1 (the candidate) and u2 (somebody else) are known, by user id, signed and unsigned browser."""
    door = a_guarded_door()
    door.offer(*(a_job(f"j{number}", days_old=number) for number in range(9)))
    async with door.open() as opened:
        for user, browser, unsigned in (("u1", OWN, "sdk-1"), ("u2", OTHERS, "sdk-2")):
            trait = VICTIM_TRAIT if user == "u2" else "mine"
            for body in (
                {"userId": user, "traits": {"city": trait}},
                {"userId": user, "anonymousId": browser, "traits": {"city": trait}},
                {"anonymousId": unsigned, "traits": {"city": trait}},
            ):
                answer = await opened.post("/v1/identify", body, key="sk_demo")
                assert answer.json() == {"success": True, "after": answer.json()["after"]}
            viewed = {"event": "Job Viewed", "properties": {"job_id": "j1"}, "anonymousId": browser}
            await opened.post("/v1/track", viewed)
        await opened.fold()
        yield opened


NAMES = {
    "own": ("user_id:u1", f"anonymous_id:{visitor_id(OWN)}"),
    "other's": ("user_id:u2", f"anonymous_id:{visitor_id(OTHERS)}", f"anonymous_id:{OTHERS}", "anonymous_id:sdk-2"),
    "guessed": ("user_id:u3", "anonymous_id:cs_AAAAAAAAAAAAAAAAAAAAAA", "anonymous_id:sdk-9"),
    "broken": ("user_id:", "email:u2", "u2", "user_id:u1/../u2", "u:u2", f"anonymous_id:{OTHERS[:-1]}"),
}
OF_A_PERSON = [(method, path) for method, path in ROUTES if "{name}" in path]
READS = ("/v1/profiles/{}", "/v1/profiles/{}/segments", "/v1/spaces/s/collections/users/profiles/{}/traits")


@pytest.mark.parametrize("holder", ["publishable", "candidate", "ad", "viewer", "marketer", "operator"])
@pytest.mark.parametrize("whose", ["other's", "guessed", "broken"])
async def test_whoever_may_not_read_people_reads_and_changes_no_other_person(house, holder, whose):
    for name in NAMES[whose]:
        for method, path in OF_A_PERSON:
            answer = await house.http.request(method, path.format(name=name, space="s"), headers=CREDENTIALS[holder])

            assert VICTIM_TRAIT not in answer.text, (holder, method, path, name)
            assert answer.status_code < 500
            assert method == "GET" or answer.status_code in {400, 403, 404}
    assert (await house.get("/v1/profiles/user_id:u2")).json()["traits"] == {"city": VICTIM_TRAIT}


@pytest.mark.parametrize("path", READS)
async def test_to_a_candidate_somebody_else_looks_like_nobody(house, path):
    answers = [
        await house.http.get(path.format(name), headers=CREDENTIALS["candidate"])
        for name in (*NAMES["other's"], *NAMES["guessed"])
    ]

    assert len({(answer.status_code, answer.text) for answer in answers}) == 1


@pytest.mark.parametrize("name", NAMES["own"])
async def test_a_candidate_reads_what_is_held_about_them(house, name):
    answer = await house.http.get(f"/v1/profiles/{name}", headers=CREDENTIALS["candidate"])

    assert answer.json()["traits"] == {"city": "mine"} or name != "user_id:u1"
    assert answer.status_code == 200


async def test_a_page_without_proof_reads_nobody_not_even_its_own_id(house):
    answer = await house.http.get(f"/v1/profiles/anonymous_id:{visitor_id(OWN)}", headers=PAGE)

    assert (answer.status_code, answer.json()["code"]) == (403, "key_may_not")


@pytest.mark.parametrize("proof", [OTHERS[:-2], "sdk-1", visitor_id(OWN), a_visitor(site="another"), "x" * 3000])
async def test_a_visitor_is_whom_the_signature_says_or_nobody(house, proof):
    answer = await house.http.get(f"/v1/profiles/anonymous_id:{visitor_id(OWN)}", headers={**PAGE, "x-visitor": proof})

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")


def pages(door):
    return [message for message in door.messages() if message.type == "page"]


async def decided(door, headers, **user):
    answer = await door.http.post("/v1/decide", json={"selectors": ["jobs"], "user": user}, headers=headers)
    assert answer.status_code == 200
    return answer.json()


async def test_a_signed_id_decides_for_its_browser_and_is_told_back_bare(house):
    answer = await decided(house, PAGE, anonymousId=OWN)

    assert answer["profile"]["known"] is True
    assert answer["profile"]["id"] == f"a:{visitor_id(OWN)}"
    assert answer["warnings"] == []


@pytest.mark.parametrize("sent", [visitor_id(OTHERS), OTHERS[:-1], f"{visitor_id(OTHERS)}.v2.{OWN.rpartition('.')[2]}"])
async def test_an_id_that_was_made_here_is_nobodys_without_its_signature(house, sent):
    answer = await decided(house, PAGE, anonymousId=sent)

    assert answer["profile"]["known"] is False
    assert [warning["code"] for warning in answer["warnings"]] == ["unproven_id"]
    collected = await house.post("/v1/page", {"anonymousId": sent})
    assert [rejected["code"] for rejected in collected.json()["rejected"]] == ["unproven_id"]


async def test_an_sdks_own_id_decides_for_itself_as_it_always_did(house):
    profile = (await decided(house, PAGE, anonymousId="sdk-1"))["profile"]

    assert (profile["id"], profile["known"]) == ("a:sdk-1", True)


async def test_a_logged_in_candidate_decides_for_the_user_and_nobody_else(house):
    token = {**PAGE, "x-user-token": a_token("u1")}

    assert (await decided(house, token, anonymousId="new"))["profile"]["id"] == "u:u1"
    assert (await decided(house, token, userId="u1"))["profile"]["id"] == "u:u1"
    other = await decided(house, token, userId="u2", anonymousId="new")
    assert other["profile"]["id"] == "a:new"
    assert [warning["code"] for warning in other["warnings"]] == ["user_id_not_used"]


async def test_a_token_makes_of_a_claimed_user_id_a_proven_one(house):
    body = {"userId": "u1", "anonymousId": "phone"}
    await house.http.post("/v1/page", json=body, headers={**PAGE, "x-user-token": a_token("u1")})
    await house.http.post("/v1/page", json={**body, "userId": "u2"}, headers={**PAGE, "x-user-token": a_token("u1")})
    proven, claimed = sorted(pages(house), key=lambda page: page.user_id)

    assert (proven.verified, proven.candidate_id) == (True, "u:u1")
    assert (claimed.verified, claimed.candidate_id) == (False, "a:phone")


async def test_a_bearer_token_may_stand_beside_a_write_key(house):
    body = {"userId": "u1", "anonymousId": "phone", "writeKey": "pk_demo"}
    await house.http.post("/v1/page", json=body, headers={"authorization": f"Bearer {a_token('u1')}"})

    assert [page.verified for page in pages(house)] == [True]


async def test_what_a_page_claims_is_no_part_of_the_person_that_a_candidate_reads(house):
    """Else whoever knows a stranger's anonymous id would claim it for their own user id, and read it there."""
    await house.post("/v1/page", {"userId": "u1", "anonymousId": "sdk-2"})
    await house.fold()

    own = await house.http.get("/v1/profiles/user_id:u1", headers=CREDENTIALS["candidate"])
    ours = await house.get("/v1/profiles/user_id:u1")
    exported = await house.http.get("/v1/profiles/user_id:u1/export", headers=CREDENTIALS["candidate"])
    assert exported.status_code == 200
    assert VICTIM_TRAIT not in own.text + exported.text
    assert "a:sdk-2" not in own.json()["ids"]
    assert "a:sdk-2" in ours.json()["ids"]


async def test_where_ids_must_be_signed_a_page_speaks_for_no_other(house):
    async with Door(options={"gate": guarded(only_signed=True)}).open() as strict:
        answer = await decided(strict, PAGE, anonymousId="sdk-1")
        assert [warning["code"] for warning in answer["warnings"]] == ["unsigned_id"]
        for body, code in (
            ({"anonymousId": "sdk-1"}, "unsigned_id"),
            ({"userId": "u2"}, "unproven_user"),
            ({"anonymousId": OWN[:-1]}, "unproven_id"),
        ):
            collected = await strict.post("/v1/page", body)
            assert [rejected["code"] for rejected in collected.json()["rejected"]] == [code]
        assert "rejected" not in (await strict.post("/v1/page", {"anonymousId": OWN})).json()
        assert "rejected" not in (await strict.post("/v1/page", {"anonymousId": "x"}, key="sk_demo")).json()


async def test_a_page_has_an_id_made_that_it_can_prove(house):
    made = (await house.post("/v1/visitors", {})).json()["anonymousId"]

    answer = await house.http.get(f"/v1/profiles/anonymous_id:{visitor_id(made)}", headers={**PAGE, "x-visitor": made})
    assert answer.json()["code"] == "not_found"  # proven, and nothing is held yet


def test_ids_are_told_apart_by_128_bits_and_bound_to_their_site():
    ids = VisitorIds(VISITOR_KEYS)
    made = ids.make("careers", lambda count: b"\x07" * count)

    assert ids.proven(made, "careers") == "cs_BwcHBwcHBwcHBwcHBwcHBw"
    for site in ("", "career", "careers "):
        with pytest.raises(MalformedMessage):
            ids.proven(made, site)


def test_an_older_key_is_believed_until_it_is_taken_out():
    made = VisitorIds({"v1": VISITOR_KEYS["v1"]}).make("", bytes)

    assert VisitorIds(VISITOR_KEYS).proven(made, "")
    with pytest.raises(MalformedMessage):
        VisitorIds({"v2": VISITOR_KEYS["v2"]}).proven(made, "")


async def test_without_a_key_that_signs_no_id_is_made():
    async with Door(options={"gate": Gate(demo_keys(), Ids(VisitorIds({})))}).open() as door:
        answer = await door.post("/v1/visitors", {})

    assert (answer.status_code, answer.json()["code"]) == (501, "not_set_up")
