"""What operators and monitors ask: alive, ready, how much, and what we promise about GPC."""

from http import HTTPStatus

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from api.errors import JSON_TYPE
from api.openapi import answers
from api.probes import missing_parts
from api.state import ports_of

router = APIRouter(tags=["operations"])


@router.get("/healthz", summary="Say that the process lives", responses=answers(None, "It lives"))
async def healthz() -> Response:
    return Response(b'{"status":"alive"}', media_type=JSON_TYPE)


@router.get("/readyz", summary="Say whether every part works", responses=answers(None, "All parts work", 503))
async def readyz(request: Request) -> Response:
    missing = await missing_parts(ports_of(request).probes)
    if not missing:
        return Response(b'{"status":"ready"}', media_type=JSON_TYPE)
    told = "; ".join(f"{name}: {why}" for name, why in missing.items())
    body = {"code": "not_ready", "message": told, "missing": missing}
    return Response(orjson.dumps(body), HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "2"}, JSON_TYPE)


@router.get(
    "/metrics",
    summary="Counts and times for Prometheus",
    response_class=PlainTextResponse,
    responses=answers(None, "Prometheus's text format"),
)
async def metrics(request: Request) -> Response:
    return Response(ports_of(request).metrics.page(), media_type=CONTENT_TYPE_LATEST)


@router.get("/.well-known/gpc.json", summary="Say that Global Privacy Control is honoured")
async def gpc() -> Response:
    return Response(b'{"gpc":true,"lastUpdate":"2026-11-23"}', media_type=JSON_TYPE)
