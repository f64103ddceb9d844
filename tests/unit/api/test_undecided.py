"""A decision that is kept from before what the sections say now is not served, where nobody can tell that by the store alone."""

import pytest

from api.undecided import Undecided
from tests.unit.api.doors import Door, a_job
from tests.unit.api.test_withdrawals import ADA, BROWSER, Store, decided_for, say, seen, track

USER = {"userId": "ada", "key": "sk_demo"}


@pytest.fixture
async def site():
    undecided = Undecided()
    door = Door(store=Store(), options={"undecided": undecided})
    door.offer(*(a_job(f"nurse-{number}", days_old=number + 1) for number in range(6)))
    async with door.open():
        yield door, undecided


def shown(answer):
    return {item["id"] for item in answer["choices"][0]["items"]}


async def met(door, undecided, **leading):
    """Meet the store as it is: who waits there to be decided for, and nothing of what was said a moment ago."""
    for each in ("u:ada", "a:a1"):
        answers = (await door.store.kept(each)).answers
        if answers is not None:
            await door.store.settle_answers(each, answers)
    undecided.begin(await door.store.undecided(), leading)


async def test_whoever_is_owed_a_decision_is_decided_for_by_what_was_folded(site):
    door, undecided = site
    await seen(door, **USER)
    await track(door, "Job Dismissed", properties={"job_id": "nurse-1"}, **USER)
    await door.fold()
    assert "nurse-1" in shown(await door.decide(**ADA)), "the decision from before is kept"

    await met(door, undecided)

    answer = await door.decide(**ADA)
    assert "nurse-1" not in shown(answer)
    assert answer["choices"][0]["rung"] == "live"


async def test_a_no_that_was_folded_is_heeded_though_a_decision_from_before_is_kept(site):
    door, undecided = site
    await seen(door, **USER)
    await say(door, personalization=False, **USER)
    await door.fold()

    await met(door, undecided)

    answer = await door.decide(**ADA)
    assert not answer["profile"]["known"]
    assert answer["choices"][0]["rung"] != "live"


async def test_what_a_browser_that_leads_to_a_user_said_concerns_the_users_decision(site):
    door, undecided = site
    await seen(door, **USER)
    await track(door, "Job Dismissed", properties={"job_id": "nurse-1"}, **BROWSER)
    await track(door, "Job Dismissed", properties={"job_id": "nurse-2"}, **USER, **BROWSER)
    await door.fold()
    await decided_for(door, "u:ada")
    await track(door, "Job Dismissed", properties={"job_id": "nurse-3"}, **BROWSER)
    await door.fold()

    await met(door, undecided, **{"a:a1": "u:ada"})

    assert shown(await door.decide(**ADA)).isdisjoint({"nurse-1", "nurse-2", "nurse-3"})


async def test_a_decision_made_since_is_served_as_it_is_kept(site):
    door, undecided = site
    await seen(door, **USER)
    await met(door, undecided)
    await decided_for(door, "u:ada")
    door.store.asked.clear()

    await door.decide(**ADA)

    assert "sections" not in door.store.asked


async def test_who_has_been_decided_for_is_forgotten(site):
    door, undecided = site
    await seen(door, **USER)
    await met(door, undecided)

    undecided.settle(())

    assert not undecided
