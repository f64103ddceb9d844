"""Answers as JSON that nobody between may keep: they are about people, or about who may do what."""

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Response

from api.errors import JSON_TYPE


def private_json(
    body: Any, status: HTTPStatus = HTTPStatus.OK, *, media_type: str = JSON_TYPE, option: int | None = None
) -> Response:
    """Answer a body; `option` is orjson's."""
    return Response(orjson.dumps(body, option=option), status, {"Cache-Control": "no-store"}, media_type)
