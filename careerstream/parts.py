"""What worker, API and replay are built of: configuration, store, catalogue, policy, model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis.asyncio

from api.redis_keys import RedisKeys
from api.stored_keys import KeyStore
from careerstream.redis_runs import VouchedPool
from careerstream.settings import Settings
from profiles.redis_store import RedisStore
from profiles.segments import SegmentRule, load_segments
from schemas.privacy import Privacy, load_privacy
from schemas.topics import TopicNames
from scorers.policy import Policy
from scorers.policy_file import load_policy
from scorers.segment_trends import SegmentLooks

SHIPPED = Path(__file__).parent / "config"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What people wrote: checked, and complete."""

    policy: Policy
    segments: tuple[SegmentRule, ...]
    privacy: Privacy


def read_configuration(settings: Settings) -> Configuration:
    """Answer the configuration; a file that the folder lacks is the shipped one. ConfigError if it is wrong."""
    folder = settings.config or SHIPPED
    texts = {name: _text(folder, name) for name in ("selectors.yaml", "pins.yaml", "segments.yaml", "privacy.yaml")}
    return Configuration(
        policy=load_policy(selectors=texts["selectors.yaml"], pins=texts["pins.yaml"]),
        segments=load_segments(*texts["segments.yaml"]),
        privacy=load_privacy(*texts["privacy.yaml"]),
    )


def segment_looks(configuration: Configuration) -> SegmentLooks:
    """Answer what counts looks by the segments that are configured to trend; nothing is counted yet."""
    return SegmentLooks({rule.key: rule.name for rule in configuration.segments if rule.trending})


def redis_client(settings: Settings, url: str, **more: Any) -> "redis.asyncio.Redis":
    return redis.asyncio.Redis.from_url(url, **settings.redis.client_options(url), **more)


def vouched_pool(settings: Settings, url: str, **more: Any) -> VouchedPool:
    """Answer a pool that lets nobody read before somebody vouches for the run of Redis that is there."""
    return VouchedPool.from_url(url, **settings.redis.client_options(url), **more)


def profile_store(settings: Settings, client: "redis.asyncio.Redis") -> RedisStore:
    return RedisStore(client, settings.redis.namespace)


def key_store(settings: Settings, client: "redis.asyncio.Redis") -> KeyStore:
    return RedisKeys(client, settings.redis.namespace)


def topic_names(settings: Settings) -> TopicNames:
    return TopicNames(settings.kafka.prefix)


def _text(folder: Path, name: str) -> tuple[str, str]:
    file = folder / name
    if not file.is_file():
        file = SHIPPED / name
    return file.read_text(), str(file)
