"""The verbs for people's data, on the session's servers."""

import base64

import orjson
import pytest

from tests.e2e.conftest import MASTER_KEYS
from tests.e2e.running import command, until

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


def _export(house, user):
    answer = house.http.get(f"/v1/profiles/user_id:{user}/export", auth=(house.secret, ""))
    return answer.raise_for_status().json()
