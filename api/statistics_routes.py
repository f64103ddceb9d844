"""What happened to a posting of late, and how people respond to it: for colleagues."""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from api.errors import JSON_TYPE, UnknownThing
from api.openapi import answers
from api.state import ports_of
from catalog.statistics import Figures
from profiles.counts import GROUPS, WINDOWS

router = APIRouter(tags=["catalogue"])

_COUNTED = ("shown", "viewed", "saved", "applied", "dismissed")
_NUMBER = {"type": "number"}
_STATISTICS = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "windows": {
            "type": "object",
            "description": "Counts halved every hour, day and week",
            "additionalProperties": {"type": "object", "properties": dict.fromkeys(_COUNTED, _NUMBER)},
        },
        "rates": {
            "type": "object",
            "description": "Of the week, drawn to the mean of the posting's kind of work",
            "properties": dict.fromkeys(("appeal", "saved", "applied", "dismissed", "expectedViews"), _NUMBER),
        },
        "examined": {
            "type": "object",
            "description": "How often a posting at these places is viewed, the first place being 1",
            "additionalProperties": _NUMBER,
        },
    },
}


@router.get(
    "/v1/items/{item_id}/statistics",
    summary="Read what happened to a posting of late",
    responses=answers(_STATISTICS, "The statistics", 401, 403, 404),
)
async def statistics(request: Request, item_id: str) -> Response:
    ports = ports_of(request)
    ports.gate.admit(request)
    figures = ports.engine.current.figures
    row = None if figures is None else figures.rows.get(item_id)
    if row is None and item_id not in ports.catalog:
        raise UnknownThing("no such posting, and nothing was ever counted for one")
    return Response(orjson.dumps({"id": item_id, **_told(figures, row)}), media_type=JSON_TYPE)


def _told(figures: Figures | None, row: int | None) -> dict[str, Any]:
    if figures is None or row is None:
        return {"windows": {window: dict.fromkeys(_COUNTED, 0) for window in WINDOWS}, "rates": {}, "examined": {}}
    return {
        "windows": {
            window: {name: _rounded(getattr(figures, name)[row, at]) for name in _COUNTED}
            for at, window in enumerate(WINDOWS)
        },
        "rates": {
            "appeal": _rounded(figures.appeal[row]),
            "saved": _rounded(figures.saved_rate[row]),
            "applied": _rounded(figures.applied_rate[row]),
            "dismissed": _rounded(figures.dismissed_rate[row]),
            "expectedViews": _rounded(figures.expected[row]),
        },
        "examined": {
            _named(first, last): _rounded(share)
            for (first, last), share in zip(GROUPS, figures.examined.tolist(), strict=True)
        },
    }


def _named(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}+" if last > first + 10 else f"{first}-{last}"


def _rounded(value: float) -> float:
    return round(float(value), 6)
