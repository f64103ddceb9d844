import asyncio

import pytest

from profiles.memory_store import MemoryStore
from profiles.store import StoreUnavailable
from schemas.topics import Topic
from tests.unit.api.doors import Door, a_hero, a_job

CLERK = a_job("clerk", title="Office Clerk", categories=("Clerical",), skills=("filing",), occupation="Office Clerks")
JOBS = [*(a_job(f"nurse-{number}", days_old=number + 1) for number in range(8)), CLERK]


class Away(MemoryStore):
    """A store that cannot be asked while `away` is set."""

    away = False
    delay = 0.0

    async def _check(self):
        await asyncio.sleep(self.delay)
        if self.away:
            raise StoreUnavailable("away")

    async def kept(self, candidate):
        await self._check()
        return await super().kept(candidate)

    async def note_answers(self, answers):
        await self._check()
        return await super().note_answers(answers)

    async def sections(self, keys):
        await self._check()
        return await super().sections(keys)

    async def identities(self, candidates):
        await self._check()
        return await super().identities(candidates)


@pytest.fixture
async def site():
    async with Door(store=Away()).open() as door:
        door.offer(*JOBS, content=(a_hero(),))
        await asyncio.sleep(0.01)
        yield door


async def sent(door, event, job=None, *, key="pk_demo", **who):
    properties = {"job_id": job} if job else {}
    answer = await door.post("/v1/track", {"event": event, "properties": properties, **(who or VISITOR)}, key=key)
    assert answer.status_code == 200, answer.text
    await door.fold()
    return answer.json()["after"]


VISITOR = {"anonymousId": "a1"}


def ids(answer, place=0):
    return [item["id"] for item in answer["choices"][place]["items"]]


async def test_choices_stand_in_the_order_asked_one_for_each_selector(site):
    answer = await site.decide("hero", {"name": "jobs", "count": 3}, "gone", user=VISITOR)

    assert [choice["selector"] for choice in answer["choices"]] == ["hero", "jobs", "gone"]
    assert answer["choices"][2] == {"selector": "gone", "type": "NONE", "reason": "unknown_selector"}
    assert answer["choices"][0]["variation"] == {"id": "hero-1", "name": "Care for Brooklyn"}
    assert answer["choices"][0]["payload"] == {"type": "JSON", "data": {"headline": "Hi"}}
    assert len(ids(answer, 1)) == 3


async def test_an_unknown_visitor_is_answered_by_the_sites_rung_and_not_called_degraded(site):
    answer = await site.decide("jobs", user=VISITOR)

    choice = answer["choices"][0]
    assert (choice["rung"], choice["source"], choice["degraded"]) == ("site", "popular", False)
    assert answer["profile"] == {"known": False, "version": 0, "id": "a:a1"}


async def test_a_visitor_reads_their_own_clicks(site):
    before = await site.decide("jobs", user=VISITOR)
    after = await sent(site, "Job Viewed", "clerk")

    answer = await site.decide("jobs", user=VISITOR, after=after, options={"explain": True})

    assert answer["profile"]["known"]
    assert answer["choices"][0]["rung"] == "live"
    assert ids(answer) != ids(before)
    assert all("text" in reason for item in answer["choices"][0]["items"] for reason in item["reasons"])
    assert answer["warnings"] == []


async def test_what_is_dismissed_or_applied_for_is_gone(site):
    await sent(site, "Job Dismissed", "nurse-0")
    await sent(site, "Application Submitted", "nurse-1")

    shown = ids(await site.decide({"name": "jobs", "count": 20}, user=VISITOR))

    assert shown
    assert not {"nurse-0", "nurse-1"} & set(shown)


async def test_an_event_that_does_not_come_is_waited_for_within_the_budget_only(site):
    loop = asyncio.get_running_loop()
    began = loop.time()

    answer = await site.decide("jobs", user=VISITOR, after="c0-999", options={"budgetMs": 40})

    assert loop.time() - began < 1
    assert answer["choices"][0]["degraded"]
    assert [warning["code"] for warning in answer["warnings"]] == ["after_not_reached"]
    assert ids(answer)


