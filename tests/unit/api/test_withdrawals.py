"""What an event takes back holds from the collector's answer on: before any agent has folded it, and in every process."""

import asyncio

import pytest

from api.memory_log import MemoryLog
from profiles.memory_store import MemoryStore
from profiles.segments import load_segments
from profiles.store import DecisionPut, StoreUnavailable
from schemas.content import Content
from schemas.topics import Topic
from tests.unit.api.doors import NOON, Door, a_job
from tests.unit.api.test_consent import shown
from tests.unit.schemas.test_consent import a_tc_string

SEGMENTS = """
segments:
  lookers: {name: Lookers, when: {count: {event: job_dismissed, within: 7d, at_least: 1}}}
"""
MAIL = Content("mail", "message", "By e-mail", priority=2, channel="email")
NOTE = Content("note", "message", "On the page")
BROWSER = {"anonymousId": "a1"}
NOTHING_BY_TCF = a_tc_string()
PATIENT = {"budgetMs": 1000}
"""On a busy machine reading takes longer than a page would wait."""
ADA = {"user": {"userId": "ada"}, "key": "sk_demo", "options": PATIENT}


class Store(MemoryStore):
    """Counts what it is asked, and cannot be asked while `away` is set."""

    def __init__(self):
        super().__init__()
        self.away = False
        self.asked: list[str] = []

    def _ask(self, name):
        self.asked.append(name)
        if self.away:
            raise StoreUnavailable("away")

    async def kept(self, candidate):
        self._ask("kept")
        return await super().kept(candidate)

    async def sections(self, keys):
        self._ask("sections")
        return await super().sections(keys)

    async def note_answers(self, answers):
        self._ask("note_answers")
        return await super().note_answers(answers)


def a_door(store, **options):
    door = Door(store=store, **options)
    door.offer(*(a_job(f"nurse-{number}", days_old=number + 1) for number in range(6)), content=(MAIL, NOTE))
    door.current.segments = load_segments(SEGMENTS, "segments.yaml")
    return door


@pytest.fixture
async def site():
    async with a_door(Store()).open() as door:
        yield door


