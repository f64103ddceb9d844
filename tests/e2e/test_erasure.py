"""Erasure on real servers: it outlives a replay, backups of profiles and keys that come back, and a look at the disks."""

import secrets

import pytest
import redis
from aiokafka import AIOKafkaConsumer

from profiles.pseudonym import pseudonym
from tests.e2e import running
from tests.e2e.conftest import PUBLISHABLE, SECRET
from tests.e2e.running import until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]


@pytest.fixture
def environment(real_environment):
    name = f"erasure-{secrets.token_hex(4)}"
    return real_environment | {
        "CAREERSTREAM_KAFKA__PREFIX": name,
        "CAREERSTREAM_REDIS__NAMESPACE": name,
        "CAREERSTREAM_WORKER__GROUP": name,
    }


def opened(environment, log):
    return running.start(log, "--catalog", "sample", environment=environment, publishable=PUBLISHABLE, secret=SECRET)


def dumped(client, namespace):
    return {key: client.dump(key) for key in client.scan_iter(match=f"{namespace}:*", count=1_000)}


def restored(client, backup):
    client.delete(*client.scan_iter(match=f"{next(iter(backup)).partition(b':')[0].decode()}:*", count=1_000))
    for key, value in backup.items():
        if value is not None:
            client.restore(key, 0, value, replace=True)


async def everything_in_kafka(bootstrap, prefix):
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        topics = [topic for topic in await consumer.topics() if topic.startswith(f"{prefix}.") and "jobs" not in topic]
        consumer.subscribe(topics)
        while not consumer.assignment():
            await consumer.getmany(timeout_ms=100)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(consumer.assignment())
        found = []
        while any([await consumer.position(each) < end for each, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [
                    (record.value or b"") + b"".join(value or b"" for _, value in record.headers) for record in records
                ]
        return found
    finally:
        await consumer.stop()


def on_disk(redis_server, client):
    """Answer what Redis keeps on its disk: the append-only file as it was written, and a snapshot that is not compressed."""
    client.config_set("rdbcompression", "no")
    client.save()
    return b"".join(file.read_bytes() for file in sorted(redis_server.folder.rglob("*")) if file.is_file())


async def test_an_erased_person_stays_erased_after_replay_and_after_both_backups_come_back(
    environment, tmp_path, kafka, redis_server
):
    namespace = environment["CAREERSTREAM_REDIS__NAMESPACE"]
    visitor, user, mark = f"v-{secrets.token_hex(6)}", f"user-{secrets.token_hex(6)}", f"canary{secrets.token_hex(6)}"
    email = f"{mark}@example.com"
    told = {"email": email, "lastName": mark, "phone": mark, "bio": f"I am {mark}", "address": {"street": mark}}
    up = opened(environment, tmp_path / "log")
    dismissed = up.jobs(anonymousId=visitor)[0]["id"]
    up.send("Job Dismissed", {"job_id": dismissed}, anonymousId=visitor)
    up.send(None, path="/v1/identify", key=SECRET, userId=user, anonymousId=visitor, traits=told)
    until(lambda: up.profile("user_id", user).get("traits", {}).get("email") == email)
    until(lambda: dismissed in up.profile("user_id", user).get("dismissed", {}))
    up.jobs(anonymousId=visitor)

    with redis.Redis.from_url(environment["CAREERSTREAM_REDIS__URL"]) as client:
        backup = dumped(client, namespace)
        assert any(user.encode() in key for key in backup)
        # A busy machine may need longer than a call waits for the agents; a call may be repeated.
        path = f"/v1/profiles/user_id:{user}"
        until(lambda: up.http.delete(path, auth=(SECRET, "")).json()["status"] == "completed")
        assert not up.ask("jobs", user={"anonymousId": visitor})["profile"]["known"]
        assert up.profile("user_id", user) == {}

        up.send("Job Dismissed", {"job_id": dismissed}, anonymousId=visitor, messageId="late")
        replayed = running.command("replay", environment=environment, timeout=180)
        assert replayed.returncode == 0, replayed.stderr
        assert up.profile("user_id", user) == {}
        assert up.profile("anonymous_id", visitor) == {}
        assert not keys_with(client, namespace, user)

        up.stop()
        restored(client, backup)
        again = opened(environment, tmp_path / "again")
        until(lambda: again.profile("user_id", user) == {})
        until(lambda: again.profile("anonymous_id", visitor) == {})
        assert not again.ask("jobs", user={"anonymousId": visitor})["profile"]["known"]
        until(lambda: not keys_with(client, namespace, user))
        until(lambda: not list(client.scan_iter(match=f"{namespace}:personal-keys:*")))
        for each in (f"u:{user}", f"a:{visitor}"):
            assert not keys_with(client, namespace, pseudonym(each))
        again.stop()
        disks = kafka.on_disk(), on_disk(redis_server, client)

    logged = await everything_in_kafka(environment["CAREERSTREAM_KAFKA__BOOTSTRAP"], namespace)
    assert logged
    assert not [value for value in logged if mark.encode() in value]
    for disk in disks:
        # What is written stays there until it is compacted or rewritten: the search sees it, and finds nothing that can be read.
        assert user.encode() in disk
        assert mark.encode() not in disk
    assert mark not in (tmp_path / "log").read_text() + (tmp_path / "again").read_text()


def keys_with(client, namespace, text):
    return [key for key in client.scan_iter(match=f"{namespace}:*", count=1_000) if text.encode() in key]
