"""What people, and those who answer for their data, ask for: export, erasure, suppression."""

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.answering import private_json
from api.bodies import decode_json, parsed, read_body
from api.callers import Caller
from api.cloudevents import rfc3339
from api.errors import MalformedCall, UnknownThing
from api.export import export_of, take_in
from api.openapi import answers, json_body
from api.outside import note
from api.segments import candidate_named
from api.shapes import ERASED, EXPORT, REGULATED, REGULATION_TOLD, TAKEN_IN
from api.state import Ports, ports_of
from schemas.messages import CandidateId

router = APIRouter(tags=["privacy"])

BODY_LIMIT = 512 * 1024
SUBJECTS_LIMIT = 5_000
_EXPORTED = answers(EXPORT, "All of it", 401, 403, 404, 503)
_TAKEN_IN = answers(TAKEN_IN, "It is in the log", 400, 401, 403, 413, 503)
_ERASED = answers(ERASED, "Nothing opens any more", 400, 401, 403, 404, 503)
_REGULATED = answers(REGULATED, "It holds", 400, 401, 403, 413, 503)
_TOLD = answers(REGULATION_TOLD, "How far it is", 401, 403, 404, 503)


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Regulation(_Body):
    """What Segment's regulations take."""

    regulationType: Literal["SUPPRESS_ONLY", "UNSUPPRESS", "SUPPRESS_WITH_DELETE", "DELETE_ONLY"]  # noqa: N815  # Segment's name
    subjectType: Literal["USER_ID", "ANONYMOUS_ID"] = "USER_ID"  # noqa: N815  # Segment's name
    subjectIds: list[Annotated[str, Field(min_length=1, max_length=256)]] = Field(  # noqa: N815  # Segment's name
        min_length=1, max_length=SUBJECTS_LIMIT
    )


REGULATION: TypeAdapter[Regulation] = TypeAdapter(Regulation)


@router.get(
    "/v1/profiles/{name:path}/export",
    summary="Everything that is held about a person",
    responses=_EXPORTED,
)
async def export(request: Request, name: str) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    asked = own_or_permitted(caller, name)
    note(request.scope, candidate=asked)
    return private_json(await export_of(ports, asked, claimed=not caller.is_page))


@router.post(
    "/v1/profiles/import",
    summary="Take in what another house exported",
    responses=_TAKEN_IN,
)
async def bring(request: Request) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    document = decode_json(await read_body(request, BODY_LIMIT))
    sections = await take_in(
        document, log=ports.log, vault=ports.vault, addresses=ports.addresses, erasures=ports.erasures
    )
    return private_json({"sections": sections})


@router.delete(
    "/v1/profiles/{name:path}",
    summary="Erase a person",
    responses=_ERASED,
)
async def erase(request: Request, name: str) -> Response:
    ports = ports_of(request)
    asked = own_or_permitted(ports.gate.admit(request), name)
    note(request.scope, candidate=asked)
    erased = await ports.erasure.erase(asked)
    return private_json({"erased": len(erased.ids), "status": "completed" if erased.done else "in_progress"})


@router.post(
    "/v1/regulations",
    summary="Suppress, release or delete people",
    responses=_REGULATED,
    openapi_extra=json_body(REGULATION.json_schema()),
)
async def regulate(request: Request) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    asked = parsed(REGULATION, await read_body(request, BODY_LIMIT))
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
    return private_json({"data": {"regulateId": name}})


@router.get(
    "/v1/regulations/{regulate_id}",
    summary="Say how far a regulation is",
    responses=_TOLD,
)
async def regulation(request: Request, regulate_id: str) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    kept = await _found(ports, regulate_id)
    status = "FINISHED" if await ports.erasure.is_done(kept.pop("after")) else "RUNNING"
    return private_json({"data": {"regulation": {**kept, "overallStatus": status}}})


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
