"""The Kafka topics, by what they carry; a prefix such as `careers` comes from the settings."""

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """A topic without its prefix; the record key of each stands in DESIGN's table."""

    CLICKS = "clicks"
    SESSIONS = "sessions"
    APPLICATIONS = "applications"
    PROFILES = "profiles"
    JOBS = "jobs"
    CONTENT = "content"
    DECISIONS = "decisions"
    SEGMENTS = "segments"
    MESSAGES = "messages"
    DEAD_LETTERS = "dead-letters"
    MODELS = "models"
    ERASURES = "erasures"
    OVERRIDES = "overrides"
    ANCHORS = "anchors"
    APPEALS = "appeals"


CANDIDATE_TOPICS = (Topic.CLICKS, Topic.SESSIONS, Topic.APPLICATIONS, Topic.PROFILES)
"""The topics whose records are folded: one section of a candidate each."""

CATALOGUE_TOPICS = (Topic.JOBS, Topic.CONTENT)
"""Compacted topics keyed by item; a null value deletes."""

COMPACTED_TOPICS = (
    *CATALOGUE_TOPICS,
    Topic.MODELS,
    Topic.ERASURES,
    Topic.OVERRIDES,
    Topic.ANCHORS,
    Topic.APPEALS,
)
"""Topics of which only the newest record of each key matters."""


@dataclass(frozen=True, slots=True)
class TopicNames:
    """Full topic names under one prefix, and the way back."""

    prefix: str = "careers"

    def full(self, topic: Topic) -> str:
        return f"{self.prefix}.{topic.value}"

    def short(self, name: str) -> Topic:
        """Answer the topic of a full name; ValueError when it is not one of ours."""
        return Topic(name.removeprefix(f"{self.prefix}."))
