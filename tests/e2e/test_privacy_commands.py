"""The verbs for people's data, on the session's servers."""

import asyncio
import base64

import orjson
import pytest
from redis.asyncio import Redis

from api.callbacks import RedisQueue
from api.requests import RedisRequests
from profiles.store import TopicPartition
from schemas.erasing import encode_erasure
from schemas.topics import Topic, TopicNames
from streams.dead_letters import DeadLetter, dead_letter_record
from streams.sink import KafkaSink
from tests.e2e.conftest import MASTER_KEYS
from tests.e2e.running import command, until
from tests.unit.streams.records import ARecord

pytestmark = pytest.mark.servers
NEWER = f"k2:{base64.b64encode(bytes([7]) * 32).decode()}"


def test_a_dry_run_of_the_retention_says_who_is_past_due_and_deletes_nothing(house, real_environment, visitor):
    house.send("Job Viewed", {"job_id": "job-1"}, anonymousId=visitor)
    until(lambda: house.profile("anonymous_id", visitor))

    ended = command("retention", "--dry-run", environment=real_environment)

    assert ended.returncode == 0, ended.stderr
    assert "past due: nobody; nothing was deleted" in ended.stderr
    assert house.profile("anonymous_id", visitor)


def test_keys_are_wrapped_anew_with_the_newest_master_key_and_back(house, real_environment, visitor):
    house.send(None, path="/v1/identify", key=house.secret, userId=visitor, traits={"email": "ada@example.com"})
    until(lambda: house.profile("user_id", visitor).get("traits"))
    name = "CAREERSTREAM_PRIVACY__MASTER_KEYS"

    lost = command("rotate-keys", environment=real_environment | {name: NEWER})
    forth = command("rotate-keys", environment=real_environment | {name: f"{NEWER},{MASTER_KEYS}"})
    back = command("rotate-keys", environment=real_environment | {name: f"{MASTER_KEYS},{NEWER}"})

    assert lost.returncode != 0
    assert "k1" in lost.stderr
    assert "0 keys" not in forth.stderr
    assert forth.returncode == back.returncode == 0
    assert house.profile("user_id", visitor)["traits"] == {"email": "ada@example.com"}


def test_an_export_comes_in_by_the_command_and_a_line_that_cannot_is_named(house, real_environment, visitor, tmp_path):
    house.send(None, path="/v1/identify", key=house.secret, userId=visitor, traits={"email": "ada@example.com"})
    until(lambda: house.profile("user_id", visitor).get("traits"))
    exported = _export(house, visitor)
    moved = orjson.dumps(exported).replace(visitor.encode(), f"{visitor}-moved".encode())
    whole, lines = tmp_path / "one.json", tmp_path / "many.jsonl"
    whole.write_bytes(orjson.dumps(orjson.loads(moved), option=orjson.OPT_INDENT_2))
    lines.write_bytes(moved + b"\n{}\n{\n")

    taken = command("import", str(whole), environment=real_environment)
    partly = command("import", str(lines), environment=real_environment)

    assert taken.returncode == 0, taken.stderr
    assert "documents taken in: 1" in taken.stderr
    assert partly.returncode == 1
    assert f"{lines}, line 2: an import is a document whose format is" in partly.stderr
    assert f"{lines}, line 3: no JSON" in partly.stderr
    until(lambda: house.profile("user_id", f"{visitor}-moved").get("traits") == {"email": "ada@example.com"})
    assert _export(house, f"{visitor}-moved")["profile"]["traits"] == exported["profile"]["traits"]


def test_a_notice_that_no_webhook_took_is_listed_until_it_is_told(house, real_environment, visitor, tmp_path):
    file = tmp_path / "webhooks.yaml"
    file.write_text(f"- {{name: crm, url: 'https://crm.example/', secret: {'s' * 32}, events: [erasures]}}\n")
    named = {"CAREERSTREAM_WEBHOOKS__FILE": str(file), "CAREERSTREAM_WEBHOOKS__HOSTS": "crm.example"}
    assert command("notices", environment=real_environment).returncode == 0
    asyncio.run(give_up(real_environment, f"u:{visitor}", "old-crm"))

    waiting = command("notices", environment=real_environment)
    told = command("notices", "--send", environment=real_environment | named)
    still = command("notices", environment=real_environment)

    assert waiting.returncode == told.returncode == still.returncode == 1
    assert waiting.stdout.split("  ")[1:] == ["old-crm", "erasures", f"u:{visitor}", "webhook_no_answer\n"]
    assert "0 done with, 1 still wait" in told.stderr
    assert still.stdout.split("  ")[1:] == ["old-crm", "erasures", f"u:{visitor}", "webhook_is_gone\n"]


def test_a_callback_that_nobody_took_is_listed_until_it_is_handed_on_to_be_told_again(real_environment, visitor):
    # A namespace that no API looks after: nobody else takes it meanwhile.
    apart = real_environment | {"CAREERSTREAM_REDIS__NAMESPACE": visitor}
    asyncio.run(give_up_calling_back(apart, "r-1", "https://controller.example/told"))

    waiting = command("notices", environment=apart)
    told = command("notices", "--send", environment=apart)
    handed = asyncio.run(to_call_back(apart))

    assert waiting.returncode == 1
    assert [
        "1970-01-01T00:00:00.005Z",
        "opendsr",
        "https://controller.example/told",
        "r-1",
    ] in [line.split("  ") for line in waiting.stdout.splitlines()]
    assert "1 callbacks handed to the API" in told.stderr
    assert handed == ["r-1"]
    assert "opendsr" not in command("notices", environment=apart).stdout


async def give_up_calling_back(environment, request, address):
    """Leave a request as an API process does after three days."""
    async with Redis.from_url(environment["CAREERSTREAM_REDIS__URL"]) as client:
        namespace = environment["CAREERSTREAM_REDIS__NAMESPACE"]
        await RedisRequests(client, namespace, keep_ms=60_000).keep(request, {"given_up": [address]})
        await RedisQueue(client, namespace).give_up(request, 5)


async def to_call_back(environment):
    async with Redis.from_url(environment["CAREERSTREAM_REDIS__URL"]) as client:
        return await RedisQueue(client, environment["CAREERSTREAM_REDIS__NAMESPACE"]).take(1)


async def give_up(environment, candidate, webhook):
    """Leave a letter about an erasure, as the webhooks process does after three days."""
    names = TopicNames(environment["CAREERSTREAM_KAFKA__PREFIX"])
    record = ARecord(7, encode_erasure(5), candidate.encode())
    letter = DeadLetter(TopicPartition(Topic.PROFILES, 0), record, "webhook_no_answer", "SINK", "Undelivered", webhook)
    async with KafkaSink({"bootstrap_servers": environment["CAREERSTREAM_KAFKA__BOOTSTRAP"]}) as sink:
        await sink.send([dead_letter_record(letter, names, "test")])


def _export(house, user):
    answer = house.http.get(f"/v1/profiles/user_id:{user}/export", auth=(house.secret, ""))
    return answer.raise_for_status().json()
