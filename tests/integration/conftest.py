import pytest

from profiles.redis_store import RedisStore
from schemas.topics import TopicNames
from tests.streaming import topics_of


@pytest.fixture
def names(kafka, prefix) -> TopicNames:
    """The names of this test's topics, which are there."""
    names = TopicNames(prefix.rstrip("."))
    kafka.create_topics(topics_of(names))
    return names


@pytest.fixture
async def store(redis_url):
    kept = RedisStore.open(redis_url)
    yield kept
    await kept.close()
