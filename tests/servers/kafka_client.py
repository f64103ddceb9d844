"""The few questions and orders that a Kafka under test gets from its tests, whatever it runs in."""

from collections.abc import Mapping

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.embedded.process import listens

_TOPIC_S = 20.0


def answers(bootstrap: str) -> bool:
    """Whether a broker listens there and knows itself."""
    if not listens(int(bootstrap.rpartition(":")[2])):
        return False
    try:
        return bool(_client(bootstrap).list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def create_topics(bootstrap: str, topics: Mapping[str, int], **config: str) -> None:
    """Make topics with these numbers of partitions; `cleanup_policy="compact"` and the like hold for all of them."""
    settings = {name.replace("_", "."): value for name, value in config.items()}
    wanted = [NewTopic(name, partitions, 1, config=settings) for name, partitions in topics.items()]
    client = _client(bootstrap)  # held until the answers are in: a client that nobody holds takes its questions with it
    for made in client.create_topics(wanted, operation_timeout=_TOPIC_S).values():
        made.result(_TOPIC_S)


def _client(bootstrap: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": 0, "socket.timeout.ms": 5000})
