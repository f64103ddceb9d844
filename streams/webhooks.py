"""Telling other systems who entered and left a segment, as it happens: signed, in order, again until it is taken."""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
import yaml

from streams.outward import ForbiddenTarget, Outward, Undelivered

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 600.0
GIVE_UP_SECONDS = 3 * 86_400.0
_MEMBERS = frozenset({"name", "url", "segments", "secret"})
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_SHORTEST = 32
_AGAIN = frozenset({408, 425, 429})

log = structlog.get_logger("streams.webhooks")


class UnusableWebhooks(ValueError):
    """A file of webhooks that cannot be used; the message names file and entry."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where changes of some segments are told. `secret` signs, and is never shown."""

    name: str
    url: str
    segments: frozenset[str]
    secret: bytes

    def __repr__(self) -> str:
        return f"Webhook({self.name!r})"


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody entered or left a segment; `at` in milliseconds since the epoch."""

    id: str
    candidate: str
    segment: str
    entered: bool
    at: int


def parse_webhooks(text: str, file: str, outward: Outward) -> tuple[Webhook, ...]:
    """Answer the webhooks of a YAML list of `name`, `url`, `segments` and `secret`, or raise UnusableWebhooks."""
    try:
        entries = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UnusableWebhooks(f"{file} is not YAML: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise UnusableWebhooks(f"{file} holds no list of webhooks; docs/howto/webhooks.md shows one")
    found = tuple(_webhook(entry, f"{file}, entry {number}", outward) for number, entry in enumerate(entries, 1))
    if len({each.name for each in found}) < len(found):
        raise UnusableWebhooks(f"{file}: two webhooks have one name; what each has told is kept under it")
    return found


def change_of(value: bytes | None) -> Change | None:
    """Answer what a record of the segments topic says; None when that is nothing."""
    try:
        body = orjson.loads(value or b"null")
        return Change(body["id"], body["candidateId"], body["segment"], body["change"] == "entered", int(body["at"]))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


def request_of(webhook: Webhook, change: Change, *, sent_at: int, timestamp: str) -> tuple[bytes, dict[str, str]]:
    """Answer body and headers: a Segment `track` call, signed as `t=…,v1=…` over the time of sending and the body."""
    kind, _, identifier = change.candidate.partition(":")
    body = orjson.dumps(
        {
            "type": "track",
            "event": "Audience Entered" if change.entered else "Audience Exited",
            "messageId": change.id,
            "userId" if kind == "u" else "anonymousId": identifier,
            "timestamp": timestamp,
            "properties": {"audience_key": change.segment, change.segment: change.entered},
        }
    )
    signature = hmac.digest(webhook.secret, f"{sent_at}.".encode() + body, hashlib.sha256).hex()
    return body, {
        "Content-Type": "application/json",
        "X-Signature": f"t={sent_at},v1={signature}",
        "X-Event-Id": hashlib.sha256(change.id.encode()).hexdigest()[:32],
    }


@dataclass(frozen=True, slots=True)
class Delivery:
    """Brings changes to one webhook; `now` in seconds, `rfc3339` writes milliseconds since the epoch."""

    webhook: Webhook
    outward: Outward
    now: Callable[[], float]
    rfc3339: Callable[[int], str]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def deliver(self, change: Change) -> str | None:
        """Return when a change was taken (None), or can't be (the reason); tries again for three days."""
        until, pauses = self.now() + GIVE_UP_SECONDS, _pauses()
        while True:
            problem, final = await self._tried(change)
            if problem is None or final or self.now() >= until:
                return problem
            log.warning("webhook_waits", webhook=self.webhook.name, problem=problem)
            await self.pause(next(pauses))

    async def _tried(self, change: Change) -> tuple[str | None, bool]:
        body, headers = request_of(self.webhook, change, sent_at=int(self.now()), timestamp=self.rfc3339(change.at))
        try:
            status = await self.outward.post(self.webhook.url, body, headers)
        except ForbiddenTarget:
            return "forbidden_target", True
        except Undelivered:
            return "no_answer", False
        if 200 <= status < 300:
            return None, True
        return f"answered_{status}", status < 500 and status not in _AGAIN


def _pauses() -> Iterator[float]:
    seconds = FIRST_PAUSE
    while True:
        yield seconds
        seconds = min(LONGEST_PAUSE, seconds * 2)


def _webhook(entry: object, place: str, outward: Outward) -> Webhook:
    if not isinstance(entry, Mapping) or entry.keys() != _MEMBERS:
        raise UnusableWebhooks(f"{place} needs exactly {', '.join(sorted(_MEMBERS))}")
    name, url, segments, secret = (entry[member] for member in ("name", "url", "segments", "secret"))
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UnusableWebhooks(f"{place}: name is 1 to 40 small letters, digits and -")
    if not _are_texts(segments):
        raise UnusableWebhooks(f"{place}: segments is a list such as [nurses]")
    if not isinstance(secret, str) or len(secret) < _SHORTEST:
        raise UnusableWebhooks(f"{place}: secret has at least {_SHORTEST} characters (openssl rand -hex 32)")
    try:
        outward.check(str(url))
    except ForbiddenTarget as error:
        raise UnusableWebhooks(f"{place}: {error}") from error
    return Webhook(name, str(url), frozenset(segments), secret.encode())


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)
