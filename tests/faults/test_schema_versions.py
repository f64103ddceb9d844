"""Messages as the first version wrote them are folded as they were then, whatever a later version adds or leaves out."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from profiles.store import TopicPartition
from schemas.events import event_of, topic_of
from schemas.messages import MalformedMessage, decode_message
from schemas.partitions import partition_of
from schemas.topics import Topic
from streams.decoding import read
from tests.streaming import reference
from tests.unit.streams.records import ARecord

CORPUS = Path(__file__).with_name("corpus")
PARTITIONS = 4

Body = dict[str, Any]


def v1() -> list[Body]:
    with gzip.open(CORPUS / "v1.jsonl.gz") as lines:
        return [orjson.loads(line) for line in lines]


def a_later_version(body: Body) -> Body:
    """Members that nobody knows, on every level, and without those that no profile is made of."""
    left_out = {"source", "sentAt", "originalTimestamp", "integrations"}
    kept = {name: value for name, value in body.items() if name not in left_out}
    context = {**body.get("context", {}), "somethingNew": {"deep": [1, None, {"x": True}]}}
    return {
        **kept,
        "schemaVersion": 2,
        "context": context,
        "properties": {**body.get("properties", {}), "new_one": "x"},
    }


async def digest(bodies: list[Body]) -> str:
    return await (await reference([decode_message(orjson.dumps(body)) for body in bodies])).digest()


async def test_what_the_first_version_wrote_makes_the_same_profiles():
    """When this fails, stored profiles and replayed ones differ: write the new digest down, and that users must replay."""
    assert await digest(v1()) == (CORPUS / "v1.sha256").read_text().strip()


async def test_versions_mixed_in_one_log_make_the_profiles_that_the_first_would_have_made(seed):
    chance = random.Random(seed)
    bodies = v1()
    mixed = [a_later_version(body) if chance.random() < 0.5 else body for body in bodies]

    assert await digest(mixed) == await digest(bodies)


async def test_a_log_that_went_forward_and_was_rolled_back_makes_them_too():
    bodies = v1()
    third = len(bodies) // 3
    rolled_back = [*bodies[:third], *map(a_later_version, bodies[third : 2 * third]), *bodies[2 * third :]]

    assert await digest(rolled_back) == await digest(bodies)


BREAKING: dict[str, Callable[[Body], Body]] = {
    "an id that became a number": lambda body: {**body, "messageId": 7},
    "an id that is gone": lambda body: {name: value for name, value in body.items() if name != "messageId"},
    "a time that became text": lambda body: {**body, "eventTime": "2026-11-01T00:00:00Z"},
    "a type that did not exist": lambda body: {**body, "type": "gesture"},
    "properties that became a list": lambda body: {**body, "properties": []},
}


@pytest.mark.parametrize("change", BREAKING)
def test_a_breaking_change_is_refused_record_by_record_and_never_folded_into_something_else(change):
    for body in v1():
        message = decode_message(orjson.dumps(body))
        topic, key = topic_of(event_of(message)), message.candidate_id.encode()
        place = TopicPartition(topic, partition_of(key, PARTITIONS))
        record = ARecord(0, orjson.dumps(BREAKING[change](body)), key, 0, ())

        with pytest.raises(MalformedMessage):
            read(place, record, PARTITIONS)


def test_the_corpus_has_every_topic():
    topics = {topic_of(event_of(decode_message(orjson.dumps(body)))) for body in v1()}

    assert topics == {Topic.CLICKS, Topic.SESSIONS, Topic.APPLICATIONS, Topic.PROFILES}
