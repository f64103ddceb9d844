"""One house on a real Kafka and a real Redis for the whole session; a test uses visitors of its own."""

import base64
import hashlib
import secrets

import pytest

from deploy.embedded.process import free_port
from tests.e2e import running

PUBLISHABLE, SECRET = "pk_e2e", "sk_e2e"
MASTER_KEYS = f"k1:{base64.b64encode(bytes(32)).decode()}"


@pytest.fixture(scope="session")
def key_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("keys") / "keys.yaml"
    file.write_text(
        f"- {{source: site, publishable: {PUBLISHABLE}, origins: ['*']}}\n"
        f"- {{source: server, secret_sha256: {hashlib.sha256(SECRET.encode()).hexdigest()}}}\n"
    )
    return file


@pytest.fixture(scope="session")
def config_folder(tmp_path_factory):
    """The shipped configuration, but for a site that grants itself what the demo does."""
    folder = tmp_path_factory.mktemp("config")
    (folder / "privacy.yaml").write_text("consent: {default: {site: [personalization], server: [personalization]}}\n")
    return folder


@pytest.fixture(scope="session")
def real_environment(kafka, redis_server, key_file, config_folder):
    """The variables that point every command at this session's Kafka and Redis."""
    name = f"e2e-{secrets.token_hex(4)}"
    return {
        "CAREERSTREAM_KAFKA__BOOTSTRAP": kafka.bootstrap,
        "CAREERSTREAM_KAFKA__PREFIX": name,
        "CAREERSTREAM_REDIS__URL": redis_server.url,
        "CAREERSTREAM_REDIS__NAMESPACE": name,
        "CAREERSTREAM_WORKER__GROUP": name,
        "CAREERSTREAM_API__KEYS_FILE": str(key_file),
        "CAREERSTREAM_CONFIG": str(config_folder),
        "CAREERSTREAM_PRIVACY__MASTER_KEYS": MASTER_KEYS,
    }


@pytest.fixture(scope="session")
def house(real_environment, tmp_path_factory):
    """`careerstream up` with two workers on the real servers and the sample catalogue."""
    first = free_port(and_next=1)
    up = running.start(
        tmp_path_factory.mktemp("house") / "log",
        "--workers",
        "2",
        "--catalog",
        "sample",
        environment={**real_environment, "CAREERSTREAM_WORKER__METRICS_PORT": str(first)},
        metrics_ports=(first, first + 1),
        publishable=PUBLISHABLE,
        secret=SECRET,
    )
    yield up
    up.stop()


@pytest.fixture
def visitor():
    return f"v-{secrets.token_hex(8)}"
