"""What stands around every route: cross-origin headers, one log line, counts and times."""

import hashlib
import secrets
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.complaints import Complaints
from api.errors import broken_response
from api.guards import guarded
from api.keys import KeyRing
from api.metrics import Metrics

ALLOWED_HEADERS = (
    "authorization, content-type, content-encoding, x-retry-count, anonymousid, sentat, sec-gpc, traceparent, "
    "x-user-token, x-visitor"
)
EXPOSED_HEADERS = "retry-after, server-timing, etag"
_METHODS = "GET, POST, OPTIONS"
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
SHED = "shed"
"""The route of calls that were refused before anybody looked at them."""
_QUIET = PROBES | {SHED}

_line = structlog.get_logger("api.request")


def note(scope: MutableMapping[str, Any], **facts: object) -> None:
    """Add facts to the request's log line: counts and codes; a `candidate` is told by a pseudonym. Never a trait."""
    scope.setdefault("careerstream.facts", {}).update(facts)


class CrossOrigin:
    """CORS by the origins of the publishable keys: the exact origin is echoed, credentials only to a listed one.

    A preflight carries no key, so it asks whether any key may be used from the origin; the call asks its own key.
    """

    def __init__(self, app: ASGIApp, *, keys: KeyRing) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = _header(scope, b"origin") if scope["type"] == "http" else ""
        if not origin:
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method"):
            await self._preflight(origin, send)
        else:
            await self._app(scope, receive, self._echoing(origin, send))

    def _echoing(self, origin: str, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Origin")
                for name, value in self._granted(origin).items():
                    headers[name] = value
            await send(message)

        return with_headers

    async def _preflight(self, origin: str, send: Send) -> None:
        headers = {"Vary": "Origin", "Content-Length": "0", **self._granted(origin)}
        if self._keys.allows(origin):
            headers |= {
                "Access-Control-Allow-Methods": _METHODS,
                "Access-Control-Allow-Headers": ALLOWED_HEADERS,
                "Access-Control-Max-Age": "86400",
            }
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": b""})

    def _granted(self, origin: str) -> dict[str, str]:
        if not self._keys.allows(origin):
            return {}
        granted = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": EXPOSED_HEADERS,
            "Timing-Allow-Origin": origin,
        }
        if self._keys.names(origin):
            granted["Access-Control-Allow-Credentials"] = "true"
        return granted


class RequestLine:
    """One structured line and one observation for each request."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        # Without a salt, whoever has a list of ids or addresses could look them up in the log.
        self._salt = secrets.token_bytes(16)
        self._complaints = Complaints()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                message["headers"] = guarded(message.get("headers", ()), secure=scope.get("scheme") == "https")
            await send(message)

        try:
            await self._app(scope, receive, watching)
        except Exception as error:  # the caller is told nothing of it, the log where it broke
            self._complaints.tell("broken", error)
            if status:
                raise  # half an answer is out: the server cuts the connection, so that nobody takes it for a whole one
            await broken_response()(scope, receive, watching)
        finally:
            self._tell(scope, status or 500, time.perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        # The template, not the path: a path may hold somebody's id, and each new one would be a new time series.
        route = getattr(scope.get("route"), "path", None) or ("static" if status < 400 else "unknown")
        self._metrics.requests(route, str(status)).inc()
        self._metrics.seconds(route).observe(seconds)
        if route not in _QUIET:
            facts = scope.get("careerstream.facts", {})
            if facts.get("candidate"):
                facts["candidate"] = self._pseudonym(facts["candidate"])
            _line.info(
                "request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 2), **facts
            )

    def _pseudonym(self, identifier: str) -> str:
        return hashlib.blake2b(identifier.encode(), digest_size=6, key=self._salt).hexdigest()


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
