"""Events that a decide call implies when it asks for them: a page view, the items as shown; written later."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any, Self

import structlog

from api.callers import Caller
from api.collect import Collector
from api.decide import Reply
from api.errors import Refusal
from api.intake import Circumstances
from schemas.deciding import DecideRequest

_DRAIN = 5.0

_line = structlog.get_logger("api.implied")


class ImpliedEvents(AbstractAsyncContextManager["ImpliedEvents"]):
    """Hands implied events to the collector; drained when the app stops."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._writing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._writing:
            await asyncio.wait(self._writing, timeout=_DRAIN)

    def put(self, asked: DecideRequest, reply: Reply, caller: Caller) -> None:
        """Write what a call implies; nothing about somebody whom the answer was not made for."""
        options = asked.options
        if reply.candidate is None or not (options.implicit_pageview or options.implicit_impression):
            return
        messages = list(_messages(asked, reply))
        if messages:
            writing = asyncio.create_task(self._write(messages, caller))
            self._writing.add(writing)
            writing.add_done_callback(self._writing.discard)

    async def _write(self, messages: list[dict[str, Any]], caller: Caller) -> None:
        try:
            await self._collector.messages(messages, caller, Circumstances())
        except Refusal as refusal:
            _line.warning("implied_events_lost", code=refusal.code, count=len(messages))


def _messages(asked: DecideRequest, reply: Reply) -> list[dict[str, Any]]:
    who = {"userId": asked.user.user_id, "anonymousId": asked.user.anonymous_id, "context": asked.context}
    messages: list[dict[str, Any]] = []
    if asked.options.implicit_pageview:
        page = asked.context.get("page")
        messages.append({"type": "page", "properties": page if isinstance(page, dict) else {}, **who})
    if asked.options.implicit_impression:
        for shown in reply.shown:
            messages += _shown(shown.id, shown.kind, shown.items, who)
    return messages


def _shown(decision_id: str, kind: str, items: tuple[str, ...], who: dict[str, Any]) -> list[dict[str, Any]]:
    about = {"decision_id": decision_id}
    if kind == "RECS":
        properties = {**about, "job_ids": list(items)}
        return [{"type": "track", "event": "Job Shown", "properties": properties, **who}] if items else []
    return [
        {"type": "track", "event": "Content Shown", "properties": {**about, "content_id": item}, **who}
        for item in items
    ]
