"""A content item as it lies on `careers.content`: compact JSON, names as in `Content`, absent members left out."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import orjson

from schemas.content import CHANNELS, CONTENT_KINDS, Content
from schemas.events import STAGES
from schemas.members import (
    MalformedMember,
    Reader,
    identifier,
    members,
    moment,
    moment_after,
    one_of,
    some_of,
    text,
    text_within,
    texts,
    unexpected,
    whole,
)

CONTENT_MEMBERS = frozenset(member.name for member in fields(Content))
"""The names that an item's JSON may have; others are ignored."""
FACETS = ("occupation", "skill", "employer", "place", "pay", "employment", "workplace", "category", "seniority")
"""The dimensions in which an item may say whom it suits: one of another name would never match anybody."""
LINKS = ("link", "url", "href", "image", "poster", "thumbnail")
"""Members of a payload that a page makes a link or a source of."""


class MalformedContent(MalformedMember):
    """JSON that is not a content item: `field` is the culprit's path, `problem` the rest of the sentence."""

    noun = "the content item"


def content_to_json(content: Content) -> bytes:
    """Answer the JSON of an item."""
    optional = {
        "payload": dict(content.payload),
        "facets": {name: list(values) for name, values in content.facets.items()},
        "segments": content.segments,
        "stages": content.stages,
        "priority": content.priority or None,
        "starts_at": content.starts_at,
        "ends_at": content.ends_at,
        "language": content.language,
        "channel": content.channel,
    }
    body: dict[str, Any] = {"id": content.id, "kind": content.kind, "title": content.title}
    body.update({name: value for name, value in optional.items() if value is not None and value not in ((), {})})
    return orjson.dumps(body)


def content_from_json(value: bytes) -> Content:
    """Answer the item of a record's value, or raise MalformedContent; unknown members are ignored."""
    try:
        body = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise MalformedContent("", f"is not JSON: {error}") from error
    return content_from_object(body)


def content_from_object(body: object) -> Content:
    """Answer the item of decoded JSON, or raise MalformedContent."""
    try:
        known = members(body, _CONTENT, required=("id", "kind", "title"))
    except MalformedMember as complaint:
        raise MalformedContent(complaint.field, complaint.problem) from None
    content = Content(**known)
    if content.starts_at is not None and content.ends_at is not None and content.ends_at <= content.starts_at:
        raise MalformedContent("ends_at", "is not later than starts_at")
    return content


def _payload(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise unexpected(name, value, "an object")
    for member in LINKS:
        link = value.get(member)
        if link is not None and not _is_link(link):
            raise unexpected(f"{name}.{member}", link, "an address that begins with https://, http:// or a single /")
    return value


def _is_link(link: object) -> bool:
    """Say whether a page may link there: elsewhere on the web, or to a path on its own site. `{href, label}` is a link."""
    if isinstance(link, dict):
        return _is_link(link.get("href"))
    if not isinstance(link, str) or "\\" in link:
        return False
    return link.startswith(("https://", "http://")) or (link.startswith("/") and not link.startswith("//"))


def _facets(value: object, name: str) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise unexpected(name, value, "an object")
    for facet in value:
        if facet not in FACETS:
            raise MalformedMember(f"{name}.{facet}", f"is no facet, expected one of {', '.join(FACETS)}")
    return {facet: texts(values, f"{name}.{facet}") for facet, values in value.items()}


_CONTENT: Mapping[str, Reader] = {
    "id": identifier,
    "kind": one_of(CONTENT_KINDS),
    "title": text_within(500),
    "payload": _payload,
    "facets": _facets,
    "segments": texts,
    "stages": some_of(STAGES),
    "priority": whole(-1_000_000, 1_000_000),
    "starts_at": moment,
    "ends_at": moment_after,
    "language": text,
    "channel": one_of(CHANNELS),
}
