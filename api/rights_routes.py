"""What people, and those who answer for their data, ask for: consent, export, erasure, suppression."""

import base64
import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api.bodies import decode_json, read_body
from api.callers import Caller
from api.cloudevents import rfc3339
from api.errors import JSON_TYPE, MalformedCall, UnknownThing
from api.export import export_of, take_in
from api.openapi import answers, json_body
from api.outside import note
from api.segments import candidate_named
from api.state import Ports, ports_of
from schemas.messages import CandidateId

router = APIRouter(tags=["privacy"])

BODY_LIMIT = 512 * 1024
SUBJECTS_LIMIT = 5_000
VERSION = "2.0"
_STATUS = answers({"type": "object"}, "How far the request is", 401, 403, 404, 503)
_ASKED = answers({"type": "object"}, "What became of it", 400, 401, 403, 503)
IdentityType = Literal["controller_customer_id", "anonymous_id"]
_INITIALS: Mapping[str, str] = {"controller_customer_id": "u", "anonymous_id": "a"}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Identity(_Body):
    """One id of the person: the site's own user id, or a browser's."""

    identity_type: IdentityType
    identity_value: str = Field(min_length=1, max_length=256)
    identity_format: Literal["raw"] = "raw"


class SubjectRequest(_Body):
    """An OpenDSR 2.0 request."""

    regulation: Literal["gdpr", "ccpa"] = "gdpr"
    subject_request_id: uuid.UUID
    subject_request_type: Literal["access", "portability", "erasure"]
    submitted_time: str = Field("", max_length=40)
    subject_identities: list[Identity] = Field(min_length=1, max_length=20)
    api_version: str = Field(VERSION, max_length=10)
    status_callback_urls: list[str] = Field([], max_length=20, description="refused: none is called")


class Regulation(_Body):
    """What Segment's regulations take."""

    regulationType: Literal["SUPPRESS_ONLY", "UNSUPPRESS", "SUPPRESS_WITH_DELETE", "DELETE_ONLY"]  # noqa: N815  # Segment's name
    subjectType: Literal["USER_ID", "ANONYMOUS_ID"] = "USER_ID"  # noqa: N815  # Segment's name
    subjectIds: list[Annotated[str, Field(min_length=1, max_length=256)]] = Field(  # noqa: N815  # Segment's name
        min_length=1, max_length=SUBJECTS_LIMIT
    )


SUBJECT_REQUEST: TypeAdapter[SubjectRequest] = TypeAdapter(SubjectRequest)
REGULATION: TypeAdapter[Regulation] = TypeAdapter(Regulation)


@router.get("/v1/profiles/{name:path}/export", summary="Everything that is held about a person", responses=_STATUS)
async def export(request: Request, name: str) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    asked = own_or_permitted(caller, name)
    note(request.scope, candidate=asked)
    return _json(await export_of(ports, asked, claimed=not caller.is_page))


@router.post("/v1/profiles/import", summary="Take in what another house exported", responses=_ASKED)
async def bring(request: Request) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    document = decode_json(await read_body(request, BODY_LIMIT))
    return _json({"sections": await take_in(document, log=ports.log, vault=ports.vault)})


@router.delete("/v1/profiles/{name:path}", summary="Erase a person", responses=_ASKED)
async def erase(request: Request, name: str) -> Response:
    ports = ports_of(request)
    asked = own_or_permitted(ports.gate.admit(request), name)
    note(request.scope, candidate=asked)
    erased = await ports.erasure.erase(asked)
    return _json({"erased": len(erased.ids), "status": "completed" if erased.done else "in_progress"})


@router.get("/v2/discovery", summary="What OpenDSR requests are taken", responses=_STATUS)
async def discovery(request: Request) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    kinds = [{"identity_type": kind, "identity_format": "raw"} for kind in _INITIALS]
    return _json(
        {
            "api_version": VERSION,
            "supported_identities": kinds,
            "supported_subject_request_types": ["access", "portability", "erasure"],
            "signature_algorithm": "Ed25519",
            "processor_public_keys": ports.consent_records.public_keys(),
        }
    )


