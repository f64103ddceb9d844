"""The headers that are written by hand must read as CloudEvents to the SDK that others use."""

from datetime import UTC, datetime

import orjson
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from api.cloudevents import kafka_headers, message_in
from schemas.collecting import Accepted, Call, normalise
from schemas.messages import encode_message

RAW = {
    "type": "track", "event": "Job Viewed", "userId": "ü/1", "messageId": "m-1",
    "properties": {"job_id": "j1"}, "timestamp": "2026-11-23T11:59:58.123Z",
}  # fmt: skip
NOON = 1_795_435_200_000
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def a_message():
    accepted = normalise(RAW, Call(id="c", source="site", received_at=NOON, verified=True))
    assert isinstance(accepted, Accepted)
    return accepted.message


def test_the_sdk_reads_a_record_as_the_event_that_was_meant():
    message = a_message()
    headers = dict(kafka_headers(message, PARENT))

    event = from_binary_event(
        KafkaMessage(headers=headers, key=message.candidate_id.encode(), value=encode_message(message))
    )

    assert event.get_id() == "m-1"
    assert event.get_source() == "/sources/site"
    assert event.get_type() == "dev.careerstream.track"
    assert event.get_specversion() == "1.0"
    assert event.get_subject() == "u:ü/1"
    assert event.get_datacontenttype() == "application/json"
    assert event.get_time() == datetime(2026, 11, 23, 11, 59, 58, 123_000, UTC)
    assert event.get_extension("partitionkey") == "u:ü/1"
    assert event.get_extension("recordedtime") == "2026-11-23T12:00:00.000Z"
    assert event.get_extension("traceparent") == PARENT
    data = event.get_data()
    assert isinstance(data, dict)
    assert data["properties"] == {"job_id": "j1"}


@pytest.mark.parametrize("parent", [None, "", "nonsense", "00-zz-zz-01"])
def test_a_trace_that_is_none_is_left_out(parent):
    assert "ce_traceparent" not in dict(kafka_headers(a_message(), parent))


def test_what_the_sdk_writes_is_understood():
    attributes = {"id": "e1", "source": "/w", "type": "com.example.page", "specversion": "1.0", "subject": "a:a1"}
    event = CloudEvent(attributes, {"name": "Home"})

    message = message_in(orjson.loads(JSONFormat().write(event)))

    assert message["type"] == "page"
    assert message["anonymousId"] == "a1"
    assert message["name"] == "Home"
