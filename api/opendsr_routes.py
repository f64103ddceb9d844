"""OpenDSR 2.0 over HTTP: discovery, requests and how far they are, each answer signed."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from api.answering import private_json
from api.bodies import parsed, read_body
from api.errors import MalformedCall, UnknownThing
from api.openapi import answers, json_body, refused
from api.opendsr import IDENTITIES, VERSION, SubjectRequest
from api.state import Ports, ports_of

router = APIRouter(tags=["privacy"])

BODY_LIMIT = 512 * 1024
SUBJECT_REQUEST: TypeAdapter[SubjectRequest] = TypeAdapter(SubjectRequest)
_PEM = "application/x-pem-file"
_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}
_URL = {"type": "string", "format": "uri"}


def _object(*required: str, **members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": members, "additionalProperties": False}


_RESULTS = {
    "results_url": _URL,
    "results_urls": {"type": "array", "items": _URL, "description": "one for each person that was found"},
    "results_count": {"type": "integer"},
}
_TAKEN = _object(
    "controller_id",
    "expected_completion_time",
    "received_time",
    "subject_request_id",
    "encoded_request",
    controller_id=_TEXT,
    expected_completion_time=_TIME,
    received_time=_TIME,
    subject_request_id=_TEXT,
    encoded_request=_TEXT,
    **_RESULTS,
)
_TOLD = _object(
    "controller_id",
    "expected_completion_time",
    "subject_request_id",
    "request_status",
    controller_id=_TEXT,
    expected_completion_time=_TIME,
    received_time=_TIME,
    subject_request_id=_TEXT,
    request_status={"type": "string", "enum": ["in_progress", "completed"]},
    api_version=_TEXT,
    **_RESULTS,
)
_IDENTITY = _object("identity_type", "identity_format", identity_type=_TEXT, identity_format=_TEXT)
_DISCOVERED = _object(
    "api_version",
    "supported_identities",
    "supported_subject_request_types",
    "processor_certificate",
    api_version=_TEXT,
    supported_identities={"type": "array", "items": _IDENTITY},
    supported_subject_request_types={"type": "array", "items": _TEXT},
    processor_certificate=_URL,
)


@router.get(
    "/v2/discovery", summary="What OpenDSR requests are taken", responses=answers(_DISCOVERED, "What is taken", 501)
)
async def discovery(request: Request) -> Response:
    ports = ports_of(request)
    kinds = [{"identity_type": kind, "identity_format": form} for kind, form in IDENTITIES]
    return private_json(
        {
            "api_version": VERSION,
            "supported_identities": kinds,
            "supported_subject_request_types": ["access", "portability", "erasure"],
            "processor_certificate": f"https://{ports.subject_requests.processor.domain}/v2/certificate.pem",
        }
    )


@router.get(
    "/v2/certificate.pem",
    summary="The certificate that signs OpenDSR answers",
    responses={200: {"description": "PEM, the chain behind it", "content": {_PEM: {"schema": _TEXT}}}, **refused(501)},
)
async def certificate(request: Request) -> Response:
    return Response(ports_of(request).subject_requests.processor.certificate, media_type=_PEM)


@router.post(
    "/v2/requests",
    summary="Take an OpenDSR request",
    responses={201: answers(_TAKEN, "It is taken")[200], **refused(400, 401, 403, 413, 501, 503)},
    status_code=HTTPStatus.CREATED,
    openapi_extra=json_body(SUBJECT_REQUEST.json_schema()),
)
async def submit(request: Request) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    _ = ports.subject_requests.processor  # nothing is erased that nobody could sign for
    raw = await read_body(request, BODY_LIMIT)
    asked = parsed(SUBJECT_REQUEST, raw)
    for url in asked.status_callback_urls:
        if problem := ports.callbacks.problem(url):
            raise MalformedCall(f"status_callback_urls: {problem}")
    body = await ports.subject_requests.take(asked, raw)
    if asked.status_callback_urls:
        await ports.callbacks.expect(str(asked.subject_request_id))
    return _signed(ports, body, HTTPStatus.CREATED)


@router.get(
    "/v2/requests/{request_id}",
    summary="Say how far an OpenDSR request is",
    responses=answers(_TOLD, "How far it is", 401, 403, 404, 501, 503),
)
async def status(request: Request, request_id: str) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    return _signed(ports, await ports.subject_requests.told(request_id, await _found(ports, request_id)))


@router.delete(
    "/v2/requests/{request_id}",
    summary="Cancel an OpenDSR request",
    responses=refused(400, 401, 403, 404, 503),
)
async def cancel(request: Request, request_id: str) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    await _found(ports, request_id)
    raise MalformedCall("this request was carried out when it came in; an erasure cannot be taken back")


async def _found(ports: Ports, name: str) -> dict[str, Any]:
    kept = await ports.subject_requests.find(name)
    if kept is None:
        raise UnknownThing("no such request, or not any more")
    return kept


def _signed(ports: Ports, body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    response = private_json(body, status)
    response.headers.update(ports.subject_requests.processor.headers(bytes(response.body)))
    return response
