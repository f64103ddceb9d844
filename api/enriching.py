"""Résumés at the door: a document or a text made a résumé, and what a profile keeps of it made a message."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson

from api.errors import MalformedCall
from catalog.understanding.json_resumes import read_json_resume
from catalog.understanding.resumes import Resume, read_resume
from catalog.understanding.understanding import Understanding

DOCUMENT_LIMIT = 5 * 1024 * 1024
"""Bytes of a document."""


class Documents(Protocol):
    """Makes text of a PDF, a DOCX or a plain text."""

    async def text_of(self, document: bytes) -> str:
        """Answer the text, or raise UnreadableDocument. Whatever the document is, this process is safe from it."""
        ...


@dataclass(slots=True)
class Enriching:
    """Understands résumés. The tables are read at the first one: most processes never see any."""

    documents: Documents
    read_tables: Callable[[], Understanding]
    _tables: "asyncio.Future[Understanding] | None" = None

    async def resume(self, document: bytes, now: int) -> Resume:
        """Answer what a document says; JSON is taken for JSON Resume. `now` is milliseconds since the epoch."""
        understanding = await self._understanding()
        today = datetime.fromtimestamp(now / 1000, UTC)
        this_month = today.year * 12 + today.month - 1
        if document.lstrip()[:1] == b"{":
            return read_json_resume(_object(document), understanding, this_month=this_month)
        text = await self.documents.text_of(document)
        return read_resume(text, understanding, this_month=this_month)

    async def _understanding(self) -> Understanding:
        if self._tables is None:
            self._tables = asyncio.get_running_loop().run_in_executor(None, self.read_tables)
        return await asyncio.shield(self._tables)


def enrichment_message(resume: Resume, who: Mapping[str, str], consent: Mapping[str, bool] | None) -> dict[str, Any]:
    """Answer the identify that folds a résumé into its candidate's profile: it counts where the source `resume` is granted."""
    context: dict[str, Any] = {"dataSource": "resume"}
    if consent is not None:
        context["consent"] = {"categoryPreferences": dict(consent)}
    return {"type": "identify", **who, "traits": resume.traits(), "context": context}


def _object(document: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise MalformedCall(f"the résumé begins like JSON and is not: {error}") from error
    if not isinstance(body, dict):
        raise MalformedCall("a JSON Resume is an object")
    return body
