"""OpenDSR 2.0: requests of people about their data, as a controller hands them on to those who process it for them."""

import asyncio
import base64
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.addresses import Addresses, address_digest, is_digest
from api.cloudevents import rfc3339
from api.erasure import Erasure
from api.errors import NotSetUp
from api.personal_keys import HOUSE
from api.processor import Processor
from api.requests import Requests
from api.vault import Vault
from profiles.erasures import Erasures
from schemas.messages import CandidateId

VERSION = "2.0"
FINAL = frozenset({"completed"})
EXPECTED_MS = 5_000
"""How long a request takes at most while everything is up."""
IDENTITIES = (
    ("controller_customer_id", "raw"),
    ("anonymous_id", "raw"),
    ("email", "raw"),
    ("email", "sha256"),
)
"""Kinds of ids and the forms that they may have; `anonymous_id` is ours, OpenDSR knows no browser's id."""
_INITIALS: Mapping[str, str] = {"controller_customer_id": "u", "anonymous_id": "a"}
_RESULTS = "results"
_HOUSE = f"{HOUSE}requests"
"""Under whose key the ids of a request are sealed: nobody's, so that they can be told while the person is."""


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Identity(_Body):
    """One id of the person: the site's own user id, a browser's, or an e-mail address (or its SHA-256, trimmed, lower case)."""

    identity_type: Literal["controller_customer_id", "anonymous_id", "email"]
    identity_value: str = Field(min_length=1, max_length=256)
    identity_format: Literal["raw", "sha256"] = "raw"

    @model_validator(mode="after")
    def _usable(self) -> "Identity":
        if (self.identity_type, self.identity_format) not in IDENTITIES:
            raise ValueError(f"a {self.identity_type} is sent raw")
        if self.identity_type == "email" and not self.digest:
            raise ValueError("that is no e-mail address, and no SHA-256 of one in hex")
        return self

    @property
    def digest(self) -> str:
        """The address's SHA-256; "" for what is none."""
        if self.identity_format == "raw":
            return address_digest(self.identity_value)
        return value if is_digest(value := self.identity_value.lower()) else ""


class SubjectRequest(_Body):
    """An OpenDSR 2.0 request."""

    regulation: Literal["gdpr", "ccpa"] = "gdpr"
    subject_request_id: uuid.UUID
    subject_request_type: Literal["access", "portability", "erasure"]
    submitted_time: str = Field("", max_length=40)
    subject_identities: list[Identity] = Field(min_length=1, max_length=20)
    api_version: str = Field(VERSION, max_length=10)
    status_callback_urls: list[str] = Field(
        [], max_length=20, description="told of every change of status, by a signed POST"
    )


class SubjectRequests:
    """Carries requests out and tells how far they are. Every asynchronous method may raise what Erasure and Addresses do."""

    def __init__(
        self,
        *,
        processor: Processor | None,
        controller: str,
        requests: Requests,
        erasure: Erasure,
        erasures: Erasures,
        addresses: Addresses,
        vault: Vault,
        clock: Callable[[], int],
    ) -> None:
        self._processor = processor
        self._controller = controller
        self._requests = requests
        self._erasure = erasure
        self._erasures = erasures
        self._addresses = addresses
        self._vault = vault
        self._clock = clock

    @property
    def processor(self) -> Processor:
        """Who signs; may raise NotSetUp."""
        if self._processor is None:
            raise NotSetUp(
                "OpenDSR answers are signed with a certificate, and this house has none: set "
                "CAREERSTREAM_OPENDSR__CERTIFICATE_FILE and CAREERSTREAM_OPENDSR__KEY_FILE"
            )
        return self._processor

    async def take(self, asked: SubjectRequest, raw: bytes) -> dict[str, Any]:
        """Carry a request out, as far as that goes at once, and answer it; `raw` is the body as it came."""
        at, name = self._clock(), str(asked.subject_request_id)
        people = await self._people(asked.subject_identities)
        kept: dict[str, Any] = {
            "at": at,
            "type": asked.subject_request_type,
            "regulation": asked.regulation,
            "after": [],
            "callbacks": list(dict.fromkeys(asked.status_callback_urls)),
            "told": {},
            "tries": 0,
        }
        if asked.subject_request_type == "erasure":
            erased = await asyncio.gather(*(self._erasure.erase(each) for each in people))
            kept["after"] = [each.after for each in erased]
        elif people:
            kept[_RESULTS] = await self._vault.seal_value(_HOUSE, _RESULTS, people)
        await self.keep(name, kept)
        return {
            "controller_id": self._controller,
            "expected_completion_time": rfc3339(at + EXPECTED_MS),
            "received_time": rfc3339(at),
            "subject_request_id": name,
            "encoded_request": base64.b64encode(raw).decode(),
            **(await self._results(kept)),
        }

    async def told(self, name: str, kept: Mapping[str, Any]) -> dict[str, Any]:
        """Answer how far a request is, as a status or a callback says it."""
        done = await self._erasure.is_done(kept["after"])
        return {
            "controller_id": self._controller,
            "expected_completion_time": rfc3339(kept["at"] + EXPECTED_MS),
            "received_time": rfc3339(kept["at"]),
            "subject_request_id": name,
            "request_status": "completed" if done else "in_progress",
            "api_version": VERSION,
            **(await self._results(kept)),
        }

    async def find(self, name: str) -> dict[str, Any] | None:
        """Answer what is kept of a request of this kind."""
        kept = await self._requests.find(name)
        return kept if kept is not None and "callbacks" in kept else None

    async def keep(self, name: str, kept: Mapping[str, Any]) -> None:
        await self._requests.keep(name, kept)

    async def _people(self, identities: list[Identity]) -> list[CandidateId]:
        found: list[CandidateId] = []
        for each in identities:
            if each.identity_type == "email":
                found += await self._addresses.people(each.digest)
            else:
                found.append(f"{_INITIALS[each.identity_type]}:{each.identity_value}")
        return list(dict.fromkeys(found))

    async def _results(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """Answer where what was asked for is to be had, and how many people that is; a request itself keeps ids sealed."""
        if kept["type"] == "erasure":
            return {}
        sealed = kept.get(_RESULTS)
        people = (await self._vault.opened({_RESULTS: sealed}, [_HOUSE]))[_RESULTS] if sealed else []
        urls = [self._export_url(each) for each in people or () if not self._erasures.of(each).erased]
        return {"results_count": len(urls), **({"results_url": urls[0], "results_urls": urls} if urls else {})}

    def _export_url(self, candidate: CandidateId) -> str:
        kind, _, identifier = candidate.partition(":")
        name = f"{'user_id' if kind == 'u' else 'anonymous_id'}:{quote(identifier, safe='')}"
        return f"https://{self.processor.domain}/v1/profiles/{name}/export"
