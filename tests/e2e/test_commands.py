"""`careerstream` as an operator meets it: it starts, says what is wrong in one sentence, and leaves nothing behind."""

import os
import signal
import socket
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource

from deploy.embedded.process import free_port
from schemas.topics import Topic
from tests.e2e import running
from tests.e2e.running import command, until


def descendants(root):
    """Answer the processes that `root` started, and theirs."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(entry.name)] = int(fields[1])
    found: set[int] = set()
    wave = {root}
    while wave:
        wave = {process for process, parent in parents.items() if parent in wave} - found
        found |= wave
    return found


def settings_of_topic(bootstrap, name):
    client = AdminClient({"bootstrap.servers": bootstrap})
    resource = ConfigResource(ConfigResource.Type.TOPIC, name)
    return {key: entry.value for key, entry in client.describe_configs([resource])[resource].result(20).items()}


def alive(processes):
    return {process for process in processes if is_alive(process)}


def is_broker(process):
    try:
        said = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False
    return b"deploy.embedded.broker" in said and b"leash" not in said


def is_alive(process):
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:  # it may go while it is asked about
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_with_no_settings_serves_and_stops_leaving_no_process(tmp_path, number):
    up = running.start(tmp_path / "log")
    greeting = up.log.read_text()
    visitor = {"anonymousId": "first-visitor"}
    first = up.jobs(**visitor)
    sent = up.send("Job Dismissed", {"job_id": first[0]["id"]}, **visitor)
    changed = up.jobs(after=sent["after"], **visitor)
    family = descendants(up.process.pid)

    code = up.stop(number)

    assert "pk_demo" in greeting
    assert "nothing outlives this process" in greeting
    assert first[0]["id"] not in [item["id"] for item in changed]
    assert code == 0
    assert alive(family) == set()


def test_ctrl_c_ends_a_start_whose_broker_answers_nothing(tmp_path):
    log = tmp_path / "log"
    up = running.launch(log, "--port", str(free_port()))
    broker = until(lambda: next((each for each in descendants(up.pid) if is_broker(each)), None))
    until(lambda: "the embedded Redis" in log.read_text())
    os.kill(broker, signal.SIGSTOP)
    family = descendants(up.pid)

    up.send_signal(signal.SIGINT)

    assert up.wait(running.WAIT) == 0, log.read_text()
    assert alive(family) == set()


def test_when_up_itself_is_killed_nothing_is_left_behind(tmp_path):
    up = running.start(tmp_path / "log", "--catalog", "none")
    family = descendants(up.process.pid)
    os.kill(up.process.pid, signal.SIGKILL)
    up.process.wait()

    until(lambda: not alive(family))


def test_a_port_in_use_is_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        ended = command("up", "--port", str(taken.getsockname()[1]))

    assert ended.returncode == 1
    assert "is in use; choose another with --port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_dead_broker_is_one_sentence():
    ended = command("up", "--kafka", f"127.0.0.1:{free_port()}")

    assert ended.returncode == 1
    assert "no Kafka answers at 127.0.0.1" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "http://nonsense"])
def test_a_wrong_redis_url_is_one_sentence(url):
    ended = command("up", "--redis", url)

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "Redis" in ended.stderr


def test_several_workers_want_a_real_kafka():
    ended = command("up", "--workers", "2", "--port", str(free_port()))

    assert ended.returncode == 1
    assert "--kafka" in ended.stderr


def test_a_misspelt_setting_is_one_sentence():
    ended = command("doctor", environment={"CAREERSTREAM_REDIS__ULR": "redis://localhost"})

    assert ended.returncode == 1
    assert "did you mean CAREERSTREAM_REDIS__URL" in ended.stderr


def test_real_servers_want_real_keys(real_environment):
    without = {name: value for name, value in real_environment.items() if not name.endswith("KEYS_FILE")}

    ended = command("api", "--port", str(free_port()), environment=without)

    assert ended.returncode == 1
    assert "docs/howto/keys.md" in ended.stderr


def test_topics_are_made_once_and_keep_records_as_long_as_privacy_yaml_says(kafka, tmp_path):
    (tmp_path / "privacy.yaml").write_text("retention: {events: 5d}\n")
    environment = {
        "CAREERSTREAM_KAFKA__BOOTSTRAP": kafka.bootstrap,
        "CAREERSTREAM_KAFKA__PREFIX": "topics-verb",
        "CAREERSTREAM_CONFIG": str(tmp_path),
    }

    first, second = (command("topics", environment=environment) for _ in range(2))
    clicks = settings_of_topic(kafka.bootstrap, "topics-verb.clicks")
    jobs = settings_of_topic(kafka.bootstrap, "topics-verb.jobs")

    assert f"created {len(Topic)} topics" in first.stderr
    assert "all topics are there" in second.stderr
    assert clicks["retention.ms"] == str(5 * 86_400_000)
    assert jobs["cleanup.policy"] == "compact"


@pytest.mark.usefixtures("house")
def test_the_doctor_finds_everything_sound(real_environment):
    ended = command("doctor", environment=real_environment | {"CAREERSTREAM_API__PORT": str(free_port())})

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "NOT" not in ended.stdout


def test_every_verb_shows_its_help():
    for verb in ("up", "worker", "api", "topics", "load", "remove", "replay", "digest", "doctor"):
        assert command(verb, "--help").returncode == 0
