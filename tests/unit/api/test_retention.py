"""What has been kept long enough goes, and nothing else does."""

import pytest

from api.retention import Retention
from schemas.privacy import DAY_MS, Privacy
from tests.unit.api.doors import NOON, Door

VIEW = {"type": "track", "event": "Job Viewed", "properties": {"job_id": "j"}}
KEEPING = Privacy(retention_ms={**Privacy().retention_ms, "profile": 100 * DAY_MS, "anonymous": 10 * DAY_MS})


@pytest.fixture
async def door():
    async with Door().open() as opened:
        yield opened


def sweeping(door):
    ports = door.app.state.ports
    return Retention(store=door.store, people=ports.people, erasure=ports.erasure, privacy=KEEPING, clock=door.clock)


async def seen(door, days_ago, **who):
    door.clock.now = NOON - days_ago * DAY_MS
    await door.post("/v1/track", {**VIEW, **who}, key="sk_demo")
    door.clock.now = NOON


async def held(door):
    await door.fold()
    return sorted([each async for each in door.store.candidates()])


async def test_who_was_not_seen_for_the_time_of_their_class_is_taken_out(door):
    await seen(door, 11, anonymousId="old")
    await seen(door, 9, anonymousId="fresh")
    await seen(door, 101, userId="gone")
    await seen(door, 99, userId="here")
    await door.fold()

    swept = await sweeping(door).sweep()

    assert (swept.people, dict(swept.due)) == (4, {"anonymous": 1, "profile": 1})
    assert await held(door) == ["a:fresh", "u:here"]


async def test_a_dry_run_counts_and_deletes_nothing(door):
    await seen(door, 11, anonymousId="old")
    await door.fold()

    assert dict((await sweeping(door).sweep(dry_run=True)).due) == {"anonymous": 1}
    assert await held(door) == ["a:old"]


async def test_a_users_browsers_are_kept_as_long_as_the_user_is_seen(door):
    await seen(door, 50, userId="ada", anonymousId="old")
    await seen(door, 1, userId="ada")
    await door.fold()

    assert dict((await sweeping(door).sweep()).due) == {}


async def test_who_was_only_spoken_of_is_past_due_by_the_newest_word(door):
    door.clock.now = NOON - 101 * DAY_MS
    await door.post("/v1/identify", {"userId": "ada", "traits": {"headline": "Nurse"}}, key="sk_demo")
    door.clock.now = NOON
    await door.fold()

    assert dict((await sweeping(door).sweep()).due) == {"profile": 1}


async def test_after_a_sweep_nothing_is_past_due_and_who_comes_back_is_welcome(door):
    await seen(door, 11, anonymousId="old")
    await door.fold()
    await sweeping(door).sweep()
    await door.fold()
    await seen(door, 0, anonymousId="old")

    assert dict((await sweeping(door).sweep()).due) == {}
    assert await held(door) == ["a:old"]


async def test_expiry_puts_nobody_on_the_list_of_the_erased(door):
    await seen(door, 11, anonymousId="old")
    await door.fold()
    await sweeping(door).sweep()

    assert len(door.app.state.ports.erasures) == 0