async def test_a_token_of_somebody_elses_is_not_waited_for(site):
    answer = await site.decide("jobs", user=VISITOR, after="nonsense")

    assert [warning["code"] for warning in answer["warnings"]] == ["unknown_after"]


async def test_without_the_store_the_last_good_decision_speaks_and_still_obeys_the_request(site):
    await sent(site, "Job Viewed", "clerk")
    good = ids(await site.decide("jobs", user=VISITOR))
    site.store.away = True

    answer = await site.decide({"name": "jobs", "exclude": good[:1]}, user=VISITOR)

    choice = answer["choices"][0]
    assert (choice["rung"], choice["degraded"], choice["source"]) == ("last_good", True, "model")
    assert good[0] not in ids(answer)
    assert ids(answer)


async def test_the_last_good_decision_speaks_only_where_it_has_what_is_asked_for(site):
    await sent(site, "Job Viewed", "clerk")
    await site.decide("jobs", user=VISITOR)
    site.store.away = True

    rungs = [(await site.decide(*asked, user=VISITOR))["choices"][-1]["rung"] for asked in (["jobs"], ["jobs", "hero"])]

    assert rungs == ["last_good", "site"]


async def test_without_the_store_a_stranger_is_answered_by_the_site(site):
    site.store.away = True

    choice = (await site.decide("jobs", user=VISITOR))["choices"][0]

    assert (choice["rung"], choice["degraded"]) == ("site", True)
    assert choice["items"]


async def test_a_store_that_hangs_costs_the_budget_and_no_more(site):
    site.store.delay = 30.0
    loop = asyncio.get_running_loop()
    began = loop.time()

    choice = (await site.decide("jobs", user=VISITOR, options={"budgetMs": 25}))["choices"][0]

    assert loop.time() - began < 1
    assert choice["degraded"]


async def test_waiting_for_a_store_that_hangs_is_told_as_reading_the_profile(site):
    site.store.delay = 30.0

    answer = await site.post("/v1/decide", {"selectors": ["jobs"], "user": VISITOR, "options": {"budgetMs": 200}})

    profile, score, _ = (float(part.partition("=")[2]) for part in answer.headers["server-timing"].split(", "))
    assert profile > score


async def test_when_the_pipeline_breaks_the_curated_list_speaks(site):
    class Broken:
        name = "broken"
        intercept = 0.0

        def score(self, *_):
            raise ZeroDivisionError

        contributions = score

    site.current.model = Broken()

    answer = await site.decide("jobs", "hero", user=VISITOR)

    assert [(choice["rung"], choice["source"]) for choice in answer["choices"]] == [("curated", "default")] * 2
    assert ids(answer)[0] in {"nurse-0", "clerk"}


async def test_when_the_pipeline_breaks_for_a_known_person_a_lower_rung_speaks(site):
    await sent(site, "Job Viewed", "clerk")
    site.current.model = None

    assert (await site.decide("jobs", user=VISITOR))["choices"][0]["rung"] == "curated"


async def test_an_empty_catalogue_is_no_error(door):
    answer = await door.decide("jobs", "hero", user=VISITOR)

    assert answer["choices"][0]["items"] == []
    assert answer["choices"][1] == {"selector": "hero", "type": "NONE", "reason": "nothing_to_show"}


async def test_a_posting_deleted_a_moment_ago_is_gone_from_every_stored_decision(site):
    await sent(site, "Job Viewed", "clerk")
    first = ids(await site.decide("jobs", user=VISITOR))[0]
    site.catalog.apply_job(first, None)

    assert first not in ids(await site.decide("jobs", user=VISITOR))


async def test_a_publishable_key_never_reads_what_came_in_under_another_id(site):
    await sent(site, "Job Dismissed", "nurse-0", key="sk_demo", userId="u1")

    claimed = await site.decide({"name": "jobs", "count": 20}, user={"userId": "u1", "anonymousId": "a1"})
    alone = await site.decide({"name": "jobs", "count": 20}, user={"userId": "u1"})
    known = await site.decide({"name": "jobs", "count": 20}, user={"userId": "u1"}, key="sk_demo")

    assert not claimed["profile"]["known"]
    assert not alone["profile"]["known"]
    assert "nurse-0" in ids(claimed)
    assert "nurse-0" in ids(alone)
    assert known["profile"]["known"]
    assert "nurse-0" not in ids(known)
    assert [warning["code"] for warning in claimed["warnings"]] == ["user_id_not_used"]


