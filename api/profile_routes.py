"""What a secret key reads of people: the profile, its segments in an ad server's shape, and who is in a segment."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError

from api.access import READS_NAMES
from api.answering import private_json
from api.bodies import read_body
from api.callers import Caller
from api.errors import JSON_TYPE, KeyMayNot, MalformedCall, UnknownThing
from api.members import PAGE, Normalisation, as_csv, as_ndjson, members_of
from api.openapi import Responses, answers, json_body
from api.outside import note
from api.reading import profile_body
from api.segment_formats import Format, Membership, formatted, weak_etag
from api.segments import Segments, Standing, candidate_named
from api.shapes import LOOKUP, PROFILE, SEGMENTS, TRAITS
from api.state import Ports, ports_of
from profiles.store import StoreUnavailable
from schemas.consent import ADVERTISING
from schemas.gpp import consents_of_gpp
from schemas.members import milliseconds
from schemas.messages import CandidateId, MalformedMessage
from schemas.personal import hidden
from schemas.tcf import Vendor, consents_of_tcf

router = APIRouter(tags=["profiles"])

LOOKUP_LIMIT = 100
_HARD_STOP = 0.05
"""Seconds after which an ad server is answered with nothing."""
_PROFILE = answers(PROFILE, "Everything that is held", 401, 403, 404, 503)
_SEGMENTS = answers(SEGMENTS, "The segments, in the shape asked for", 400, 401, 403, 503)
_MEMBERS: Responses = {
    200: {"description": "A page of members", "content": {"text/csv": {}, "application/x-ndjson": {}}},
}
_PRIVATE = {"Cache-Control": "private, max-age=30"}


class Lookup(BaseModel):
    """Several people at once, each as `user_id:…` or `anonymous_id:…`."""

    ids: list[Annotated[str, Field(max_length=300)]] = Field(max_length=LOOKUP_LIMIT)


@router.get("/v1/profiles/{name:path}/segments", summary="Read somebody's segments", responses=_SEGMENTS)
async def segments(
    request: Request,
    name: str,
    format: Format = "plain",  # noqa: A002  # the query's name
    tc: Annotated[str | None, Query(max_length=4_000)] = None,
    gpp: Annotated[str | None, Query(max_length=4_000)] = None,
) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    asked = _subject(caller, name)
    now = ports.clock()
    note(request.scope, candidate=name)
    consented = _consented(request) and _allow_advertising(tc, gpp, ports.privacy.vendor)
    try:
        async with asyncio.timeout(_HARD_STOP):
            standing = await ports.segments.of(asked, now, sight=caller.sight)
            told = standing.memberships
            if format != "plain" or caller.holder == "ad":
                told = await ports.segments.leaving(standing, consented=consented)
            if caller.holder == "ad":
                told = _of_token(told, caller.segments)
    except (StoreUnavailable, TimeoutError):
        # An ad server has no second try: late is lost, and an error costs it more than nothing does.
        return _json(formatted((), format, known=False, now=now))
    # To an ad server somebody in none of its segments is nobody, so that it can't find out who is known here.
    known = bool(told) if caller.holder == "ad" else standing.known
    return _tagged(request, formatted(told, format, known=known, now=now))


@router.get("/v1/profiles/{name:path}", summary="Read a profile", responses=_PROFILE)
async def profile(request: Request, name: str) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    asked = _subject(caller, name)
    person = None if asked is None else await ports.people.read(asked, sight=caller.sight)
    if person is None or not person.known:
        raise UnknownThing("nothing is held under this id")
    now = ports.clock()
    note(request.scope, candidate=person.id)
    memberships = await ports.segments.memberships(person, now)
    named = caller.holder in READS_NAMES
    traits = await ports.vault.opened(person.traits, person.ids) if named else hidden(dict(person.traits))
    person = replace(person, traits=traits)
    return _json(profile_body(person, ports.engine.interests(person, now), memberships))


@router.get(
    "/v1/spaces/{space}/collections/users/profiles/{name:path}/traits",
    summary="The same as segments, for what speaks Segment's Profile API",
    responses=answers(TRAITS, "The segments as traits", 400, 401, 403, 503),
)
async def traits(
    request: Request,
    space: str,  # noqa: ARG001  # Segment's path names a space, and there is one here
    name: str,
    limit: Annotated[int, Query(ge=1, le=200)] = 200,
) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    standing = await ports.segments.of(_subject(caller, name), ports.clock(), sight=caller.sight)
    told = standing.memberships
    if caller.holder == "ad":
        told = _of_token(await ports.segments.leaving(standing, consented=_consented(request)), caller.segments)
    held = {membership.key: True for membership in told[:limit]}
    cursor = {"url": "", "has_more": False, "next": "", "limit": limit}
    return _json({"traits": held, "cursor": cursor})


@router.post(
    "/v1/segments/lookup",
    summary="Read the segments of up to 100 people",
    responses=answers(LOOKUP, "Each one's segments", 400, 401, 403, 503),
    openapi_extra=json_body(Lookup.model_json_schema()),
)
async def lookup(request: Request) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    try:
        asked = Lookup.model_validate_json(await read_body(request, 64 * 1024))
    except ValidationError as error:
        raise MalformedCall(f"ids is a list of at most {LOOKUP_LIMIT} texts such as user_id:u1") from error
    now = ports.clock()
    found = [(name, await ports.segments.of(_subject(caller, name), now)) for name in asked.ids]
    return _json({"results": [_looked_up(name, standing, now) for name, standing in found]})


@router.get(
    "/v1/segments/{key}/members", summary="Export a segment's members", response_class=Response, responses=_MEMBERS
)
async def members(
    request: Request,
    key: str,
    *,
    format: Literal["csv", "ndjson"] = "csv",  # noqa: A002  # the query's name
    cursor: Annotated[int, Query(ge=0)] = 0,
    changed_since: Annotated[str | None, Query(max_length=40)] = None,
    normalise: Normalisation = "plain",
) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    await _check_export(ports.segments, key)
    start = max(cursor, await _start(ports, key, changed_since))
    found = await ports.store.members(key, start, PAGE)
    exported = await members_of(ports.people, ports.vault, found, normalise)
    headers = {**_PRIVATE, **({"X-Next-Cursor": str(start + PAGE)} if len(found) == PAGE else {})}
    if format == "csv":
        return Response(as_csv(exported), headers=headers, media_type="text/csv; charset=utf-8")
    return Response(as_ndjson(exported), headers=headers, media_type="application/x-ndjson")


def _allow_advertising(tc: str | None, gpp: str | None, vendor: Vendor | None) -> bool:
    by_tcf = tc is None or consents_of_tcf(tc, vendor)[ADVERTISING]
    return by_tcf and (gpp is None or consents_of_gpp(gpp, vendor).get(ADVERTISING) is not False)


def _subject(caller: Caller, name: str) -> CandidateId | None:
    """Answer whom a name means; None for nobody, and for whom this caller may not read: the two look the same outside."""
    candidate = candidate_named(name)
    if candidate is None or not candidate.startswith("a:"):
        return candidate if caller.holder != "ad" and caller.may_read(candidate) else None
    try:
        candidate = f"a:{caller.anonymous(candidate[2:])}" if not caller.is_page else candidate
    except MalformedMessage:
        return None
    return candidate if caller.may_read(candidate) else None


def _of_token(told: Sequence[Membership], segments_: frozenset[str]) -> tuple[Membership, ...]:
    """Answer what an ad token may hear: that somebody is in a segment of its own, not since when."""
    return tuple(replace(each, since=None, until=None) for each in told if each.key in segments_)


def _consented(request: Request) -> bool:
    return request.headers.get("sec-gpc") != "1"


async def _check_export(segments_: Segments, key: str) -> None:
    rule = segments_.rules.get(key)
    if rule is None:
        raise UnknownThing("no such segment")
    if not rule.exportable:
        raise KeyMayNot("this segment is not exportable")
    if not await segments_.is_crowd(key):
        raise KeyMayNot("this segment has too few members to be exported")


async def _start(ports: Ports, key: str, changed_since: str | None) -> int:
    if changed_since is None:
        return 0
    moment = int(changed_since) if changed_since.isdecimal() else milliseconds(changed_since)
    if moment is None:
        raise MalformedCall("changed_since is a time such as 2026-11-22T10:00:00Z, or milliseconds since the epoch")
    return await ports.segments.since(key, moment)


def _looked_up(name: str, standing: Standing, now: int) -> dict[str, Any]:
    plain = formatted(standing.memberships, "plain", known=standing.known, now=now)
    return {"id": name, "known": standing.known, "segments": plain["segments"]}


def _tagged(request: Request, body: dict[str, Any]) -> Response:
    tag = weak_etag(body)
    headers = {**_PRIVATE, "ETag": tag, "Vary": "Authorization"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(orjson.dumps(body), headers=headers, media_type=JSON_TYPE)


def _json(body: object) -> Response:
    return private_json(body, option=orjson.OPT_NON_STR_KEYS)
