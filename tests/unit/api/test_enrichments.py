import pytest

from api.enriching import DOCUMENT_LIMIT, Enriching
from careerstream.documents import SandboxedDocuments
from catalog.understanding.understanding import read_understanding
from schemas.messages import decode_message
from schemas.topics import Topic
from tests.unit.api.doors import Door, basic

RESUME = b"""Jane Doe
Date of Birth: 3 March 1985

EXPERIENCE
Software Engineer, Acme Systems Inc, Jan 2019 - Present
Python, Django, Kafka
"""
GRANTED = {"personalization": True, "behaviour": True, "resume": True}


@pytest.fixture(scope="module")
def enriching():
    return Enriching(SandboxedDocuments(), read_understanding)


@pytest.fixture
async def door(enriching):
    async with Door(options={"enriching": enriching}).open() as opened:
        yield opened


def profiles(door):
    return [decode_message(record.value) for _, record in door.log.records if record.topic is Topic.PROFILES]


async def grant(door, **consents):
    body = {"userId": "u1", "consents": {**GRANTED, **consents}}
    answer = await door.http.post("/v1/consents", json=body, headers=basic("sk_demo"))
    assert answer.status_code == 200
    await door.fold()


async def test_a_resume_is_answered_and_goes_into_the_profile_of_who_granted_it(door):
    await grant(door)
    answer = await door.post("/v1/enrichments?userId=u1", RESUME, key="sk_demo")
    body = answer.json()
    await door.fold()
    person = (await door.get("/v1/profiles/user_id:u1")).json()

    assert body["stored"] is True
    assert body["resume"]["work"][0]["x-onet"] == "15-1252.00"
    assert body["resume"]["x-dropped"] == {"age": 1}
    assert "Django" in str(person)
    assert "1985" not in str(person)


async def test_a_resume_is_not_even_read_for_who_refused_to_have_a_profile_added_to(door):
    await grant(door, enrichment=False)
    before = len(profiles(door))
    answer = await door.post("/v1/enrichments?userId=u1", RESUME, key="sk_demo")

    assert answer.json() == {"resume": {}, "stored": False, "reason": "no_consent"}
    assert len(profiles(door)) == before


async def test_a_refusal_leaves_out_what_a_resume_said_before(door):
    await grant(door)
    await door.post("/v1/enrichments?userId=u1", RESUME, key="sk_demo")
    await door.fold()
    door.clock.now += 1_000
    await grant(door, enrichment=False)

    assert "Django" not in str((await door.get("/v1/profiles/user_id:u1")).json())


async def test_a_resume_that_nobody_consented_to_is_not_kept(door):
    await grant(door, resume=False)
    before = len(profiles(door))
    body = (await door.post("/v1/enrichments?userId=u1", RESUME, key="sk_demo")).json()

    assert (body["stored"], body["reason"]) == (False, "no_consent")
    assert len(profiles(door)) == before


async def test_a_resume_of_nobody_is_only_answered(door):
    body = (await door.post("/v1/enrichments", RESUME, key="sk_demo")).json()

    assert body["stored"] is False
    assert profiles(door) == []


@pytest.mark.parametrize(
    ("document", "status", "code"),
    [(b"%PDF-1.7 broken", 400, "unreadable_document"), (b"{broken", 400, "malformed"), (b"[", 200, None)],
)
async def test_a_document_that_cannot_be_read_is_refused_in_a_sentence(door, document, status, code):
    answer = await door.post("/v1/enrichments", document, key="sk_demo")

    assert answer.status_code == status
    assert answer.json().get("code") == code


async def test_a_document_that_is_too_large_is_refused(door):
    answer = await door.post("/v1/enrichments", b"x" * (DOCUMENT_LIMIT + 1), key="sk_demo")

    assert answer.status_code == 413


async def test_a_page_that_proves_nobody_may_not_hand_over_resumes(door):
    answer = await door.post("/v1/enrichments?userId=u1", RESUME)

    assert answer.status_code == 403


async def test_a_house_without_the_tables_says_so():
    async with Door().open() as plain:
        answer = await plain.post("/v1/enrichments", RESUME, key="sk_demo")

    assert answer.status_code == 501
