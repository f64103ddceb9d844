"""Server SDKs: each message once, whatever dialect, Content-Type and compression it came in."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

MINUTE = 60_000
SLACK = 2_000
"""Milliseconds that an event time may be off: it is corrected by when the call was sent, by the sender's clock and by ours."""
TYPES = ["alias", "group", "identify", "page", "screen", "track"]


def by_type(messages):
    return {message.type: message for message in messages}


def send_all(client, at):
    client.identify("u1", {"city": "Bonn", "gender": "f"}, anonymous_id="a1", timestamp=at)
    client.track(None, "Job Viewed", {"job_id": "j1"}, anonymous_id="a1", timestamp=at)
    client.page(None, "jobs", "List", {"path": "/jobs"}, anonymous_id="a1")
    client.screen(None, None, "Jobs", {}, anonymous_id="a1")
    client.group("u1", "g1", {"plan": "b"})
    client.alias("a1", "u1")
    client.flush()
    client.join()


def check_all(messages, since):
    """Check what was sent since then (milliseconds), dated a minute before."""
    found = by_type(messages)
    assert sorted(found) == TYPES
    assert found["identify"].traits == {"city": "Bonn"}
    assert (found["identify"].user_id, found["identify"].anonymous_id) == ("u1", "a1")
    assert found["track"].event == "Job Viewed"
    assert found["track"].properties["job_id"] == "j1"
    assert found["track"].user_id is None
    assert found["track"].candidate_id == "a:a1"
    assert since - SLACK <= found["track"].event_time + MINUTE <= time.time() * 1000 + SLACK
    assert found["page"].event == "List"
    assert found["page"].properties["category"] == "jobs"
    assert found["page"].properties["path"] == "/jobs"
    assert found["screen"].event == "Jobs"
    assert found["group"].context["groupId"] == "g1"
    assert (found["alias"].previous_id, found["alias"].user_id) == ("a1", "u1")
    assert len({message.message_id for message in messages}) == len(messages)


@pytest.mark.parametrize("gzip", [False, True])
def test_segments_python_sdk_is_understood(running, gzip):
    since, at = time.time() * 1000, datetime.now(UTC) - timedelta(minutes=1)

    send_all(SegmentClient("pk_demo", host=running.url, gzip=gzip, sync_mode=False, on_error=fail), at)

    check_all(running.received(6), since)


@pytest.mark.parametrize("gzip", [False, True])
def test_rudderstacks_python_sdk_is_understood(running, gzip):
    since, at = time.time() * 1000, datetime.now(UTC) - timedelta(minutes=1)

    send_all(RudderClient("pk_demo", host=running.url, gzip=gzip, sync_mode=False, on_error=fail), at)

    check_all(running.received(6), since)


def test_segments_node_sdk_is_understood(running, node):
    since = time.time() * 1000
    node("segment.js", running.url)

    check_all(running.received(6), since)


def test_rudderstacks_node_sdk_is_understood(running, node):
    since = time.time() * 1000
    node("rudder.js", running.url)

    check_all(running.received(6), since)


@pytest.mark.parametrize("client", [SegmentClient, RudderClient])
def test_a_python_sdk_sends_again_what_kafka_did_not_take_and_nothing_is_there_twice(running, client):
    running.door.log.away = True
    sender = client("pk_demo", host=running.url, max_retries=10)
    sender.track(None, "Job Viewed", {"job_id": "j1"}, anonymous_id="a1")
    time.sleep(0.3)
    assert running.door.messages() == []

    running.door.log.away = False
    sender.flush()
    sender.join()

    assert len(running.received(1)) == 1


def test_a_wrong_key_is_refused_once_and_not_retried(running):
    failures = []
    sender = RudderClient(
        "pk_wrong", host=running.url, on_error=lambda error, _: failures.append(error), max_retries=10
    )
    sender.track(None, "X", {}, anonymous_id="a1")
    sender.flush()
    sender.join()

    assert [getattr(failure, "status", None) for failure in failures] == [401]
    told = running.door.app.state.ports.metrics.page().decode().splitlines()
    counted = [line for line in told if line.startswith("careerstream_http_requests_total{") and '"401"' in line]
    assert [line.split()[-1] for line in counted] == ["1.0"]
    assert running.door.messages() == []


def fail(error, _):
    raise AssertionError(error)
