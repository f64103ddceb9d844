"""A way past the framework for the calls that come hundreds of times a second.

FastAPI keeps the routes, and their documentation; but its stack of middlewares, exit stacks and dependency solving is a sixth
of a decide call's time, for a handler that takes a request and answers a response.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import Refusal, refusal_response

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Named:
    """What the log line reads of a route."""

    path: str


class Shortcut:
    """Calls a POST handler directly, by exact path; everything else takes the long way."""

    def __init__(self, app: ASGIApp, *, handlers: Mapping[str, Handler]) -> None:
        self._app = app
        self._handlers = {path: (handler, Named(path)) for path, handler in handlers.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._handlers.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        handler, scope["route"] = found
        try:
            response = await handler(Request(scope, receive, send))
        except Refusal as refusal:
            response = refusal_response(refusal)
        await response(scope, receive, send)