async def test_a_publishable_key_stays_with_its_own_id_even_when_the_ids_are_linked(site):
    await sent(site, "Job Dismissed", "nurse-0", key="sk_demo", userId="u1")
    await site.post("/v1/identify", {"userId": "u1", "anonymousId": "a1"}, key="sk_demo")
    await site.fold()

    own = await site.decide({"name": "jobs", "count": 20}, user=VISITOR)
    merged = await site.decide({"name": "jobs", "count": 20}, user=VISITOR, key="sk_demo")

    assert "nurse-0" in ids(own)
    assert "nurse-0" not in ids(merged)
    site.store.away = True
    assert "nurse-0" in ids(await site.decide({"name": "jobs", "count": 20}, user=VISITOR))


@pytest.mark.parametrize(
    "refusal",
    [
        {"context": {"consent": {"categoryPreferences": {"personalization": False}}}},
        {"context": {"consent": {"categoryPreferences": {}}}},
        {"gpc": "1"},
    ],
)
async def test_without_consent_the_answer_is_a_strangers_and_nothing_is_kept(site, refusal):
    await sent(site, "Job Dismissed", "nurse-0")
    headers = {"sec-gpc": refusal.get("gpc", "0")}
    body = {"selectors": ["jobs"], "context": refusal.get("context", {})}
    logged = len(site.log.of(Topic.DECISIONS))

    person = (await site.post("/v1/decide", {**body, "user": VISITOR}, **headers)).json()
    stranger = (await site.post("/v1/decide", {**body, "user": {"anonymousId": "never"}}, **headers)).json()
    await asyncio.sleep(0.2)

    assert person["choices"][0]["source"] == "default"
    assert person["profile"] == {"known": False, "version": 0}
    assert ids(person) == ids(stranger)
    assert "a:a1" not in str([record.value for record in site.log.of(Topic.DECISIONS)[logged:]])


async def test_a_request_sent_twice_is_answered_once(site):
    first = await site.decide("jobs", user=VISITOR, requestId="r1")
    await sent(site, "Job Dismissed", ids(first)[0])

    again = await site.decide("jobs", user=VISITOR, requestId="r1")
    other = await site.decide("jobs", user={"anonymousId": "a2"}, requestId="r1")

    assert again == first
    assert other["choices"][0]["decisionId"] != first["choices"][0]["decisionId"]


