"""What may go wrong at this door, and the one table that turns it into an answer: `{"code", "message"}`, always."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from profiles.store import StoreUnavailable

JSON_TYPE = "application/json"
RETRY_AFTER = 2
"""Seconds after which a caller may try again when a server behind us is away."""


class Refusal(Exception):
    """A call that is not answered; `message` is a sentence for the caller and names no person."""

    code = "refused"

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


class MalformedCall(Refusal):
    code = "malformed"


class UnknownKey(Refusal):
    code = "unknown_key"


class BadToken(Refusal):
    """A token that does not hold, or an anonymous id whose signature does not."""

    code = "bad_token"


class KeyMayNot(Refusal):
    code = "key_may_not"


class OriginNotAllowed(Refusal):
    code = "origin_not_allowed"


class UnreadableDocument(Refusal):
    """A document that is broken, hostile, too long or of another kind than we read."""

    code = "unreadable_document"


class NotSetUp(Refusal):
    """Something that the settings of this house leave out."""

    code = "not_set_up"


class UnknownThing(Refusal):
    code = "not_found"


class CallTooLarge(Refusal):
    code = "too_large"


class TooBusy(Refusal):
    code = "too_busy"


class RateLimited(Refusal):
    """One key, visitor, address or colleague calls more often than it may."""

    code = "rate_limited"


class LimitsAway(Refusal):
    """How often a colleague called cannot be told: what reads people stays shut until it can."""

    code = "limits_away"


class LogAway(Refusal):
    """Kafka did not acknowledge in time: the caller keeps what it sent and tries again."""

    code = "log_away"


class StoreAway(Refusal):
    code = "store_away"


STATUS: Mapping[type[Refusal], HTTPStatus] = {
    MalformedCall: HTTPStatus.BAD_REQUEST,
    UnreadableDocument: HTTPStatus.BAD_REQUEST,
    UnknownKey: HTTPStatus.UNAUTHORIZED,
    BadToken: HTTPStatus.UNAUTHORIZED,
    KeyMayNot: HTTPStatus.FORBIDDEN,
    OriginNotAllowed: HTTPStatus.FORBIDDEN,
    NotSetUp: HTTPStatus.NOT_IMPLEMENTED,
    UnknownThing: HTTPStatus.NOT_FOUND,
    CallTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooBusy: HTTPStatus.TOO_MANY_REQUESTS,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    LimitsAway: HTTPStatus.SERVICE_UNAVAILABLE,
    LogAway: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreAway: HTTPStatus.SERVICE_UNAVAILABLE,
}
_CODES = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
}


def answer_errors(app: FastAPI) -> None:
    """Let every error of the app be answered with a code and a sentence (rudder-sdk-python retries any other body)."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(StoreUnavailable, _store_away)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


def error_response(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    body = orjson.dumps({"code": code, "message": message})
    return Response(body, status, headers, media_type=JSON_TYPE)


def refusal_response(refusal: Refusal) -> Response:
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    if isinstance(refusal, UnknownKey | BadToken):
        headers["WWW-Authenticate"] = "Bearer"  # Basic would make a browser ask its user for a password
    return error_response(STATUS[type(refusal)], refusal.code, refusal.message, headers)


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return refusal_response(error)


async def _store_away(_: Request, __: Exception) -> Response:
    return refusal_response(StoreAway("the profile store does not answer", retry_after=RETRY_AFTER))


async def _http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return error_response(
        error.status_code, _CODES.get(HTTPStatus(error.status_code), "refused"), str(error.detail), error.headers
    )


async def _invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return error_response(HTTPStatus.BAD_REQUEST, "malformed", f"{place}: {problem['msg']}")


def broken_response() -> Response:
    """Answer what is said when something of ours broke: nothing about it."""
    return error_response(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "something of ours broke; it is logged")
