"""What the deployment files ask of Careerstream is what Careerstream offers."""

import json
from pathlib import Path

import click
import pytest
import yaml

from careerstream.cli import cli
from careerstream.settings import PREFIX, variable_names

ROOT = Path(__file__).parents[3]
SERVICES = yaml.safe_load((ROOT / "docker-compose.kafka.yml").read_text())["services"]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "careerstream"}


@pytest.mark.parametrize("service", OURS.values(), ids=OURS.keys())
def test_every_command_is_a_verb_that_takes_these_arguments(service):
    name, *arguments = service["command"]
    verb = cli.get_command(click.Context(cli), name)

    assert verb, f"there is no `careerstream {name}`"
    verb.make_context(name, arguments)


@pytest.mark.parametrize("service", OURS.values(), ids=OURS.keys())
def test_every_variable_is_a_setting(service):
    assert {name for name in service["environment"] if name.startswith(PREFIX)} <= set(variable_names())


def test_the_image_passes_signals_to_a_process_that_is_still_starting():
    entry = next(line for line in DOCKERFILE.splitlines() if line.startswith("ENTRYPOINT"))

    # A container's first process gets no signal that it has no handler for, and handlers come with the event loop.
    assert json.loads(entry.removeprefix("ENTRYPOINT")) == ["tini", "--", "careerstream"]


def test_every_variable_of_the_image_is_a_setting():
    words = DOCKERFILE.split()
    named = {word.partition("=")[0] for word in words if word.startswith(PREFIX)}

    assert named
    assert named <= set(variable_names())


@pytest.mark.parametrize("name", OURS.keys() - {"topics"})
def test_no_process_starts_before_the_topics_are_there(name):
    assert OURS[name]["depends_on"]["topics"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("service", [s for s in SERVICES.values() if "healthcheck" in s], ids=lambda s: s["image"])
def test_a_look_at_health_starts_no_java(service):
    # It runs every few seconds for as long as the service does, and Kafka's scripts take seconds of a processor.
    assert not any(word.endswith(".sh") for word in service["healthcheck"]["test"])


def test_prometheus_asks_services_that_exist_at_the_port_they_open():
    jobs = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    targets = [target for job in jobs for static in job["static_configs"] for target in static["targets"]]
    workers = {name: OURS[name] for name in OURS if "worker" in name}
    # A worker's page is at the port of the settings plus its number.
    ports = {
        name: int(service["environment"][f"{PREFIX}WORKER__METRICS_PORT"]) + int(service["command"][-1])
        for name, service in workers.items()
    }

    assert sorted(targets) == sorted(["api:8080", *(f"{name}:{port}" for name, port in ports.items())])


def test_no_port_is_open_to_other_machines():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_pinned_requirement_has_a_hash_and_names_no_registry():
    for file in (ROOT / "requirements").glob("*.txt"):
        text = file.read_text()
        pins = [line for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))]

        assert pins
        assert all(line.endswith("\\") for line in pins)
        assert "://" not in text
