"""The tracking endpoints, under the names that Segment's and RudderStack's SDKs call."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from api.bodies import decode_json, read_body
from api.callers import Caller
from api.collect import Collected
from api.errors import JSON_TYPE, UnknownKey
from api.intake import Circumstances
from api.openapi import ACCEPTED, BATCH_BODY, CLOUDEVENT_BODY, MESSAGE_BODY
from api.outside import note
from api.shortcut import Handler
from api.state import Ports, ports_of
from schemas.messages import MESSAGE_TYPES, MessageType

router = APIRouter(tags=["collect"])

Take = Callable[[Ports, Any, Caller, Circumstances], Awaitable[Collected]]


def circumstances_of(request: Request) -> Circumstances:
    return Circumstances(request.headers.get("sec-gpc") == "1", request.headers.get("traceparent"))


async def taken(request: Request, take: Take) -> Response:
    """Read, check the key, take the messages in, answer."""
    ports = ports_of(request)
    ports.collector.check_room()
    body = decode_json(await read_body(request, ports.collector.limits.batch_bytes))
    caller = ports.gate.admit(request, body)
    ports.gate.count_visitor(request, caller, _visitor_in(body))
    collected = await take(ports, body, caller, circumstances_of(request))
    note(
        request.scope,
        source=caller.source,
        accepted=collected.accepted,
        duplicates=collected.duplicates,
        rejected=len(collected.rejected),
    )
    return Response(orjson.dumps(collected.body()), media_type=JSON_TYPE)


def _visitor_in(body: object) -> object:
    """Answer whom a call's first message names: a page sends its own visitor's."""
    messages = body.get("batch") if isinstance(body, dict) else None
    first = messages[0] if isinstance(messages, list) and messages else body
    return first.get("anonymousId") or first.get("userId") if isinstance(first, dict) else None


@router.post("/v1/batch", summary="Take a batch of messages", responses=ACCEPTED, openapi_extra=BATCH_BODY)
@router.post("/v1/b", summary="The same as /v1/batch", responses=ACCEPTED, openapi_extra=BATCH_BODY)
@router.post("/v1/import", summary="The same as /v1/batch", responses=ACCEPTED, openapi_extra=BATCH_BODY)
@router.post(
    "/beacon/v1/batch",
    summary="Take a page-leave batch; the key is in the query",
    responses=ACCEPTED,
    openapi_extra=BATCH_BODY,
)
async def batch(request: Request) -> Response:
    return await taken(request, lambda ports, body, caller, at: ports.collector.batch(body, caller, at))


@router.post(
    "/v1/cloudevents",
    summary="Take structured or batched CloudEvents",
    responses=ACCEPTED,
    openapi_extra=CLOUDEVENT_BODY,
)
async def cloudevents(request: Request) -> Response:
    return await taken(request, lambda ports, body, caller, at: ports.collector.events(body, caller, at))


@router.get("/v1/projects/{key}/settings", summary="What Segment's browser SDK asks before it sends")
async def segment_settings(request: Request, key: str) -> Response:
    if ports_of(request).gate.keys.find(key) is None:
        raise UnknownKey("no such key")
    return Response(orjson.dumps({"integrations": {"Segment.io": {"apiKey": key}}}), media_type=JSON_TYPE)


@router.get("/sourceConfig/", summary="What RudderStack's browser SDK asks before it sends")
@router.get("/sourceConfig", include_in_schema=False)
async def rudder_settings(request: Request) -> Response:
    caller = ports_of(request).gate.admit(request)
    source = {"id": caller.source, "name": caller.source, "enabled": True, "config": {}, "destinations": []}
    return Response(orjson.dumps({"source": source, "updatedAt": "2026-01-01T00:00:00.000Z"}), media_type=JSON_TYPE)


HANDLERS: dict[str, Handler] = {"/v1/batch": batch, "/v1/b": batch}
"""The tracking endpoints by path."""


def _add_single(kind: MessageType) -> None:
    async def single(request: Request) -> Response:
        return await taken(request, lambda ports, body, caller, at: ports.collector.single(body, kind, caller, at))

    for path, summary in ((f"/v1/{kind}", f"Take one {kind} message"), (f"/v1/{kind[0]}", f"The same as /v1/{kind}")):
        name = path.strip("/")
        router.post(path, summary=summary, name=name, responses=ACCEPTED, openapi_extra=MESSAGE_BODY)(single)
        HANDLERS[path] = single


for _kind in MESSAGE_TYPES:
    _add_single(_kind)  # type: ignore[arg-type]  # MESSAGE_TYPES are the MessageType's own values
