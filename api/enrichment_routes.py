"""A résumé handed over: read, answered in the shape of JSON Resume, and folded into its candidate's profile."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answering import private_json
from api.bodies import read_body
from api.collect_routes import circumstances_of
from api.enriching import DOCUMENT_LIMIT, enrichment_message
from api.errors import MalformedCall, NotSetUp
from api.openapi import answers
from api.rights_routes import own_or_permitted
from api.state import ports_of
from schemas.consent import ENRICHMENT, allows

router = APIRouter(tags=["privacy"])

_TYPES = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/json",
    "text/plain",
)
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"The document as it is, at most {DOCUMENT_LIMIT:,} bytes; what it is says its content, not its type.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _TYPES},
    }
}
_ANSWER = {
    "type": "object",
    "properties": {
        "resume": {
            "type": "object",
            "description": "JSON Resume's members; those of ours begin with x-. Empty: not read, for the person refused",
        },
        "stored": {"type": "boolean", "description": "whether it is on its way into the profile"},
        "after": {"type": "string", "description": "hand it to /v1/decide to see the effect"},
        "reason": {"type": "string", "description": "why it is not stored: no_consent, or nobody was named"},
    },
}
Id = Annotated[str | None, Query(max_length=256)]


@router.post(
    "/v1/enrichments",
    summary="Read a résumé into a profile",
    responses=answers(_ANSWER, "What the résumé says", 400, 401, 403, 404, 413, 429, 501, 503),
    openapi_extra=_BODY,
)
async def enrichments(request: Request, userId: Id = None, anonymousId: Id = None) -> Response:  # noqa: N803  # the wire's names
    ports = ports_of(request)
    caller = ports.gate.admit(request)
    if ports.enriching is None:
        raise NotSetUp("this house reads no résumés")
    ports.collector.check_room()
    who = {"userId": userId} if userId else {"anonymousId": anonymousId} if anonymousId else {}
    if not who and caller.holder == "candidate":
        raise MalformedCall("userId or anonymousId says whose résumé this is")
    candidate = (
        own_or_permitted(caller, f"user_id:{userId}" if userId else f"anonymous_id:{anonymousId}") if who else None
    )
    if candidate is not None and not allows(await ports.people.agreed(candidate, own_only=False), ENRICHMENT):
        return private_json({"resume": {}, "stored": False, "reason": "no_consent"})
    document = await read_body(request, DOCUMENT_LIMIT)
    resume = await ports.enriching.resume(document, ports.clock())
    body: dict[str, Any] = {"resume": resume.body(), "stored": False, "reason": "nobody was named"}
    if candidate is not None:
        consent = (await ports.people.consents([candidate])).get(candidate)
        # Whose résumé it is was proven or vouched for above, so the message speaks for that very id.
        vouched = replace(caller, holder="secret", ids=None)
        collected = await ports.collector.messages(
            [enrichment_message(resume, who, consent)], vouched, circumstances_of(request)
        )
        body |= {
            "stored": not collected.withheld,
            "after": collected.after,
            "reason": "no_consent" if collected.withheld else "",
        }
    return private_json(body)
