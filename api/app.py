"""The app: the routes, what every call passes before them, and what answers them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from api import (
    appeal_routes,
    catalogue_routes,
    collect_routes,
    consent_routes,
    decide_routes,
    enrichment_routes,
    opendsr_routes,
    operations_routes,
    override_routes,
    profile_routes,
    rights_routes,
    statistics_routes,
    visitor_routes,
)
from api.access import check_routes
from api.errors import answer_errors
from api.given import Given
from api.openapi import document_access
from api.outside import CrossOrigin, RequestLine
from api.shedding import Shedding
from api.shortcut import Shortcut
from api.site import Site
from api.wiring import wire

TITLE = "Careerstream"


def create_app(given: Given) -> FastAPI:
    """Build the app over what the roof hands in."""
    wired = wire(given)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        async with wired.running():
            yield

    app = FastAPI(
        title=TITLE,
        version=given.version,
        lifespan=running,
        openapi_url="/openapi.json" if given.document else None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.ports = wired.ports
    answer_errors(app)
    _add_routes(app)
    if given.site is not None:
        app.mount("/", Site(directory=given.site, html=True), name="site")
    app.add_middleware(Shortcut, handlers={"/v1/decide": decide_routes.decide, **collect_routes.HANDLERS})
    app.add_middleware(Shedding, pressure=wired.pressure)
    app.add_middleware(CrossOrigin, keys=given.gate.keys)
    app.add_middleware(RequestLine, metrics=given.metrics)
    return app


def openapi_document() -> dict[str, Any]:
    """Answer the OpenAPI document of all routes."""
    app = FastAPI(title=TITLE)
    _add_routes(app)
    return app.openapi()


def _add_routes(app: FastAPI) -> None:
    document_access(app)
    for routes in _ROUTES:
        check_routes(routes.router)
        app.include_router(routes.router)


_ROUTES = (
    decide_routes,
    collect_routes,
    visitor_routes,
    catalogue_routes,
    statistics_routes,
    consent_routes,
    enrichment_routes,
    rights_routes,
    opendsr_routes,
    profile_routes,
    override_routes,
    appeal_routes,
    operations_routes,
)
