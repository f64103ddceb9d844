"""Where a page has an anonymous id made that nobody can guess or take over."""

import secrets

import orjson
from fastapi import APIRouter, Request, Response

from api.errors import JSON_TYPE, NotSetUp
from api.openapi import answers
from api.state import ports_of

router = APIRouter(tags=["collect"])
_VISITOR = {
    "type": "object",
    "required": ["anonymousId"],
    "properties": {"anonymousId": {"type": "string", "description": "id.kid.signature; hand it to your SDK as it is"}},
}


@router.post(
    "/v1/visitors", summary="Make a signed anonymous id", responses=answers(_VISITOR, "A new id", 401, 403, 501)
)
async def visitor(request: Request) -> Response:
    gate = ports_of(request).gate
    caller = gate.admit(request)
    if not gate.ids.visitors.can_make:
        raise NotSetUp("no key signs anonymous ids here; docs/howto/tokens.md says how to set one up")
    made = gate.ids.visitors.make(caller.site, secrets.token_bytes)
    return Response(orjson.dumps({"anonymousId": made}), headers={"Cache-Control": "no-store"}, media_type=JSON_TYPE)
