"""Everything that pages got is scored again from the log alone: made here or taken from a decision, filled up, beside a posting."""

import asyncio

import orjson
import pytest

from careerstream.recomputing import Recomputing
from profiles.store import StoreUnavailable
from schemas.topics import Topic
from scorers.models import PriorModel
from scorers.overrides import Overrides
from scorers.trained import usable_model
from tests.unit.api.doors import Door, a_hero, a_job
from tests.unit.scorers.test_trained import a_model

VISITORS = 60
MODELS = {model.name: model for model in (PriorModel(), usable_model(a_model()))}


@pytest.fixture
async def site():
    async with Door().open() as door:
        jobs = [a_job(f"nurse-{number}", days_old=number + 1) for number in range(8)]
        door.offer(*jobs, a_job("clerk", title="Office Clerk", categories=("Clerical",)), content=(a_hero(),))
        yield door


async def recomputed(door, records, change=lambda value: value):
    """Score what the log holds again, as soon as it holds so many records."""
    async with asyncio.timeout(20):
        while len(door.log.of(Topic.DECISIONS)) < records:
            await asyncio.sleep(0.01)
    recomputing = Recomputing(lambda name, _share: MODELS.get(name), Overrides())
    for record in door.log.of(Topic.DECISIONS):
        recomputing.take(change(record.value))
    return recomputing.finish()


async def viewing(door, visitor):
    body = {"event": "Job Viewed", "properties": {"job_id": "nurse-1"}, "anonymousId": visitor}
    assert (await door.post("/v1/track", body)).status_code == 200


@pytest.mark.parametrize("model", MODELS.values(), ids=["prior", "trained"])
async def test_every_answer_of_a_moment_however_many_scores_again_as_it_was_served(site, model):
    site.current.model = model
    for number in range(VISITORS):
        await viewing(site, f"a{number}")
    await site.fold()
    beside = {"name": "jobs", "item": {"jobId": "nurse-2"}}
    named = {"name": "jobs", "candidates": ["clerk", "nurse-7"], "exclude": ["nurse-1"]}
    # The clock stands still: all of these are of one moment.
    for number in range(VISITORS):
        await site.decide("jobs", "hero", beside, named, user={"anonymousId": f"a{number}"})

    found = await recomputed(site, 2 * VISITORS)

    assert (found.differing, found.unfounded) == ([], [])
    assert (found.made, found.served) == (VISITORS, VISITORS)
    sources = {item["source"] for record in served(site) for choice in record["choices"] for item in choice["items"]}
    assert {"similar", "content"} < sources


async def test_what_fills_a_list_up_scores_again_from_what_the_log_says_of_it(site, monkeypatch):
    await viewing(site, "a1")
    await site.fold()
    await site.decide("jobs", user={"anonymousId": "a1"})

    async def away(_candidate):
        raise StoreUnavailable("away")

    # The last good decision knows nothing of what is offered since.
    monkeypatch.setattr(site.store, "decision", away)
    site.offer(*(a_job(f"new-{number}", days_old=0) for number in range(5)))
    body = {"name": "jobs", "candidates": [f"new-{number}" for number in range(5)]}
    answer = await site.decide(body, user={"anonymousId": "a1"}, options={"explain": True})
    found = await recomputed(site, 3)

    choice = answer["choices"][0]
    assert choice["rung"] == "last_good"
    assert {item["source"] for item in choice["items"]} == {"fill"}
    assert {reason["text"] for item in choice["items"] for reason in item["reasons"]} == {
        "Similar to the jobs above it"
    }
    assert (found.served, found.differing, found.unfounded) == (2, [], [])


async def test_a_visitor_of_whom_nothing_is_known_gets_what_scores_again(site):
    await site.decide("jobs", "hero", user={"anonymousId": "somebody-new"})

    found = await recomputed(site, 2)

    assert (found.made, found.served, found.differing, found.unfounded) == (1, 1, [], [])


async def test_an_answer_that_was_changed_or_lost_its_basis_is_told(site):
    await viewing(site, "a1")
    await site.fold()
    await site.decide("jobs", user={"anonymousId": "a1"})

    def forged(value):
        body = orjson.loads(value)
        if body["kind"] == "served":
            body["choices"][0]["items"][0]["score"] += 0.001
        return orjson.dumps(body)

    changed = await recomputed(site, 2, forged)
    lost = await recomputed(site, 2, lambda value: b'{"kind": "other"}' if b'"decided"' in value else value)

    assert [why.split(" was served")[0] for _, why in changed.differing] == [
        served(site)[0]["choices"][0]["items"][0]["id"]
    ]
    assert [name for name, _ in lost.unfounded] == [served(site)[0]["id"]]


def served(door):
    bodies = [orjson.loads(record.value) for record in door.log.of(Topic.DECISIONS)]
    return [body for body in bodies if body["kind"] == "served"]
