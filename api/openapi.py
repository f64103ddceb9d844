"""The parts of the OpenAPI document that are said by hand: bodies are read raw, so FastAPI cannot see their shape."""

from typing import Any

from fastapi import FastAPI

from api.access import STAFF_ROLES, Right, holders_of, right_of
from api.shapes import DECISION
from schemas.deciding import DECIDE, ENGAGEMENTS

_CODE = {"type": "string", "description": "snake_case, stable"}
_SENTENCE = {"type": "string", "description": "a sentence for a person"}
_ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": _CODE, "message": _SENTENCE},
}
_MESSAGE = {
    "type": "object",
    "description": "A Segment tracking message: at least one of userId and anonymousId.",
    "properties": {
        "type": {"type": "string", "enum": ["track", "identify", "page", "screen", "group", "alias"]},
        "messageId": {"type": "string", "maxLength": 100},
        "userId": {"type": "string"},
        "anonymousId": {"type": "string"},
        "event": {"type": "string", "description": "of a track call, such as Job Viewed"},
        "properties": {"type": "object"},
        "traits": {"type": "object"},
        "context": {"type": "object"},
        "timestamp": {"type": "string", "format": "date-time"},
        "sentAt": {"type": "string", "format": "date-time"},
    },
}
_BATCH = {
    "type": "object",
    "required": ["batch"],
    "properties": {
        "batch": {"type": "array", "maxItems": 2500, "items": _MESSAGE},
        "writeKey": {"type": "string"},
        "sentAt": {"type": "string", "format": "date-time"},
        "context": {"type": "object"},
        "integrations": {"type": "object"},
    },
}
_CLOUDEVENT = {
    "type": "object",
    "required": ["specversion", "id", "source", "type"],
    "properties": {
        "specversion": {"type": "string", "const": "1.0"},
        "id": {"type": "string"},
        "source": {"type": "string"},
        "type": {"type": "string"},
        "subject": {"type": "string", "description": "u:<user id> or a:<anonymous id>"},
        "time": {"type": "string", "format": "date-time"},
        "data": _MESSAGE,
        "data_base64": {"type": "string"},
    },
}
_COLLECTED = {
    "type": "object",
    "required": ["success"],
    "properties": {
        "success": {"type": "boolean", "const": True},
        "after": {"type": "string", "description": "hand it to /v1/decide to read your own events"},
        "rejected": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"index": {"type": "integer"}, "code": _CODE, "message": _SENTENCE},
            },
        },
    },
}

