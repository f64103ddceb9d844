"""Consent given or taken back through the API, and the records of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.after import positions_of
from api.answering import private_json
from api.bodies import parsed, read_body
from api.callers import Caller
from api.collect_routes import circumstances_of
from api.errors import MalformedCall
from api.openapi import answers, json_body
from api.rights_routes import own_or_permitted
from api.shapes import CONSENT_RECORDS, CONSENTS_HELD, TEXT, by_key
from api.state import Ports, ports_of
from profiles.pseudonym import pseudonym
from profiles.store import StoreUnavailable, TopicPartition
from schemas.consent import BEHAVIOUR, INCLUDED, NAMES, PERSONALIZATION, canonical_name
from schemas.consent_record import CONTEXT
from schemas.messages import CandidateId

router = APIRouter(tags=["privacy"])

BODY_LIMIT = 32 * 1024
PATIENCE = 2.0
"""Seconds until the answer says that the agents are behind; the consent holds from the next decision on all the same."""


class Consents(BaseModel):
    """An answer about purposes and sources, and how it was given."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    user_id: str | None = Field(None, alias="userId", max_length=256)
    anonymous_id: str | None = Field(None, alias="anonymousId", max_length=256)
    consents: dict[str, bool] = Field(min_length=1, max_length=len(NAMES))
    method: str = Field("", max_length=100, description="such as `form`, `phone`, `paper`")
    language: str = Field("", max_length=35)
    notice_version: str = Field("", alias="noticeVersion", max_length=60)
    notice_hash: str = Field("", alias="noticeHash", max_length=128)
    message_id: str | None = Field(None, alias="messageId", max_length=100)


_RECORDS = answers(CONSENT_RECORDS, "All of them", 401, 403, 404, 503)
CONSENTS: TypeAdapter[Consents] = TypeAdapter(Consents)


@router.post(
    "/v1/consents",
    summary="Give consent or take it back, by purpose and source",
    responses=answers(CONSENTS_HELD, "What holds now", 400, 401, 403, 404, 503),
    openapi_extra=json_body(CONSENTS.json_schema()),
)
async def consents(request: Request) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    asked = parsed(CONSENTS, await read_body(request, BODY_LIMIT))
    purposes = _purposes(asked.consents)
    candidate = _candidate(caller, asked)
    # The list first: it is what other processes answer by before the agents have folded anything.
    await _object_or_return(ports, candidate, purposes)
    # Whose consent it is was proven or vouched for above, so the message speaks for that very id.
    vouched = replace(caller, holder="secret", ids=None)
    message = _message(asked, candidate, purposes)
    collected = await ports.collector.messages([message], vouched, circumstances_of(request))
    held = await _settled(ports, collected.after)
    return private_json({"success": True, "after": collected.after, "consents": purposes, "settled": held})


@router.get(
    "/v1/profiles/{name:path}/consent-records",
    summary="Read somebody's consent records",
    responses=_RECORDS,
)
async def records(request: Request, name: str) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    asked = own_or_permitted(caller, name)
    ids = await ports.people.every_id(asked, claimed=not caller.is_page)
    found = await ports.consent_records.of([pseudonym(each) for each in ids])
    return private_json({"@context": dict(CONTEXT), "@graph": found}, media_type="application/ld+json")


@router.get(
    "/.well-known/consent-keys.json",
    summary="Keys that check the signatures of consent records",
    responses=answers(by_key(TEXT), "Ed25519 keys by name"),
)
async def keys(request: Request) -> Response:
    return private_json(ports_of(request).consent_records.public_keys())


async def _object_or_return(ports: Ports, candidate: CandidateId, purposes: Mapping[str, bool]) -> None:
    if purposes.get(PERSONALIZATION) is False or purposes.get(BEHAVIOUR) is False:
        await ports.erasure.object(candidate)
    elif purposes.get(PERSONALIZATION) is True and not ports.erasures.of(candidate).is_suppressed:
        await ports.erasure.take_up(candidate)
    if purposes.keys() & INCLUDED:
        await ports.erasure.answer(candidate, purposes)


def _purposes(given: Mapping[str, bool]) -> dict[str, bool]:
    purposes = {canonical_name(name): value for name, value in given.items()}
    unknown = sorted(purposes.keys() - set(NAMES))
    if unknown:
        raise MalformedCall(f"{unknown[0]} is none of {', '.join(NAMES)}")
    return purposes


def _candidate(caller: Caller, asked: Consents) -> CandidateId:
    if asked.user_id:
        name = f"user_id:{asked.user_id}"
    elif asked.anonymous_id:
        name = f"anonymous_id:{asked.anonymous_id}"
    else:
        raise MalformedCall("userId or anonymousId says whose consent this is")
    return own_or_permitted(caller, name)


def _message(asked: Consents, candidate: CandidateId, purposes: Mapping[str, bool]) -> dict[str, Any]:
    member = "userId" if candidate.startswith("u:") else "anonymousId"
    told = {"method": asked.method, "language": asked.language, "notice_version": asked.notice_version}
    return {
        "type": "track",
        "event": "Segment Consent Preference Updated",
        member: candidate[2:],
        "context": {"consent": {"categoryPreferences": dict(purposes)}},
        "properties": {**told, "notice_hash": asked.notice_hash},
        **({"messageId": asked.message_id} if asked.message_id else {}),
    }


async def _settled(ports: Ports, after: str) -> bool:
    offsets = {TopicPartition(at.topic, at.partition): at.offset for at in positions_of(after) or ()}
    try:
        return await ports.feed.wait(offsets, asyncio.get_running_loop().time() + PATIENCE)
    except StoreUnavailable:
        return False