async def track(door, event, *, key="pk_demo", **more):
    answer = await door.post(
        "/v1/track", {"event": event, **(BROWSER if "userId" not in more else {}), **more}, key=key
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def say(door, *, at=None, **consents):
    """Send what a page sends when its visitor answers about consent, at `at` seconds after noon."""
    who = {name: consents.pop(name) for name in ("anonymousId", "userId", "key") if name in consents}
    when = {} if at is None else {"timestamp": f"2026-11-23T12:00:{at:02d}Z"}
    context = {"consent": {"categoryPreferences": consents}}
    return await track(door, "Segment Consent Preference Updated", **who, **when, context=context)


async def decided_for(door, candidate):
    """Do what an agent does: fold, and keep a decision."""
    await door.fold()
    sight = "all" if candidate.startswith("u:") else "own"
    await keep_decision(door, await door.app.state.ports.people.read(candidate, sight=sight))


async def keep_decision(door, person):
    decision, _ = door.app.state.ports.engine.person(person, f"d-{len(door.log.records)}", door.clock())
    await door.store.put_decisions([DecisionPut(decision)])


async def seen(door, **who):
    """Have somebody do something that changes their list, and an agent decide for them."""
    await track(door, "Job Dismissed", properties={"job_id": "nurse-0"}, **who)
    await decided_for(door, f"u:{who['userId']}" if "userId" in who else "a:a1")


@pytest.mark.parametrize("name", ["personalization", "behaviour"])
async def test_a_no_that_no_agent_has_folded_changes_the_very_next_decision_to_a_strangers(site, name):
    await seen(site)
    body = {"options": {**PATIENT, "explain": True}}
    before = await site.decide("jobs", user=BROWSER, **body)

    await say(site, **{"personalization": True, name: False})
    after = await site.decide("jobs", user=BROWSER, **body)
    stranger = await site.decide("jobs", user={"anonymousId": "never"}, **body)

    assert before["profile"]["known"]
    assert shown(before) != shown(stranger)
    assert shown(after) == shown(stranger)


@pytest.mark.parametrize(
    "said", [{"tcString": NOTHING_BY_TCF}, {"gpp": f"DBABMA~{NOTHING_BY_TCF}"}], ids=["TCF", "GPP"]
)
async def test_a_no_may_be_told_by_a_consent_string_and_is_on_record(site, said):
    await seen(site)
    await track(site, "Segment Consent Preference Updated", context={"consent": said})

    decided = await site.decide("jobs", user=BROWSER, options=PATIENT)
    await site.fold()
    folded = await site.decide("jobs", user=BROWSER, options=PATIENT)
    profile = (await site.get("/v1/profiles/anonymous_id:a1")).json()
    records = (await site.get("/v1/profiles/anonymous_id:a1/consent-records")).json()["@graph"]

    assert [each["profile"]["known"] for each in (decided, folded)] == [False, False]
    assert profile["consents"] == {"personalization": False, "analytics": False, "advertising": False}
    assert len(records) == 1


async def test_what_is_decided_meanwhile_is_logged_under_nobodys_id(site):
    await seen(site)
    await say(site, personalization=False)

    answer = await site.decide("jobs", user=BROWSER, options=PATIENT)

    logged = [record for record in site.log.of(Topic.DECISIONS) if answer["requestId"].encode() in record.value]
    assert logged == []


async def test_it_holds_in_every_process_and_for_segments_and_the_profile(site):
    await seen(site)
    async with a_door(site.store, log=site.log).open() as other:
        name = "/v1/profiles/anonymous_id:a1"
        before = (await other.get(f"{name}/segments")).json()
        await say(site, personalization=False)

        decided = await other.decide("jobs", user=BROWSER, options=PATIENT)
        segments = (await other.get(f"{name}/segments")).json()
        profile = (await other.get(name)).json()

    assert [each["key"] for each in before["segments"]] == ["lookers"]
    assert not decided["profile"]["known"]
    assert segments["segments"] == []
    assert profile["consents"] == {"personalization": False}
    assert profile["dismissed"] == {}


async def test_a_no_to_a_single_purpose_holds_too(site):
    await seen(site, userId="ada", key="sk_demo")
    before = await site.decide("message", **ADA)

    await track(site, "Unsubscribed", userId="ada", key="sk_demo")
    after = await site.decide("message", **ADA)

    assert [each["choices"][0]["items"][0]["id"] for each in (before, after)] == ["mail", "note"]
    assert after["profile"]["known"]


async def test_what_a_browser_takes_back_holds_for_the_user_to_whom_it_leads(site):
    await track(site, "Job Viewed", properties={"job_id": "nurse-1"}, anonymousId="a1", userId="ada", key="sk_demo")
    await seen(site, userId="ada", key="sk_demo")
    before = await site.decide("jobs", **ADA)

    await say(site, personalization=False)
    after = await site.decide("jobs", **ADA)

    assert (before["profile"]["known"], after["profile"]["known"]) == (True, False)


async def test_a_later_yes_wins_again_and_a_no_that_comes_late_does_not_overrule_it(site):
    site.clock.now = NOON + 60_000
    await seen(site)
    await say(site, at=10, personalization=False)
    refused = await site.decide("jobs", user=BROWSER, options=PATIENT)
    await say(site, at=30, personalization=True)
    agreed = await site.decide("jobs", user=BROWSER, options=PATIENT)
    await say(site, at=20, personalization=False)
    late = await site.decide("jobs", user=BROWSER, options=PATIENT)
    await site.fold()
    folded = await site.decide("jobs", user=BROWSER, options=PATIENT)

    assert [each["profile"]["known"] for each in (refused, agreed, late, folded)] == [False, True, True, True]


async def test_a_no_that_comes_late_does_not_overrule_a_newer_yes_that_is_folded(site):
    site.clock.now = NOON + 60_000
    await seen(site)
    await say(site, at=30, personalization=True)
    await site.fold()

    await say(site, at=20, personalization=False)

    assert (await site.decide("jobs", user=BROWSER, options=PATIENT))["profile"]["known"]


async def test_once_it_is_folded_and_decided_by_nothing_more_is_asked(site):
    await seen(site, userId="ada", key="sk_demo")
    await track(site, "Unsubscribed", userId="ada", key="sk_demo")
    await site.fold()
    between = await site.decide("message", **ADA)
    await decided_for(site, "u:ada")
    await site.decide("message", **ADA)
    site.store.asked.clear()

    after = await site.decide("message", **ADA)

    assert site.store.asked == ["kept"]
    assert [each["choices"][0]["items"][0]["id"] for each in (between, after)] == ["note", "note"]
    assert (await site.store.kept("u:ada")).answers is None


async def test_a_decision_that_an_agent_makes_before_it_has_folded_the_no_is_not_served(site):
    await seen(site)
    person = await site.app.state.ports.people.read("a:a1", sight="own")
    await say(site, personalization=False)

    await keep_decision(site, person)

    assert not (await site.decide("jobs", user=BROWSER, options=PATIENT))["profile"]["known"]


async def test_while_the_store_is_away_a_no_is_not_taken_and_nothing_reaches_kafka(site):
    await seen(site)
    known = len(site.log.records)
    site.store.away = True

    context = {"consent": {"categoryPreferences": {"personalization": False}}}
    event = {"event": "Segment Consent Preference Updated", **BROWSER, "context": context}
    answer = await site.post("/v1/track", event)

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert len(site.log.records) == known


async def test_the_last_good_decision_from_before_it_is_not_served_when_the_store_goes_away(site):
    await seen(site)
    await site.decide("jobs", user=BROWSER, options=PATIENT)
    await say(site, personalization=False)
    site.store.away = True

    answer = await site.decide("jobs", user=BROWSER, options=PATIENT)

    assert answer["choices"][0]["rung"] == "site"
    assert not answer["profile"]["known"]


async def test_nor_by_another_process_that_served_it_before(site):
    await seen(site, userId="ada", key="sk_demo")
    async with a_door(site.store, log=site.log).open() as other:
        await asyncio.sleep(0)  # it begins to listen
        before = await other.decide("jobs", **ADA)
        await say(site, userId="ada", key="sk_demo", personalization=False)
        site.store.away = True

        async with asyncio.timeout(5):  # the announcement is on its way
            while (answer := await other.decide("jobs", **ADA))["choices"][0]["rung"] == "last_good":
                await asyncio.sleep(0)

    assert before["choices"][0]["rung"] == "live"
    assert answer["choices"][0]["rung"] == "site"
    assert not answer["profile"]["known"]


async def test_events_that_are_no_answer_about_consent_ask_the_store_nothing_for_it(site):
    yes = {"consent": {"categoryPreferences": {"personalization": True, "analytics": False}}}
    site.store.asked.clear()

    for number in range(3):
        await track(site, "Job Viewed", properties={"job_id": f"nurse-{number}"}, context=yes)

    assert site.store.asked == []


async def test_who_is_erased_leaves_nothing_that_they_took_back(site):
    await seen(site, userId="ada", key="sk_demo")
    await track(site, "Unsubscribed", userId="ada", key="sk_demo")

    await site.http.delete("/v1/profiles/user_id:ada", headers={"authorization": "Bearer sk_demo"})

    assert (await site.store.kept("u:ada")).answers is None


class ExchangingLog(MemoryLog):
    """While it appends, Redis is exchanged for one that has not heard of the answers."""

    store: Store

    async def append(self, records):
        for each in ("u:ada", "a:a1"):
            if answers := (await self.store.kept(each)).answers:
                await self.store.settle_answers(each, answers)
        return await super().append(records)


async def test_a_no_is_heeded_though_the_store_was_exchanged_while_the_log_took_it():
    log, store = ExchangingLog(), Store()
    log.store = store
    async with a_door(store, log=log).open() as door:
        await seen(door, userId="ada", key="sk_demo")

        await say(door, userId="ada", key="sk_demo", personalization=False)

        assert not (await door.decide(**ADA))["profile"]["known"]
