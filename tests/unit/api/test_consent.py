"""What is kept of whom: nothing without consent, and nothing more once it is taken back."""

import pytest

from schemas.privacy import Privacy
from schemas.tcf import Vendor
from schemas.topics import Topic
from tests.unit.api.doors import Door, a_job
from tests.unit.schemas.test_consent import a_tc_string

VIEW = {"type": "track", "event": "Job Viewed", "anonymousId": "a1", "properties": {"job_id": "nurse-0"}}
YES, NO = ({"consent": {"categoryPreferences": {"personalization": said}}} for said in (True, False))


@pytest.fixture
async def silent():
    """A site that grants nothing by itself."""
    door = Door(options={"privacy": Privacy()})
    door.offer(*(a_job(f"nurse-{number}", days_old=number + 1) for number in range(6)))
    async with door.open():
        yield door


@pytest.fixture
async def granting():
    door = Door()
    door.offer(*(a_job(f"nurse-{number}", days_old=number + 1) for number in range(6)))
    async with door.open():
        yield door


async def track(door, message, **headers):
    return (await door.post("/v1/track", message, **headers)).json()


async def test_what_nobody_consented_to_never_reaches_kafka(silent):
    answer = await track(silent, VIEW)

    assert answer == {"success": True, "withheld": [{"index": 0, "code": "no_consent"}]}
    assert silent.log.records == []


async def test_what_was_consented_to_counts(silent):
    await track(silent, {**VIEW, "context": YES})

    assert [message.consent for message in silent.messages()] == [{"personalization": True}]


async def test_a_batch_keeps_what_was_consented_to_and_names_what_was_not(silent):
    batch = [{**VIEW, "context": YES}, VIEW, {**VIEW, "context": NO}]
    answer = (await silent.post("/v1/batch", {"batch": batch})).json()

    assert [each["index"] for each in answer["withheld"]] == [1, 2]
    assert len(silent.messages()) == 1


async def test_who_agreed_once_need_not_be_asked_with_every_message(silent):
    await track(silent, {"event": "Segment Consent Preference Updated", "anonymousId": "a1", "context": YES})
    await silent.fold()

    await track(silent, VIEW)
    await track(silent, {**VIEW, "anonymousId": "a2"})

    assert [message.candidate_id for message in silent.messages() if message.event == "Job Viewed"] == ["a:a1"]


async def test_a_no_in_the_message_beats_a_yes_from_before(silent):
    await track(silent, {"event": "Segment Consent Preference Updated", "anonymousId": "a1", "context": YES})
    await silent.fold()

    assert "withheld" in await track(silent, {**VIEW, "context": NO})


async def test_an_application_counts_without_consent_for_the_candidate_takes_it(silent):
    applied = {"event": "Application Submitted", "anonymousId": "a1", "properties": {"job_id": "nurse-0"}}

    assert "withheld" not in await track(silent, applied)


async def test_a_browser_that_signals_gpc_is_not_followed(granting):
    assert "withheld" in await track(granting, VIEW, sec_gpc="1")


@pytest.mark.parametrize(("vendors", "kept"), [([2, 755], True), ([2, 9], False)])
async def test_a_consent_string_counts_only_for_a_controller_that_is_among_its_vendors(vendors, kept):
    text = a_tc_string(1, 3, 4, 5, 6, 7, 8, 9, 10, vendors=vendors)
    door = Door(options={"privacy": Privacy(vendor=Vendor(755))})
    async with door.open():
        told = await track(door, {**VIEW, "context": {"consent": {"tcString": text}}})

    assert ("withheld" not in told) is kept


@pytest.mark.parametrize("source", ["resume", "portfolio"])
async def test_what_a_document_says_needs_its_own_yes(granting, source):
    identify = {"anonymousId": "a1", "traits": {"headline": "Nurse"}}
    asked = {"categoryPreferences": {"personalization": True, source: True}}

    refused = await granting.post("/v1/identify", {**identify, "context": {"dataSource": source}})
    taken = await granting.post("/v1/identify", {**identify, "context": {"dataSource": source, "consent": asked}})

    assert "withheld" in refused.json()
    assert "withheld" not in taken.json()


async def test_a_photo_is_never_kept_whatever_is_consented_to(granting):
    asked = {"categoryPreferences": {"personalization": True, "photo": True}}
    identify = {"anonymousId": "a1", "traits": {"face": "x"}, "context": {"dataSource": "photo", "consent": asked}}

    assert "withheld" in (await granting.post("/v1/identify", identify)).json()