async def test_the_answer_is_never_cached_and_says_where_its_time_went(site):
    answer = await site.post("/v1/decide", {"selectors": ["jobs"], "user": VISITOR})

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["server-timing"].startswith("profile;dur=")
    assert "score;dur=" in answer.headers["server-timing"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"selectors": []},
        {"selectors": ["jobs"] * 11},
        {"selectors": [{"name": "jobs", "count": 101}]},
        {"selectors": [{"count": 1}]},
        {"selectors": ["jobs"], "user": 3},
        {"selectors": ["jobs"], "options": {"budgetMs": 100_000}},
        b"{",
        b"\xff",
    ],
)
async def test_a_malformed_request_is_told_where(site, body):
    answer = await site.post("/v1/decide", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_a_request_over_64_kb_is_refused(site):
    assert (await site.post("/v1/decide", {"selectors": ["jobs"], "context": {"x": "y" * 70_000}})).status_code == 413


async def test_members_of_the_items_come_with_them_when_asked_for(site):
    answer = await site.decide(
        {"name": "jobs", "properties": ["title", "city", "employmentTypes", "nothing"]}, user=VISITOR
    )

    assert answer["choices"][0]["items"][0]["properties"] == {
        "title": "Registered Nurse",
        "city": "Brooklyn",
        "employmentTypes": ["FULL_TIME"],
    }


async def test_the_next_page_goes_on_behind_the_first(site):
    first = await site.decide({"name": "jobs", "count": 4}, user=VISITOR)
    second = await site.decide({"name": "jobs", "count": 4, "next": first["choices"][0]["next"]}, user=VISITOR)

    assert len(ids(first)) == len(ids(second)) == 4
    assert not set(ids(first)) & set(ids(second))


async def test_an_edge_asks_with_a_get(site):
    answer = await site.get("/v1/decide?selector=hero&anonymousId=a1&url=https://careers.example/", key="pk_demo")

    assert answer.json()["choices"][0]["selector"] == "hero"
    assert (await site.get("/v1/decide?selector=jobs&count=2&anonymousId=a1")).json()["choices"][0]["items"][1]


async def test_a_served_decision_is_logged_and_can_be_explained(site):
    await sent(site, "Job Viewed", "clerk")
    await sent(site, "Job Dismissed", "nurse-0")
    answer = await site.decide("jobs", user=VISITOR)
    await asyncio.sleep(0.2)

    told = (await site.get(f"/v1/decisions/{answer['choices'][0]['decisionId']}")).json()

    assert told["decisionId"] == answer["choices"][0]["decisionId"]
    assert [item["id"] for item in told["items"]] == ids(answer)
    assert any(reason["text"] for item in told["items"] for reason in item["reasons"])
    assert set(ids(answer)) & set(told["considered"])
    assert told["removed"]["nurse-0"]
    assert told["versions"]["model"]
    assert told["rung"] == "live"


async def test_the_log_of_decisions_is_read_with_a_secret_key_only(site):
    assert (await site.get("/v1/decisions/000-000000000000-000000000000", key="pk_demo")).status_code == 403
    assert (await site.get("/v1/decisions/000-000000000000-000000000000")).status_code == 404


async def test_an_engagement_says_the_same_as_events(site):
    answer = await site.decide({"name": "jobs", "count": 3}, "hero", user=VISITOR)
    jobs, hero = answer["choices"]
    body = {
        "user": VISITOR,
        "engagements": [
            {"type": "IMP", "decisionId": jobs["decisionId"]},
            {"type": "SLOT_CLICK", "decisionId": jobs["decisionId"], "slotIds": [jobs["items"][1]["slotId"]]},
            {"type": "IMP", "decisionId": hero["decisionId"]},
            {"type": "REWARD", "decisionId": jobs["decisionId"], "value": 1},
            {"type": "CLICK", "decisionId": "000-000000000000-000000000000"},
        ],
    }

    told = (await site.post("/v1/engagements", body)).json()

    assert told["success"]
    assert told["unknown"] == [4]
    events = {message.event: message for message in site.messages()}
    assert events["Job Shown"].properties["job_ids"] == ids(answer)
    assert events["Job Viewed"].properties["job_id"] == ids(answer)[1]
    assert events["Content Shown"].properties["content_id"] == "hero-1"
    assert all(message.properties["decision_id"] for message in site.messages())


async def test_implied_events_are_written_behind_the_answer(site):
    options = {"implicitImpression": True, "implicitPageview": True}

    answer = await site.decide("jobs", user=VISITOR, context={"page": {"path": "/jobs"}}, options=options)
    await asyncio.sleep(0.05)

    found = {message.type: message for message in site.messages()}
    assert found["page"].properties["path"] == "/jobs"
    assert found["track"].properties["job_ids"] == ids(answer)


async def test_decisions_made_for_one_visitor_are_not_logged_again_for_each_page(site):
    for _ in range(5):
        await site.decide("jobs", user=VISITOR)
    await asyncio.sleep(0.2)

    kinds = [b'"kind":"decided"' in record.value for record in site.log.of(Topic.DECISIONS)]
    assert (kinds.count(True), kinds.count(False)) == (1, 5)


async def test_an_answer_says_when_its_decision_was_made_and_how_old_it_is(site):
    await sent(site, "Job Viewed", "nurse-1")
    fresh = await site.decide("jobs", user=VISITOR)
    site.store.away = True
    site.clock.now += 1250
    last_good = await site.decide("jobs", user=VISITOR)

    assert (fresh["ageMs"], fresh["madeAt"]) == (0, fresh["decidedAt"])
    assert (last_good["ageMs"], last_good["madeAt"]) == (1250, fresh["decidedAt"])
