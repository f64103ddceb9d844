"""What a no to a single purpose changes: the very next decision, document, export or figure, and nothing else."""

import asyncio

import pytest

from careerstream.recomputing import Recomputing
from profiles.segments import load_segments
from profiles.store import DecisionPut, StoreUnavailable
from schemas.content import Content
from schemas.decision import Decision
from schemas.logged import decode_logged
from schemas.topics import Topic
from scorers.models import PriorModel
from scorers.overrides import Overrides
from scorers.sessions import Sessions
from scorers.trained import usable_model
from tests.unit.api.doors import NOON, Door, a_job, basic
from tests.unit.scorers.test_trained import a_model

TRAINED = usable_model(a_model())
MODELS = {model.name: model for model in (PriorModel(), TRAINED)}
JOBS = [f"nurse-{number}" for number in range(8)]
ADA = {"user": {"userId": "ada"}, "key": "sk_demo"}
MAIL = Content("mail", "message", "By e-mail", priority=2, channel="email")
TEXT = Content("text", "message", "By text message", priority=1, channel="sms")
NOTE = Content("note", "message", "On the page")


@pytest.fixture
async def site():
    async with Door().open() as door:
        door.offer(*(a_job(name, days_old=number + 1) for number, name in enumerate(JOBS)), content=(MAIL, TEXT, NOTE))
        door.current.model = TRAINED
        yield door


async def seen(door, **who):
    await door.post("/v1/track", {"event": "Job Viewed", "properties": {"job_id": JOBS[1]}, **who}, key="sk_demo")
    await door.fold()


async def say(door, folded=True, **consents):
    answer = await door.http.post(
        "/v1/consents", json={"userId": "ada", "consents": consents}, headers=basic("sk_demo")
    )
    assert answer.status_code == 200, answer.text
    if folded:
        await door.fold()


def first(answer):
    choice = answer["choices"][0]
    return choice["model"], choice["source"], [each["code"] for each in answer["warnings"]]


BY_MODEL: tuple[str, str, list[str]] = (TRAINED.name, "model", [])
BY_HAND = ("prior-2", "rule", ["model_refused"])


@pytest.mark.parametrize("folded", [True, False], ids=["folded", "not folded yet"])
async def test_who_refuses_ai_scoring_is_decided_for_by_the_prior_from_the_next_decision_on(site, folded):
    await seen(site, userId="ada")
    assert first(await site.decide("jobs", **ADA)) == BY_MODEL

    await say(site, folded, ai_scoring=False)
    assert first(await site.decide("jobs", **ADA)) == BY_HAND

    site.clock.now += 1_000
    await say(site, folded, ai_scoring=True)
    assert first(await site.decide("jobs", **ADA)) == BY_MODEL


async def test_a_no_in_the_request_holds_for_that_request_and_for_a_stranger_too(site):
    await seen(site, anonymousId="a1")
    no = {"consent": {"categoryPreferences": {"personalization": True, "ai_scoring": False}}}

    for who in ({"anonymousId": "a1"}, {"anonymousId": "nobody-knows"}):
        asked = await site.decide("jobs", user=who, context=no)
        others = await site.decide("jobs", user=who)
        model, _, warned = first(asked)
        assert (model, warned) == ("prior-2", ["model_refused"])
        assert first(others)[0] == TRAINED.name


async def test_what_others_looked_at_is_nothing_to_who_refuses_to_be_scored(site):
    site.current.model, site.current.sessions = PriorModel(), Sessions()
    for visitor in range(200):
        site.current.sessions.put(f"v{visitor}", [JOBS[1], JOBS[6]] if visitor < 20 else ["clerk", "driver"])
    await seen(site, userId="ada")

    async def codes():
        items = (await site.decide("jobs", **ADA, options={"explain": True}))["choices"][0]["items"]
        return {reason["code"] for item in items for reason in item["reasons"]}

    assert "viewed_together" in await codes()
    await say(site, ai_scoring=False)
    assert "viewed_together" not in await codes()


async def test_what_was_decided_without_a_model_scores_again_from_the_log_and_no_challenger_scored_it(site):
    site.current.challenger = TRAINED
    await seen(site, userId="ada")
    await say(site, ai_scoring=False)
    await site.decide("jobs", **ADA)
    recomputing = Recomputing(lambda name, _share: MODELS.get(name), Overrides())
    async with asyncio.timeout(20):
        while len(site.log.of(Topic.DECISIONS)) < 2:
            await asyncio.sleep(0.01)

    for record in site.log.of(Topic.DECISIONS):
        recomputing.take(record.value)
    (made,) = filter(None, (decode_logged(record.value) for record in site.log.of(Topic.DECISIONS)))

    assert made.evidence is not None
    assert (made.decision.model, made.evidence.consents["ai_scoring"], made.evidence.shadow) == ("prior-2", False, None)
    found = recomputing.finish()
    assert (found.made, found.served, found.differing, found.unfounded) == (1, 1, [], [])


async def test_a_last_good_decision_of_the_model_is_not_served_to_who_refuses_it_since(site, monkeypatch):
    await seen(site, userId="ada")
    await site.decide("jobs", **ADA)
    await say(site, ai_scoring=False)

    async def away(_candidate):
        raise StoreUnavailable("away")

    monkeypatch.setattr(site.store, "decision", away)
    choice = (await site.decide("jobs", **ADA))["choices"][0]

    assert (choice["rung"], choice["model"]) == ("site", "prior-2")


@pytest.mark.parametrize(
    ("refused", "chosen"), [((), "mail"), (("email",), "text"), (("sms",), "mail"), (("email", "sms"), "note")]
)
async def test_a_message_is_chosen_for_no_channel_that_was_refused(site, refused, chosen):
    await seen(site, userId="ada")
    before = (await site.decide("message", **ADA))["choices"][0]["items"]
    assert [item["id"] for item in before] == ["mail"]

    if refused:
        await say(site, folded=False, **dict.fromkeys(refused, False))
    after = (await site.decide("message", **ADA))["choices"][0]["items"]

    assert [item["id"] for item in after] == [chosen]


async def test_who_unsubscribed_gets_no_message_by_mail(site):
    await seen(site, userId="ada")
    await site.post("/v1/track", {"event": "Unsubscribed", "userId": "ada"}, key="sk_demo")
    await site.fold()

    assert [item["id"] for item in (await site.decide("message", **ADA))["choices"][0]["items"]] == ["text"]


async def test_who_left_the_talent_pool_is_in_no_export_of_members(site):
    site.current.segments = load_segments(SEGMENTS, "segments.yaml")
    await site.store.put_decisions(
        [DecisionPut(Decision("d1", "u:ada", NOON, {"clicks/u:ada": 1}, ()), {"lookers": NOON})]
    )
    await say(site, advertising=True)

    async def exported():
        answer = await site.get("/v1/segments/lookers/members?format=ndjson")
        assert answer.status_code == 200, answer.text
        return answer.text.count("ada")

    assert await exported() > 0
    await say(site, folded=False, talent_pool=False)
    assert await exported() == 0


SEGMENTS = """
segments:
  lookers:
    name: Lookers
    exportable: true
    when: {count: {event: job_viewed, within: 7d, at_least: 1}}
"""


async def test_a_yes_to_what_nobody_refused_is_no_line_in_the_list(site):
    await say(site, ai_scoring=True, analytics=True)

    assert site.log.of(Topic.ERASURES) == []
