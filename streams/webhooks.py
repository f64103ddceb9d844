"""Telling other systems what becomes of people, as it happens: signed, in order, again until it is taken."""

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

from streams.notices import KINDS, Change, Notice, said
from streams.outward import ForbiddenTarget, Outward, Undelivered

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 600.0
GIVE_UP_SECONDS = 3 * 86_400.0
_NEEDED = frozenset({"name", "url", "secret"})
_CHOSEN = frozenset({"segments", "events"})
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_SHORTEST = 32
_AGAIN = frozenset({408, 425, 429})

log = structlog.get_logger("streams.webhooks")


class UnusableWebhooks(ValueError):
    """A file of webhooks that cannot be used; the message names file and entry."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where changes of some segments are told, and events of some kinds. `secret` signs, and is never shown."""

    name: str
    url: str
    segments: frozenset[str]
    secret: bytes
    events: frozenset[str] = frozenset()

    @property
    def kinds(self) -> frozenset[str]:
        """Answer the kinds of notices that it wants."""
        return self.events | ({Change.kind} if self.segments else frozenset())

    def __repr__(self) -> str:
        return f"Webhook({self.name!r})"

    def wants(self, notice: Notice) -> bool:
        return notice.segment in self.segments if isinstance(notice, Change) else notice.kind in self.events


def parse_webhooks(text: str, file: str, outward: Outward) -> tuple[Webhook, ...]:
    """Answer the webhooks of a YAML list of `name`, `url`, `secret`, `segments` and `events`, or raise UnusableWebhooks."""
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


def request_of(webhook: Webhook, notice: Notice, *, sent_at: int, timestamp: str) -> tuple[bytes, dict[str, str]]:
    """Answer body and headers: a Segment `track` call, signed as `t=…,v1=…` over the time of sending and the body."""
    kind, _, identifier = notice.candidate.partition(":")
    body = orjson.dumps(
        {
            "type": "track",
            "messageId": notice.id,
            "userId" if kind == "u" else "anonymousId": identifier,
            "timestamp": timestamp,
            **said(notice),
        }
    )
    signature = hmac.digest(webhook.secret, f"{sent_at}.".encode() + body, hashlib.sha256).hex()
    return body, {
        "Content-Type": "application/json",
        "X-Signature": f"t={sent_at},v1={signature}",
        "X-Event-Id": hashlib.sha256(notice.id.encode()).hexdigest()[:32],
    }


@dataclass(frozen=True, slots=True)
class Delivery:
    """Brings notices to one webhook; `now` in seconds, `rfc3339` writes milliseconds since the epoch."""

    webhook: Webhook
    outward: Outward
    now: Callable[[], float]
    rfc3339: Callable[[int], str]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def deliver(self, notice: Notice) -> str | None:
        """Return when it was taken (None), or can't be (the reason); tries again for three days."""
        until, pauses = self.now() + GIVE_UP_SECONDS, _pauses()
        while True:
            problem, final = await self.attempt(notice)
            if problem is None or final or self.now() >= until:
                return problem
            log.warning("webhook_waits", webhook=self.webhook.name, problem=problem)
            await self.pause(next(pauses))

    async def attempt(self, notice: Notice) -> tuple[str | None, bool]:
        """Answer why it was not taken (None when it was), and whether that is the last word."""
        body, headers = request_of(self.webhook, notice, sent_at=int(self.now()), timestamp=self.rfc3339(notice.at))
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
    if not isinstance(entry, Mapping) or not _NEEDED <= entry.keys() <= _NEEDED | _CHOSEN:
        raise UnusableWebhooks(f"{place} needs {', '.join(sorted(_NEEDED))}, and segments, events or both")
    name, url, secret = (entry[member] for member in ("name", "url", "secret"))
    segments, events = (entry.get(member, []) for member in ("segments", "events"))
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UnusableWebhooks(f"{place}: name is 1 to 40 small letters, digits and -")
    if not _are_texts(segments) or not (segments or events):
        raise UnusableWebhooks(f"{place}: segments is a list such as [nurses]")
    if not _are_texts(events) or not KINDS.issuperset(events):
        raise UnusableWebhooks(f"{place}: events is a list of {' and '.join(sorted(KINDS))}")
    if not isinstance(secret, str) or len(secret) < _SHORTEST:
        raise UnusableWebhooks(f"{place}: secret has at least {_SHORTEST} characters (openssl rand -hex 32)")
    try:
        outward.check(str(url))
    except ForbiddenTarget as error:
        raise UnusableWebhooks(f"{place}: {error}") from error
    return Webhook(name, str(url), frozenset(segments), secret.encode(), frozenset(events))


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
