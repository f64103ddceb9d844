"""The topics exist before anybody writes: created on a real Kafka, seeded on the embedded broker."""

from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from careerstream.errors import Stopped
from careerstream.parts import read_configuration
from careerstream.settings import KafkaSettings, Settings
from schemas.topics import CANDIDATE_TOPICS, CATALOGUE_TOPICS, COMPACTED_TOPICS, Topic, TopicNames

CATALOGUE_PARTITIONS = 16
"""Of the catalogue topics. Every process reads them whole; more partitions only buy room in the embedded broker."""


KEPT_AS: Mapping[Topic, str] = {
    **dict.fromkeys(CANDIDATE_TOPICS, "events"),
    Topic.DECISIONS: "decisions",
    Topic.DEAD_LETTERS: "dead_letters",
}
"""The class of data that a topic's records are, as privacy.yaml names it."""


def partitions_of_topics(settings: KafkaSettings) -> Mapping[str, int]:
    """Answer each full topic name with its number of partitions."""
    names = TopicNames(settings.prefix)
    counts = {
        **dict.fromkeys(CATALOGUE_TOPICS, CATALOGUE_PARTITIONS),
        Topic.MODELS: 1,
        Topic.ERASURES: 1,
        Topic.OVERRIDES: 1,
        Topic.ANCHORS: 1,
        Topic.APPEALS: 1,
    }
    return {names.full(topic): counts.get(topic, settings.partitions) for topic in Topic}


async def run_topics(settings: Settings, *, bootstrap: str) -> str:
    """Create what is missing, kept as long as privacy.yaml says, and answer the closing sentence."""
    kept = read_configuration(settings).privacy.retention_ms
    created = await create_topics(settings.kafka, settings.kafka.client_options(bootstrap), kept)
    return f"Kafka at {bootstrap}: {f'created {len(created)} topics' if created else 'all topics are there'}"


async def create_topics(
    settings: KafkaSettings, client_options: Mapping[str, Any], retention_ms: Mapping[str, int] | None = None
) -> list[str]:
    """Create what is missing on a real Kafka and answer the names created; existing topics stay as they are.

    `retention_ms` says by class of data how long records are kept; Kafka's own setting where it says nothing.
    Stopped says which topic Kafka refused, and why.
    """
    names = TopicNames(settings.prefix)
    compacted = {names.full(topic) for topic in COMPACTED_TOPICS}
    kept = {
        names.full(topic): {"retention.ms": str(retention_ms[kind])}
        for topic, kind in KEPT_AS.items()
        if retention_ms and kind in retention_ms
    }
    wanted = [
        NewTopic(
            name=name,
            num_partitions=partitions,
            replication_factor=settings.replication,
            topic_configs={"cleanup.policy": "compact"} if name in compacted else kept.get(name, {}),
        )
        for name, partitions in partitions_of_topics(settings).items()
    ]
    admin = AIOKafkaAdminClient(**client_options)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [topic for topic in wanted if topic.name not in existing]
        if missing:
            _check(await admin.create_topics(missing))
    finally:
        await admin.close()
    return [topic.name for topic in missing]


def _check(response: Any) -> None:
    for name, code, *rest in response.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise Stopped(f"Kafka refused to create {name}: {rest[0] if rest and rest[0] else for_code(code).__name__}")
