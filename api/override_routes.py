"""Overrides and the pause of the model, over HTTP."""

import secrets
from typing import Any

from fastapi import APIRouter, Request, Response

from api.answering import private_json
from api.bodies import parsed, read_body
from api.cloudevents import rfc3339
from api.errors import MalformedCall
from api.openapi import answers, json_body
from api.state import ports_of
from profiles.pseudonym import pseudonym
from schemas.override import Override, Pause
from schemas.overriding import NEW_OVERRIDE, WHY

router = APIRouter(tags=["oversight"])

BODY_LIMIT = 16 * 1024
_WRITTEN = answers({"type": "object"}, "It holds here now, in every process within seconds", 400, 401, 403, 413, 503)


@router.get(
    "/v1/overrides",
    summary="List overrides, newest first, ended ones too, and whether the model is paused",
    responses=answers({"type": "object"}, "All overrides", 401, 403),
)
async def overrides(request: Request) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    book, now = ports.overriding.book, ports.clock()
    pause = book.now.pause
    return private_json(
        {
            "model": {"paused": False} if pause is None else _pause(pause),
            "overrides": [told(each, now) for each in book.records()],
        }
    )


@router.post(
    "/v1/overrides",
    summary="Pin, boost or block an item for everybody, a segment or a person",
    responses=_WRITTEN,
    openapi_extra=json_body(NEW_OVERRIDE.json_schema()),
)
async def add(request: Request) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    asked, now = parsed(NEW_OVERRIDE, await read_body(request, BODY_LIMIT)), ports.clock()
    person = None if asked.candidate is None else pseudonym(asked.candidate)
    try:
        override = asked.made(f"ov-{secrets.token_hex(8)}", by=caller.name, at=now, person=person)
    except ValueError as error:
        raise MalformedCall(str(error)) from error
    await ports.overriding.add(override)
    return private_json(told(override, now))


@router.delete(
    "/v1/overrides/{override_id}",
    summary="End an override",
    responses=answers({"type": "object"}, "It has ended", 401, 403, 404, 503),
)
async def remove(request: Request, override_id: str) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    return private_json(told(await ports.overriding.remove(override_id, by=caller.name), ports.clock()))


@router.post(
    "/v1/models/pause",
    summary="Let the prior decide instead of the trained model",
    responses=_WRITTEN,
    openapi_extra=json_body(WHY.json_schema()),
)
async def pause(request: Request) -> Response:
    return await _paused(request, paused=True)


@router.post(
    "/v1/models/resume",
    summary="Let the trained model decide again",
    responses=_WRITTEN,
    openapi_extra=json_body(WHY.json_schema()),
)
async def resume(request: Request) -> Response:
    return await _paused(request, paused=False)


async def _paused(request: Request, *, paused: bool) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    asked = parsed(WHY, await read_body(request, BODY_LIMIT))
    return private_json(_pause(await ports.overriding.pause(paused=paused, by=caller.name, why=asked.why)))


def told(override: Override, now: int) -> dict[str, Any]:
    """Answer an override as the API tells it: a person by their pseudonym."""
    body = {
        "id": override.id,
        "kind": override.kind,
        "itemId": override.item_id,
        "segment": override.segment,
        "person": override.person,
        "selector": override.selector,
        "position": override.position if override.kind == "pin" else None,
        "logits": override.logits or None,
        "by": override.by,
        "why": override.why,
        "createdAt": rfc3339(override.at),
        "expiresAt": rfc3339(override.expires_at),
        "inForce": override.is_current(now),
        "removedBy": override.removed_by,
        "removedAt": None if override.removed_at is None else rfc3339(override.removed_at),
    }
    return {name: value for name, value in body.items() if value is not None}


def _pause(said: Pause) -> dict[str, Any]:
    return {"paused": said.paused, "by": said.by, "why": said.why, "at": rfc3339(said.at)}