Responses = dict[int | str, dict[str, Any]]


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Answer a schema without `$defs`: their references would point into the OpenAPI document's own root."""
    definitions = schema.pop("$defs", {})

    def resolved(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                return resolved(definitions[value["$ref"].rpartition("/")[2]])
            return {name: resolved(inner) for name, inner in value.items()}
        return [resolved(inner) for inner in value] if isinstance(value, list) else value

    answer: dict[str, Any] = resolved(schema)
    return answer


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    """Answer the `openapi_extra` of a route that reads its own body."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _inlined(schema)}}}}


def answers(schema: dict[str, Any] | None, description: str, *refusals: int) -> Responses:
    """Answer a route's responses: what it says on success, and which refusals it knows."""
    success: dict[str, Any] = {"description": description}
    if schema is not None:
        success["content"] = {"application/json": {"schema": schema}}
    return {200: success, **refused(*refusals)}


def refused(*statuses: int) -> Responses:
    """Answer the responses of the refusals that a route knows."""
    return {status: _refusal(status) for status in statuses}


def _refusal(status: int) -> dict[str, Any]:
    return {"description": _REFUSALS[status], "content": {"application/json": {"schema": _ERROR}}}


_REFUSALS = {
    400: "The call is malformed",
    401: "No such key, or a token that does not hold",
    403: "The key may not do this, or not from this origin",
    404: "There is no such thing",
    413: "The call is too large",
    429: "Too many calls; Retry-After says when to come again",
    500: "Something of ours broke; it is logged",
    501: "The settings of this house leave that out",
    503: "A server behind us is away; Retry-After says when to come again",
}
BATCH_BODY = json_body(_BATCH)
MESSAGE_BODY = json_body(_MESSAGE)
CLOUDEVENT_BODY = json_body({"oneOf": [_CLOUDEVENT, {"type": "array", "items": _CLOUDEVENT}]})
ACCEPTED = answers(_COLLECTED, "Every good message is in Kafka", 400, 401, 403, 413, 429, 503)


_REASON = {"type": "object", "properties": {"code": _CODE, "detail": {"type": "string"}}}
_ITEM = {
    "type": "object",
    "required": ["id", "slotId", "score", "propensity"],
    "properties": {
        "id": {"type": "string"},
        "slotId": {"type": "string", "description": "hand it back in events as slot_id"},
        "score": {"type": "number"},
        "propensity": {"type": "number", "description": "the probability with which this policy puts it here"},
        "reasons": {"type": "array", "items": _REASON},
        "properties": {"type": "object"},
        "payload": {"type": "object"},
    },
}
_CHOICE = {
    "type": "object",
    "required": ["selector", "type"],
    "properties": {
        "selector": {"type": "string"},
        "decisionId": {"type": "string"},
        "type": {"type": "string", "enum": ["RECS", "CONTENT", "NONE"]},
        "source": {
            "type": "string",
            "enum": ["override", "rule", "model", "bandit", "cohort", "popular", "default"],
        },
        "rung": {"type": "string", "enum": ["live", "last_good", "segment", "site", "curated"]},
        "degraded": {"type": "boolean"},
        "model": {"type": "string"},
        "items": {"type": "array", "items": _ITEM},
        "next": {"type": "string", "description": "goes into the selector of the next call"},
        "variation": {"type": "object"},
        "payload": {"type": "object"},
        "reason": {"type": "string"},
    },
}
_DECIDED = {
    "type": "object",
    "required": ["requestId", "decidedAt", "madeAt", "ageMs", "profile", "choices", "warnings"],
    "properties": {
        "requestId": {"type": "string"},
        "decidedAt": {"type": "string", "format": "date-time"},
        "madeAt": {"type": "string", "format": "date-time"},
        "ageMs": {"type": "integer", "minimum": 0},
        "profile": {"type": "object", "properties": {"id": {"type": "string"}, "known": {"type": "boolean"}}},
        "choices": {"type": "array", "items": _CHOICE, "description": "one for each selector, in their order"},
        "warnings": {"type": "array", "items": _ERROR},
    },
}
DECIDED = answers(_DECIDED, "A decision, always: `rung` says which fallback spoke", 400, 401, 403, 413)
EXPLAINED = answers(DECISION, "What was shown, why, and out of what", 401, 403, 404, 503)
ENGAGED = answers(_COLLECTED, "The events are in Kafka", 400, 401, 403, 413, 429, 503)


def decide_body() -> dict[str, Any]:
    return json_body(DECIDE.json_schema(by_alias=True))


def engagements_body() -> dict[str, Any]:
    return json_body(ENGAGEMENTS.json_schema(by_alias=True))


def document_access(app: FastAPI) -> None:
    """Say in the OpenAPI document who may call what, and that what is malformed is answered 400, not FastAPI's 422."""
    made = app.openapi

    def completed() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        document = made()
        document.setdefault("components", {})["securitySchemes"] = _SCHEMES
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                operation["responses"].pop("422", None)
                _say_who(operation, right_of(method.upper(), path))
        document["paths"] = _named(document["paths"])
        document["components"].setdefault("schemas", {}).update(
            {name: {key: _named(value) for key, value in schema.items()} for name, schema in _NAMED.items()}
        )
        return document

    app.openapi = completed  # type: ignore[method-assign]  # FastAPI's own way to extend the document


def _named(value: Any) -> Any:
    """Answer a piece of the document in which a shape that has a name is told by its name."""
    if isinstance(value, list):
        return [_named(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    name = next((name for name, schema in _NAMED.items() if schema == value), None)
    return {"$ref": f"#/components/schemas/{name}"} if name else {key: _named(inner) for key, inner in value.items()}


def _say_who(operation: dict[str, Any], right: Right) -> None:
    """Say who may call a route, and the refusals that every route of its kind knows."""
    holders = holders_of(right)
    may_be_malformed = "requestBody" in operation or operation.get("parameters")
    refusals = [400] if may_be_malformed else []
    refusals += [404] if any(each["in"] == "path" for each in operation.get("parameters", ())) else []
    refusals += [401, 403, 429, 503] if holders else []
    refusals += [500]
    operation["responses"] |= {
        str(status): _refusal(status) for status in refusals if str(status) not in operation["responses"]
    }
    operation["x-right"] = right
    operation["x-holders"] = list(holders)
    alternatives = [names for kinds, names in _ALTERNATIVES if not kinds.isdisjoint(holders)]
    operation["security"] = [{name: [] for name in names} for names in alternatives]


_NAMED: dict[str, dict[str, Any]] = {
    "Error": _ERROR,
    "Message": _MESSAGE,
    "Batch": _BATCH,
    "CloudEvent": _CLOUDEVENT,
    "Collected": _COLLECTED,
    "Choice": _CHOICE,
    "Decided": _DECIDED,
}
"""Shapes that many routes share."""
_SCHEMES = {
    "basic": {"type": "http", "scheme": "basic", "description": "a key as user name, no password"},
    "bearer": {"type": "http", "scheme": "bearer", "description": "a key"},
    "query": {
        "type": "apiKey",
        "in": "query",
        "name": "writeKey",
        "description": "a publishable key, for beacons, which have no headers",
    },
    "userToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-User-Token",
        "description": "a logged-in candidate's token (JWT), beside a publishable key",
    },
    "visitor": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Visitor",
        "description": "a signed anonymous id, beside a publishable key",
    },
    "staff": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "a colleague's token, with roles",
    },
}
_ALTERNATIVES: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (frozenset({"publishable", "secret", "ad"}), ("basic",)),
    (frozenset({"publishable", "secret", "ad"}), ("bearer",)),
    (frozenset({"publishable"}), ("query",)),
    (frozenset({"candidate"}), ("basic", "userToken")),
    (frozenset({"candidate"}), ("basic", "visitor")),
    (frozenset(STAFF_ROLES), ("staff",)),
)
"""How each kind of caller says who it is."""
