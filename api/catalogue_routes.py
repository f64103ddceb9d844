"""Reads of the catalogue for sites: the list of postings, one posting, and what to filter by."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response

from api.errors import JSON_TYPE, MalformedCall, UnknownThing
from api.openapi import answers
from api.postings import DEFAULT_MEMBERS, PAGE_LIMIT, job_members
from api.state import ports_of
from catalog.jsonld import job_to_jsonld

router = APIRouter(tags=["catalogue"])

Values = Annotated[list[str] | None, Query(max_length=20)]
_JOB: dict[str, Any] = {"type": "object", "description": "A posting, under the names of schemas.jobs.Job"}
_LIST = {
    "type": "object",
    "properties": {
        "jobs": {"type": "array", "items": _JOB},
        "total": {"type": "integer"},
        "next": {"type": ["string", "null"]},
        "unindexed": {"type": "integer", "description": "order=best: postings whose text is not searched yet"},
    },
}


@router.get(
    "/v1/jobs",
    summary="List open postings, newest or best match first",
    responses=answers(_LIST, "A page", 400, 401, 403),
)
async def jobs(
    request: Request,
    *,
    query: Annotated[str, Query(max_length=200)] = "",
    category: Values = None,
    place: Values = None,
    workplace: Values = None,
    employment: Values = None,
    employer: Values = None,
    order: Literal["newest", "best"] = "newest",
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 20,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    if cursor is not None and not cursor.isdecimal():
        raise MalformedCall("cursor is none of ours")
    named = {
        "category": category,
        "place": place,
        "workplace": workplace,
        "employment": employment,
        "employer": employer,
    }
    filters = {name: values for name, values in named.items() if values}
    after, now = None if cursor is None else int(cursor), ports.clock()
    if order == "best" and query.strip():
        page = await ports.postings.best(query, filters, limit=limit, cursor=after, now=now)
    else:
        page = ports.postings.page(query, filters, limit=limit, cursor=after, now=now)
    listed = [{"id": job, **ports.postings.members(job, DEFAULT_MEMBERS)} for job in page.job_ids]
    body = {"jobs": listed, "total": page.total, "next": page.following}
    return _json(body if page.unindexed is None else {**body, "unindexed": page.unindexed})


@router.get("/v1/jobs/{job_id}", summary="Read one posting", responses=answers(_JOB, "The posting", 401, 403, 404))
async def job(request: Request, job_id: str, format: Literal["json", "jsonld"] = "json") -> Response:  # noqa: A002  # the query's name
    ports = ports_of(request)
    ports.gate.admit(request)
    document = ports.catalog.document(job_id)
    if document is None:
        raise UnknownThing("no such posting, or it is gone")
    if format == "jsonld":
        return _json(job_to_jsonld(document), "application/ld+json")
    return _json({**job_members(document), "is_open": document.is_open(ports.clock())})


@router.get(
    "/v1/facets", summary="Count the values to filter by", responses=answers(None, "Values and counts", 401, 403)
)
async def facets(request: Request) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    return _json({"facets": ports.postings.facets(), "jobs": len(ports.catalog)})


def _json(body: object, media_type: str = JSON_TYPE) -> Response:
    return Response(orjson.dumps(body), media_type=media_type)
