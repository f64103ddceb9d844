"""The whole house on a Kafka that wants TLS and SCRAM and a Redis that wants TLS and an ACL user."""

import secrets

import pytest
import redis

from tests.e2e import running
from tests.e2e.conftest import MASTER_KEYS, PUBLISHABLE, SECRET
from tests.servers.secured import PASSWORD, USER, Authority, SecuredKafka, TlsDoor

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]
ACL = (
    "reset",
    "resetchannels",
    "on",
    f">{PASSWORD}",
    "~house:*",
    "&house:*",
    "+@all",
    "-@admin",
    "-@dangerous",
    "+info",
)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def secured_kafka(tmp_path, authority):
    with SecuredKafka(tmp_path / "kafka", authority) as server:
        yield server


@pytest.fixture
def secured_redis(own_redis, authority):
    """The port of a Redis with TLS, where nobody may do anything but our user, and that one only under `house:`."""
    server = own_redis()
    with redis.Redis.from_url(server.url) as client:
        client.execute_command("ACL", "SETUSER", USER, *ACL)
        client.execute_command("ACL", "SETUSER", "default", "off")
    with TlsDoor(authority, server.port) as door:
        yield door.port


@pytest.fixture
def environment(secured_kafka, secured_redis, authority, key_file, config_folder):
    return {
        "CAREERSTREAM_KAFKA__BOOTSTRAP": secured_kafka.secured,
        "CAREERSTREAM_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
        "CAREERSTREAM_KAFKA__SASL_USERNAME": USER,
        "CAREERSTREAM_KAFKA__SASL_PASSWORD": PASSWORD,
        "CAREERSTREAM_KAFKA__CA_FILE": str(authority.file),
        "CAREERSTREAM_REDIS__URL": f"rediss://localhost:{secured_redis}/0",
        "CAREERSTREAM_REDIS__USERNAME": USER,
        "CAREERSTREAM_REDIS__PASSWORD": PASSWORD,
        "CAREERSTREAM_REDIS__CA_FILE": str(authority.file),
        "CAREERSTREAM_REDIS__NAMESPACE": "house",
        "CAREERSTREAM_API__KEYS_FILE": str(key_file),
        "CAREERSTREAM_CONFIG": str(config_folder),
        "CAREERSTREAM_PRIVACY__MASTER_KEYS": MASTER_KEYS,
    }


def test_a_click_changes_the_playlist_where_every_connection_is_encrypted_and_named(environment, tmp_path):
    up = running.start(
        tmp_path / "log", "--catalog", "sample", environment=environment, publishable=PUBLISHABLE, secret=SECRET
    )
    visitor = f"v-{secrets.token_hex(8)}"
    dismissed = up.jobs(anonymousId=visitor)[0]["id"]

    sent = up.send("Job Dismissed", {"job_id": dismissed}, anonymousId=visitor)

    assert dismissed not in [item["id"] for item in up.jobs(anonymousId=visitor, after=sent["after"])]
    assert running.command("doctor", environment=environment).returncode == 0
    assert len(running.command("digest", environment=environment).stdout.strip()) == 64
    assert up.stop() == 0


@pytest.mark.parametrize("variable", ["CAREERSTREAM_KAFKA__SASL_PASSWORD", "CAREERSTREAM_REDIS__PASSWORD"])
def test_a_wrong_password_ends_the_start_with_a_sentence(environment, variable):
    ended = running.command("doctor", environment=environment | {variable: "guessed"})

    assert ended.returncode != 0
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "guessed" not in ended.stdout + ended.stderr
