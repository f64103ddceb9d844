"""The profiles rebuilt from the log are the profiles: printed by `digest`, before and after `replay`."""

import secrets

from tests.e2e.running import command, until


def settled_digest(real_environment):
    """Answer the digest once two in a row agree: then the agents have folded what was sent."""
    digests = [""]

    def same():
        ended = command("digest", environment=real_environment)
        assert ended.returncode == 0, ended.stderr
        digests.append(ended.stdout.strip())
        return digests[-1] == digests[-2] and digests[-1]

    return until(same, wait=60)


def test_a_replay_ends_in_the_same_digest_goes_live_and_serves_on(house, real_environment):
    users = [f"replayed-{secrets.token_hex(4)}" for _ in range(5)]
    for user in users:
        for job in house.jobs(anonymousId=user)[:3]:
            house.send("Job Viewed", {"job_id": job["id"]}, anonymousId=user)
        house.send("Job Searched", {"query": "engineer"}, anonymousId=user)
        house.send("Preference Set", {"key": "workplaces", "value": ["HYBRID"]}, anonymousId=user)
    before = settled_digest(real_environment)

    ended = command("replay", environment=real_environment, timeout=110)

    assert ended.returncode == 0, ended.stderr
    assert "it is live now" in ended.stderr
    assert settled_digest(real_environment) == before
    dismissed = house.jobs(anonymousId=users[0])[0]["id"]
    sent = house.send("Job Dismissed", {"job_id": dismissed}, anonymousId=users[0])
    assert dismissed not in [item["id"] for item in house.jobs(anonymousId=users[0], after=sent["after"])]


def test_a_replay_of_a_part_stays_beside_the_live_profiles(house, real_environment):
    before = settled_digest(real_environment)

    ended = command("replay", "--from-time", "2026-01-01T00:00:00Z", environment=real_environment, timeout=110)

    assert ended.returncode == 0, ended.stderr
    assert "--generation" in ended.stderr
    assert settled_digest(real_environment) == before
    assert house.http.get("/readyz").status_code == 200


def test_a_replay_of_a_part_may_not_go_live(house, real_environment):
    assert house.http.get("/readyz").status_code == 200

    ended = command("replay", "--from-offset", "3", "--swap", environment=real_environment)

    assert ended.returncode == 1
    assert "half the truth" in ended.stderr
