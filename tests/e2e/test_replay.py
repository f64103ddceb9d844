"""The profiles rebuilt from the log are the profiles: printed by `digest`, before and after `replay`."""

import asyncio
import secrets

from profiles.redis_store import RedisStore
from schemas.topics import TopicNames
from tests.e2e.running import command
from tests.streaming import caught_up


def settled_digest(environment):
    """Answer the digest once the agents have folded what was sent."""
    asyncio.run(folded(environment))
    ended = command("digest", environment=environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


async def folded(environment):
    store = RedisStore.open(environment["CAREERSTREAM_REDIS__URL"], environment["CAREERSTREAM_REDIS__NAMESPACE"])
    names = TopicNames(environment["CAREERSTREAM_KAFKA__PREFIX"])
    try:
        await caught_up(store, environment["CAREERSTREAM_KAFKA__BOOTSTRAP"], names)
    finally:
        await store.close()


def test_a_replay_ends_in_the_same_digest_goes_live_and_serves_on(house, real_environment):
    users = [f"replayed-{secrets.token_hex(4)}" for _ in range(5)]
    for user in users:
        for job in house.jobs(anonymousId=user)[:3]:
            house.send("Job Viewed", {"job_id": job["id"]}, anonymousId=user)
        house.send("Job Searched", {"query": "engineer"}, anonymousId=user)
        house.send("Preference Set", {"key": "workplaces", "value": ["HYBRID"]}, anonymousId=user)
    before = settled_digest(real_environment)

    ended = command("replay", environment=real_environment)

    assert ended.returncode == 0, ended.stderr
    assert "it is live now" in ended.stderr
    assert settled_digest(real_environment) == before
    dismissed = house.jobs(anonymousId=users[0])[0]["id"]
    sent = house.send("Job Dismissed", {"job_id": dismissed}, anonymousId=users[0])
    assert dismissed not in [item["id"] for item in house.jobs(anonymousId=users[0], after=sent["after"])]


def test_a_replay_of_a_part_stays_beside_the_live_profiles(house, real_environment):
    before = settled_digest(real_environment)

    ended = command("replay", "--from-time", "2026-01-01T00:00:00Z", environment=real_environment)

    assert ended.returncode == 0, ended.stderr
    assert "--generation" in ended.stderr
    assert settled_digest(real_environment) == before
    assert house.http.get("/readyz").status_code == 200


def test_a_replay_of_a_part_may_not_go_live(house, real_environment):
    assert house.http.get("/readyz").status_code == 200

    ended = command("replay", "--from-offset", "3", "--swap", environment=real_environment)

    assert ended.returncode == 1
    assert "half the truth" in ended.stderr
