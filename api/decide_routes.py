"""The decision endpoints; they read and write bytes themselves: a model dumped twice is felt at 500 calls a second."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

import orjson
from fastapi import APIRouter, Request, Response

from api.bodies import parsed, read_body
from api.callers import Caller
from api.collect_routes import circumstances_of
from api.decide import Reply, sight_of
from api.errors import JSON_TYPE, UnknownThing
from api.openapi import DECIDED, ENGAGED, EXPLAINED, decide_body, engagements_body
from api.outside import note
from api.reading import explanation, without_ids
from api.replies import reply_key
from api.served import messages_for
from api.state import Ports, ports_of
from profiles.store import StoreUnavailable
from schemas.deciding import DECIDE, ENGAGEMENTS, DecideRequest, EngagementsRequest

router = APIRouter(tags=["decide"])

BODY_LIMIT = 64 * 1024
_PATIENCE = 0.01
"""Seconds that a request with an id waits to learn what was agreed to; past them it is answered anew."""


@router.post("/v1/decide", summary="Decide what to show", responses=DECIDED, openapi_extra=decide_body())
async def decide(request: Request) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    asked = parsed(DECIDE, await read_body(request, BODY_LIMIT))
    return await _decided(request, ports, caller, asked)


@router.get("/v1/decide", summary="Decide for one selector, for edges, CMS and e-mail", responses=DECIDED)
async def decide_one(request: Request, selector: str) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    query = request.query_params
    body = {
        "selectors": [{"name": name, "count": query.get("count")} for name in selector.split(",")],
        "user": {"userId": query.get("userId"), "anonymousId": query.get("anonymousId")},
        "context": {
            "page": {"url": query.get("url", "")},
            "locale": query.get("locale", ""),
            "timezone": query.get("timezone", ""),
        },
        "after": query.get("after"),
        "requestId": query.get("requestId"),
    }
    return await _decided(request, ports, caller, parsed(DECIDE, orjson.dumps(body)))


@router.get("/v1/decisions/{decision_id}", summary="Explain a served decision", responses=EXPLAINED)
async def explained(request: Request, decision_id: str) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    value = await ports.archive.find(decision_id)
    if value is None:
        raise UnknownThing("no such decision in the log, or not any more")
    told = explanation(value, None, decision_id)
    if ports.erasures.of(told["candidate"]).erased:
        raise UnknownThing("no such decision in the log, or not any more")
    base_id = orjson.loads(value).get("base")
    base = await ports.archive.find(base_id) if base_id else None
    body = explanation(value, base, decision_id)
    shown = body if "profiles:read" in caller.rights else without_ids(body)
    return Response(orjson.dumps(shown), media_type=JSON_TYPE)


@router.post(
    "/v1/engagements", summary="Tell what became of decisions", responses=ENGAGED, openapi_extra=engagements_body()
)
async def engagements(request: Request) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    asked = parsed(ENGAGEMENTS, await read_body(request, BODY_LIMIT))
    messages, unknown = await _messages(ports, asked)
    collected = await ports.collector.messages(messages, caller, circumstances_of(request))
    body = collected.body()
    if unknown:
        body["unknown"] = unknown
    return Response(orjson.dumps(body), media_type=JSON_TYPE)


async def _decided(request: Request, ports: Ports, caller: Caller, asked: DecideRequest) -> Response:
    ports.gate.count_visitor(request, caller, asked.user.anonymous_id or asked.user.user_id)
    gpc = request.headers.get("sec-gpc") == "1"
    name = await _reply_name(ports, caller, asked, gpc=gpc)
    repeated = await ports.replies.recall(name) if name else None
    if repeated is not None:
        return _response(repeated, None)
    reply = await ports.decisions.answer(asked, caller, gpc=gpc)
    if name:
        ports.replies.remember(name, reply.body)
    ports.implied.put(asked, reply, caller)
    note(request.scope, source=caller.source, rung=reply.rung, candidate=reply.candidate)
    return _response(reply.body, reply)


def _is_unprofiled(ports: Ports, caller: Caller, asked: DecideRequest) -> bool:
    """Say whether this is about somebody who objected or was erased: no earlier answer may be repeated to them."""
    anonymous = asked.user.anonymous_id or ""
    users, browsers = (asked.user.user_id, caller.user_id), (anonymous, anonymous.partition(".")[0])
    ids = [*(f"u:{each}" for each in users), *(f"a:{each}" for each in browsers)]
    return len(ports.erasures) > 0 and any(ports.erasures.of(each).is_unprofiled for each in ids)


def _response(body: bytes, reply: Reply | None) -> Response:
    headers = {"Cache-Control": "no-store"}
    if reply is not None:
        headers["Server-Timing"] = ", ".join(
            f"{stage};dur={spent * 1000:.2f}" for stage, spent in reply.seconds.items()
        )
    return Response(body, HTTPStatus.OK, headers, JSON_TYPE)


async def _reply_name(ports: Ports, caller: Caller, asked: DecideRequest, *, gpc: bool) -> str | None:
    """Name a reply by who asks for whom under which consent: what was allowed a minute ago need not be allowed now.

    None: no reply may be repeated, for nobody asked for that, or nobody can tell what is allowed.
    """
    if not asked.request_id or _is_unprofiled(ports, caller, asked):
        return None
    try:
        async with asyncio.timeout(_PATIENCE):
            held = await _agreed(ports, caller, asked)
    except (StoreUnavailable, TimeoutError):
        return None
    said = [gpc, asked.context.get("consent"), held, asked.after]
    consent = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
    user = asked.user
    who = (caller.source, caller.holder, caller.user_id or "")
    return reply_key(*who, user.user_id or "", user.anonymous_id or "", consent, asked.request_id)


async def _agreed(ports: Ports, caller: Caller, asked: DecideRequest) -> Mapping[str, bool]:
    sight = sight_of(asked, caller, contextual=False)
    return {} if sight.candidate is None else await ports.people.agreed(sight.candidate, own_only=sight.own_only)


async def _messages(ports: Ports, asked: EngagementsRequest) -> tuple[list[dict[str, object]], list[int]]:
    user = {"userId": asked.user.user_id, "anonymousId": asked.user.anonymous_id, "context": asked.context}
    messages: list[dict[str, object]] = []
    unknown: list[int] = []
    for index, engagement in enumerate(asked.engagements):
        choice = await ports.served.find(engagement.decision_id)
        if choice is None:
            unknown.append(index)
        else:
            messages += messages_for(engagement, choice, user)
    return messages, unknown
