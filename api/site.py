"""The demo careers site: static files, asked for again at each visit so that modules of two versions never mix."""

from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

_POLICY = (
    "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


class Site(StaticFiles):
    """Files with an ETag that a browser must ask about, and that no other page may frame."""

    async def get_response(self, path: str, scope: Any) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Referrer-Policy"] = "same-origin"
        return response
