"""Reading a body: raw bytes whatever the Content-Type says, inflated under a cap, decoded as JSON."""

import json
import zlib
from typing import Any, TypeVar

import orjson
from fastapi import Request
from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from api.errors import CallTooLarge, MalformedCall

Shape = TypeVar("Shape")
GZIP_WINDOW = 31
"""zlib's word for a gzip header and the largest window."""


async def read_body(request: Request, limit: int) -> bytes:
    """Answer the body as it was before compression; `limit` holds for both, so a gzip bomb costs no more."""
    raw = await _raw(request, limit)
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return raw
    if encoding in ("gzip", "x-gzip"):
        return _inflated(raw, limit)
    raise MalformedCall("Content-Encoding is neither gzip nor identity")


def decode_json(body: bytes) -> Any:
    """Answer the value that the body holds.

    NaN, Infinity and half surrogate pairs, which Python's and browsers' encoders let through, become null and `?`.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return _decode_leniently(body, str(error))


def parsed(adapter: TypeAdapter[Shape], raw: bytes) -> Shape:
    """Answer what a body says, or refuse it with the place and what is wrong there."""
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise MalformedCall(f"{'.'.join(map(str, problem['loc'])) or 'the body'}: {problem['msg']}") from error


async def _raw(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise MalformedCall("the body ended before it was all there") from error
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _inflated(raw: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj(GZIP_WINDOW)
    try:
        body = inflater.decompress(raw, limit + 1)
    except zlib.error as error:
        raise MalformedCall(f"the body says gzip and is not: {error}") from error
    if len(body) > limit:
        raise _too_large(limit)
    if not inflater.eof:
        raise MalformedCall("the gzip body ends too early")
    return body


def _decode_leniently(body: bytes, problem: str) -> Any:
    try:
        value = json.loads(body, parse_constant=lambda _: None)
        return orjson.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise MalformedCall(f"the body is not JSON: {problem}") from error


def _too_large(limit: int) -> CallTooLarge:
    return CallTooLarge(f"the body has more than {limit:,} bytes")
