"""The inventory of personal data, made from the schemas: what may be held, where it lies, on what ground, and for how long."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, get_args

from careerstream.topics import KEPT_AS
from profiles.consent import may_count
from profiles.sections import Applications, Clicks, Profile, Sessions
from schemas.consent import PURPOSES, SOURCES
from schemas.events import ApplicationEvent, ClickEvent, Moment, ProfileEvent, SessionEvent
from schemas.messages import Message
from schemas.personal import IDENTIFYING, IN_TRAITS
from schemas.privacy import DAY_MS, RETENTION
from schemas.topics import COMPACTED_TOPICS, Topic
from schemas.traits import DENIED_TRAITS

EVENTS: Mapping[Topic, Any] = {
    Topic.CLICKS: ClickEvent,
    Topic.SESSIONS: SessionEvent,
    Topic.APPLICATIONS: ApplicationEvent,
    Topic.PROFILES: ProfileEvent,
}
SECTIONS: Mapping[Topic, type] = {
    Topic.CLICKS: Clicks,
    Topic.SESSIONS: Sessions,
    Topic.APPLICATIONS: Applications,
    Topic.PROFILES: Profile,
}
KEYS: Mapping[str, tuple[str, str, str]] = {
    "s:{topic}:{candidate}": ("a section", "candidate id", "`profile`, `anonymous`"),
    "d:{candidate}": ("the current decision", "candidate id", "30 days after the last one"),
    "seg:{candidate}, members:{segment}, due": ("memberships", "candidate id", "with the person"),
    "links:{user}, redirect:{anonymous}": ("which ids belong together", "candidate ids", "with the person"),
    "answers:{candidate}": (
        "what an event said about consent, and when, until it is folded and decided by",
        "candidate id",
        "30 days at most",
    ),
    "trails": (
        "postings looked at, in order, when, and in which segments",
        "a hash",
        "with the person, the newest 50,000",
    ),
    "undecided, outbox": ("who is to be decided for, what Kafka is to be told", "candidate id", "seconds"),
    "outbox:{process}": ("what was served while Kafka was away", "candidate id", "until Kafka has it; `decisions`"),
    "seen:": ("message ids that were acknowledged", "a hash", "24 hours"),
    "keys:{pseudonym}": ("a personal key, wrapped", "a hash", "with the person"),
    "consents:{pseudonym}": ("consent records, signed", "a hash", "`consents`"),
    "told:{webhook}": (
        "whom a webhook was told of as a member, by segment",
        "a hash",
        "until it was told that they left",
    ),
    "request:{id}": ("requests about data", "none", "`requests`"),
}
"""What stands in Redis under the namespace (and the generation, where one is live): what, named by what, and for how long."""


def inventory_page(made: str) -> str:
    """Answer the page; `made` says that it is made."""
    parts = [
        ["# Inventory of personal data", "", made, ""],
        ["What it is for, who answers for it and how it ends: [privacy](../privacy.md)."],
        _table("What a message may hold", ("member", "sealed"), _message_rows()),
        _table("What events mean", ("topic", "event", "members", "needs consent"), _event_rows()),
        _table("What a section keeps", ("topic", "members"), _section_rows()),
        _table("Circumstances of a visit", ("member",), ([f"`{each.name}`"] for each in fields(Moment))),
        _table("Sealed with a key for each person", ("kind", "members, however they are spelt"), _sealed_rows()),
        _table("Never kept", ("traits, however they are spelt",), [[", ".join(f"`{each}`" for each in sorted(DENIED_TRAITS))]]),
        _table("Purposes", ("name", "to"), ([f"`{name}`", meaning] for name, meaning in PURPOSES.items())),
        _table("Sources", ("name", "what"), ([f"`{name}`", meaning] for name, meaning in SOURCES.items())),
        _table("In Kafka", ("topic", "named by", "class of retention"), _topic_rows()),
        _table("In Redis", ("key", "what", "named by", "class of retention"), ([f"`{key}`", *told] for key, told in KEYS.items())),
        _table("Classes of retention", ("class", "what", "days"), _retention_rows()),
    ]  # fmt: skip
    return "\n".join("\n".join(part) for part in parts) + "\n"


def _table(title: str, head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return ["", f"## {title}", "", f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines]


def _message_rows() -> Iterator[list[str]]:
    where = {
        "traits": "members that name a person",
        "properties": "members that identify a person",
        "context": "`traits` in it; `ip` is dropped",
    }
    for each in fields(Message):
        yield [f"`{each.name}`", where.get(each.name, "")]


def _event_rows() -> Iterator[list[str]]:
    for topic, union in EVENTS.items():
        for kind in get_args(union):
            members = [each.name for each in fields(kind) if each.name not in ("at", "id")]
            event = kind(**dict.fromkeys(each.name for each in fields(kind)))
            needs = "" if may_count(event, None) else "yes"
            yield [topic.value, kind.__name__, ", ".join(f"`{name}`" for name in members) or "nothing", needs]


def _section_rows() -> Iterator[list[str]]:
    for topic, section in SECTIONS.items():
        yield [topic.value, ", ".join(f"`{each.name}`" for each in fields(section))]


def _sealed_rows() -> Iterator[list[str]]:
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for names in (IDENTIFYING, IN_TRAITS):
        for name, kind in names.items():
            kinds[kind].append(f"`{name}`" if names is IDENTIFYING else f"`{name}` (among traits)")
    for kind, members in sorted(kinds.items()):
        yield [kind, ", ".join(members)]


def _topic_rows() -> Iterator[list[str]]:
    named = {
        Topic.ERASURES: "a hash",
        Topic.JOBS: "a posting",
        Topic.CONTENT: "a content item",
        Topic.MODELS: "a model",
        Topic.APPEALS: "an appeal, with the candidate id",
    }
    for topic in Topic:
        kept = "compacted" if topic in COMPACTED_TOPICS else KEPT_AS.get(topic, "Kafka's own")
        yield [f"`careers.{topic.value}`", named.get(topic, "candidate id"), kept]


def _retention_rows() -> Iterator[list[str]]:
    for name, (meaning, ms) in RETENTION.items():
        yield [f"`{name}`", meaning, str(ms // DAY_MS)]
