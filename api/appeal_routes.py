"""Appeals over HTTP: a candidate, or somebody for them, asks that a person looks; colleagues see what the engine had, and decide."""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from api.answering import private_json
from api.appeal_evidence import EvidenceOf, evidence_of
from api.appeals import CANDIDATE, told
from api.bodies import parsed, read_body
from api.callers import Caller
from api.errors import KeyMayNot, MalformedCall, UnknownThing
from api.openapi import answers, json_body
from api.outside import note
from api.shapes import APPEAL, APPEALS, REVIEWED
from api.state import Ports, ports_of
from schemas.appeal import NEW_APPEAL, VERDICT, NewAppeal
from schemas.messages import CandidateId

router = APIRouter(tags=["oversight"])

BODY_LIMIT = 32 * 1024
_LISTED = answers(APPEALS, "Appeals; a candidate's own only", 401, 403, 503)
_READ = answers(REVIEWED, "The appeal", 401, 403, 404, 503)
_WRITTEN = answers(APPEAL, "It is on record", 400, 401, 403, 404, 413, 503)


@router.post(
    "/v1/appeals",
    summary="Ask that a person looks at a decision, an application's stage or an inference",
    responses=_WRITTEN,
    openapi_extra=json_body(NEW_APPEAL.json_schema()),
)
async def lodge(request: Request) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    asked: NewAppeal = parsed(NEW_APPEAL, await read_body(request, BODY_LIMIT))
    candidate = _whose(caller, asked)
    note(request.scope, candidate=candidate)
    if asked.decision_id is not None:
        await _check_own(ports, caller, asked.decision_id, candidate)
    appeal = await ports.appeals.lodge(asked, candidate, by=CANDIDATE if caller.is_page else caller.name)
    return private_json(told(appeal))


@router.get("/v1/appeals", summary="List appeals, the longest open first", responses=_LISTED)
async def appeals(request: Request) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    book = ports.appeals.book
    listed = book.of(caller.selves) if caller.is_page else book.all()
    bodies = [await ports.appeals.told(each) if caller.is_page else told(each) for each in listed]
    return private_json({"appeals": bodies})


@router.get("/v1/appeals/{appeal_id}", summary="Read an appeal, colleagues with what the engine had", responses=_READ)
async def appeal(request: Request, appeal_id: str) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    found = ports.appeals.found(appeal_id)
    if not caller.may_read(found.candidate):
        raise UnknownThing("there is no such appeal")
    body = await ports.appeals.told(found)
    if not caller.is_page:
        evidence = await evidence_of(ports, found)
        body |= {"candidate": found.candidate, "evidence": evidence.body, "mayDecide": _may_decide(caller, evidence)}
    return private_json(body)


@router.post(
    "/v1/appeals/{appeal_id}/decision",
    summary="Uphold, overturn or correct what is appealed against",
    responses=_WRITTEN,
    openapi_extra=json_body(VERDICT.json_schema()),
)
async def decide(request: Request, appeal_id: str) -> Response:
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    verdict = parsed(VERDICT, await read_body(request, BODY_LIMIT))
    found = ports.appeals.found(appeal_id)
    evidence = await evidence_of(ports, found)
    return private_json(told(await ports.appeals.decide(found, verdict, by=caller.name, concerned=evidence.concerned)))


def _whose(caller: Caller, asked: NewAppeal) -> CandidateId:
    """Answer who appeals: a candidate for themselves, a colleague or a server for whom they name."""
    if not caller.is_page:
        if asked.candidate is None:
            raise MalformedCall("userId or anonymousId says for whom")
        return asked.candidate
    # The token's user, where there is one: what a browser's own number leads to.
    own = f"u:{caller.user_id}" if caller.user_id is not None else next(iter(sorted(caller.selves)))
    if asked.candidate is not None and asked.candidate != own and not caller.may_read(asked.candidate):
        raise KeyMayNot("a candidate appeals for themselves")
    return asked.candidate or own


async def _check_own(ports: Ports, caller: Caller, decision_id: str, candidate: CandidateId) -> None:
    """Raise UnknownThing for a decision that there is not, or that is another person's."""
    value = await ports.archive.find(decision_id)
    record: dict[str, Any] = {} if value is None else orjson.loads(value)
    about = record.get("candidate") or record.get("decision", {}).get("c")
    ids = {*caller.selves, *await ports.people.every_id(candidate)}
    if about not in ids:
        raise UnknownThing("there is no such decision about this person")


def _may_decide(caller: Caller, evidence: EvidenceOf) -> bool:
    return "appeals:decide" in caller.rights and caller.name not in evidence.concerned