@router.post(
    "/v2/requests",
    summary="Take an OpenDSR request",
    responses=_ASKED,
    status_code=HTTPStatus.CREATED,
    openapi_extra=json_body(SUBJECT_REQUEST.json_schema()),
)
async def submit(request: Request) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    raw = await read_body(request, BODY_LIMIT)
    asked = _parsed(SUBJECT_REQUEST, raw)
    if asked.status_callback_urls:
        raise MalformedCall(
            "status_callback_urls: nobody is called back here; leave them out and ask GET /v2/requests/{id}"
        )
    candidates = [f"{_INITIALS[each.identity_type]}:{each.identity_value}" for each in asked.subject_identities]
    name, received = str(asked.subject_request_id), rfc3339(ports.clock())
    after, results = [], None
    if asked.subject_request_type == "erasure":
        after = [(await ports.erasure.erase(each)).after for each in candidates]
    else:
        kind, _, identifier = candidates[0].partition(":")
        results = f"/v1/profiles/{'user_id' if kind == 'u' else 'anonymous_id'}:{identifier}/export"
    kept = {"after": after, "type": asked.subject_request_type, "received": received, "regulation": asked.regulation}
    await ports.requests.keep(name, kept)
    body = {
        "controller_id": ports.privacy.controller,
        "expected_completion_time": received,
        "received_time": received,
        "subject_request_id": name,
        "encoded_request": base64.b64encode(raw).decode(),
        **({"results_url": results} if results else {}),
    }
    return _signed(request, ports, body, HTTPStatus.CREATED)


@router.get("/v2/requests/{request_id}", summary="Say how far an OpenDSR request is", responses=_STATUS)
async def status(request: Request, request_id: str) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    kept = await _found(ports, request_id)
    return _signed(
        request,
        ports,
        {
            "controller_id": ports.privacy.controller,
            "subject_request_id": request_id,
            "request_status": "completed" if await ports.erasure.is_done(kept["after"]) else "in_progress",
            "received_time": kept["received"],
            "api_version": VERSION,
        },
    )


@router.delete("/v2/requests/{request_id}", summary="Cancel an OpenDSR request", responses=_STATUS)
async def cancel(request: Request, request_id: str) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    await _found(ports, request_id)
    raise MalformedCall("this request was carried out when it came in; an erasure cannot be taken back")


@router.post(
    "/v1/regulations",
    summary="Suppress, release or delete people",
    responses=_ASKED,
    openapi_extra=json_body(REGULATION.json_schema()),
)
async def regulate(request: Request) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    asked = _parsed(REGULATION, await read_body(request, BODY_LIMIT))
    initial = "u" if asked.subjectType == "USER_ID" else "a"
    after = [await _regulated(ports, asked.regulationType, f"{initial}:{each}") for each in asked.subjectIds]
    name = uuid.uuid4().hex
    now = rfc3339(ports.clock())
    kept = {
        "id": name,
        "regulationType": asked.regulationType,
        "createdAt": now,
        "subjects": len(after),
        "after": [token for token in after if token],
    }
    await ports.requests.keep(name, kept)
    return _json({"data": {"regulateId": name}})


@router.get("/v1/regulations/{regulate_id}", summary="Say how far a regulation is", responses=_STATUS)
async def regulation(request: Request, regulate_id: str) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    kept = await _found(ports, regulate_id)
    status = "FINISHED" if await ports.erasure.is_done(kept.pop("after")) else "RUNNING"
    return _json({"data": {"regulation": {**kept, "overallStatus": status}}})


def own_or_permitted(caller: Caller, name: str) -> CandidateId:
    """Answer whom a name means; a person may ask about themselves, those who answer for the data about anybody.

    Somebody else looks the same as nobody.
    """
    candidate = candidate_named(name)
    if candidate is None:
        raise MalformedCall("a person is named user_id:… or anonymous_id:…")
    if not caller.may_read(candidate):
        raise UnknownThing("nothing is held under this id")
    return candidate


async def _regulated(ports: Ports, kind: str, candidate: CandidateId) -> str:
    """Do it; answer what the agents have to have read until it is done, "" when it is already."""
    match kind:
        case "SUPPRESS_ONLY":
            await ports.erasure.suppress(candidate)
        case "UNSUPPRESS":
            await ports.erasure.release(candidate)
        case _:
            return (await ports.erasure.erase(candidate, suppress=kind == "SUPPRESS_WITH_DELETE")).after
    return ""


async def _found(ports: Ports, name: str) -> dict[str, Any]:
    kept = await ports.requests.find(name)
    if kept is None:
        raise UnknownThing("no such request, or not any more")
    return kept


def _parsed(adapter: TypeAdapter[Any], raw: bytes) -> Any:
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        problem = error.errors()[0]
        raise MalformedCall(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}") from error


def _signed(request: Request, ports: Ports, body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Answer with what OpenDSR asks of a processor: its domain, and its signature over the very bytes of the body."""
    response = _json(body, status)
    response.headers["X-OpenDSR-Processor-Domain"] = request.url.hostname or ""
    response.headers["X-OpenDSR-Signature"] = ports.consent_records.signature(bytes(response.body))
    return response


def _json(body: Mapping[str, Any] | Sequence[Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, JSON_TYPE)