async def test_of_mail_only_that_there_was_contact_is_kept(granting):
    asked = {"categoryPreferences": {"personalization": True, "correspondence": True}}
    told = {"last_contacted_at": "2026-11-01", "subject": "Your salary", "body": "secret"}
    await granting.post(
        "/v1/identify",
        {"anonymousId": "a1", "traits": told, "context": {"dataSource": "correspondence", "consent": asked}},
    )
    await granting.fold()

    profile = (await granting.get("/v1/profiles/anonymous_id:a1")).json()

    assert profile["traits"] == {"last_contacted_at": "2026-11-01"}


async def test_an_unknown_source_of_traits_is_refused_by_name(granting):
    identify = {"anonymousId": "a1", "traits": {"a": 1}, "context": {"dataSource": "rumour"}}
    answer = (await granting.post("/v1/identify", identify)).json()

    assert answer["rejected"][0]["code"] == "unknown_data_source"


def shown(answer):
    """Everything that an answer tells but the ids that are new each time."""
    hidden = {"requestId", "decisionId", "slotId", "decidedAt"}

    def plain(value):
        if isinstance(value, dict):
            return {name: plain(member) for name, member in value.items() if name not in hidden}
        return [plain(member) for member in value] if isinstance(value, list) else value

    told = plain(answer)
    told["profile"].pop("id", None)
    return told


@pytest.mark.parametrize("name", ["personalization", "behaviour"])
async def test_consent_taken_back_changes_the_very_next_decision_to_a_strangers(granting, name):
    await track(granting, {**VIEW, "event": "Job Dismissed"})
    await granting.fold()
    body = {"options": {"explain": True}}
    before = await granting.decide("jobs", user={"anonymousId": "a1"}, **body)
    consent = {"categoryPreferences": {"personalization": name != "personalization", "behaviour": False}}
    update = {"event": "Segment Consent Preference Updated", "anonymousId": "a1", "context": {"consent": consent}}
    after = (await track(granting, update))["after"]
    await granting.fold()

    person = await granting.decide("jobs", user={"anonymousId": "a1"}, after=after, **body)
    stranger = await granting.decide("jobs", user={"anonymousId": "never"}, **body)

    assert shown(before) != shown(stranger)
    assert shown(person) == shown(stranger)


async def test_a_decision_of_somebody_who_was_not_asked_is_not_logged_under_their_id():
    door = Door(options={"privacy": Privacy()})
    door.offer(a_job())
    async with door.open():
        await door.decide("jobs", user={"anonymousId": "unasked"})
        await door.decide("jobs", user={"anonymousId": "asked"}, context=YES)

    logged = {record.key for record in door.log.of(Topic.DECISIONS)}

    assert b"a:asked" in logged
    assert b"a:unasked" not in logged


@pytest.mark.parametrize("refused", ["personalization", "behaviour", "resume"])
async def test_an_answer_from_before_a_withdrawal_told_by_an_event_is_not_repeated(granting, refused):
    await track(granting, VIEW)
    await granting.fold()
    asked = {"user": {"anonymousId": "a1"}, "requestId": "r1"}
    before = await granting.decide("jobs", **asked)
    assert await granting.decide("jobs", **asked) == before

    told = {"consent": {"categoryPreferences": {refused: False}}}
    await track(granting, {"event": "Segment Consent Preference Updated", "anonymousId": "a1", "context": told})
    await granting.fold()
    after = await granting.decide("jobs", **asked)

    assert before["profile"]["known"]
    assert after["profile"]["known"] == (refused == "resume")
    assert after["choices"][0]["decisionId"] != before["choices"][0]["decisionId"]


async def test_a_user_hears_no_answer_from_before_what_their_browser_took_back(granting):
    await granting.post("/v1/track", {**VIEW, "userId": "ada"}, key="sk_demo")
    await granting.fold()
    asked = {"user": {"userId": "ada"}, "requestId": "r1"}
    before = await granting.decide("jobs", key="sk_demo", **asked)

    await track(granting, {"event": "Segment Consent Preference Updated", "anonymousId": "a1", "context": NO})
    await granting.fold()
    after = await granting.decide("jobs", key="sk_demo", **asked)

    assert (before["profile"]["known"], after["profile"]["known"]) == (True, False)
