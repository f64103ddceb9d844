"""The record that brings a section from another house: it counts where nothing is held yet, and changes nothing elsewhere."""

from collections.abc import Sequence
from typing import Any

import orjson

_BEGINS = b'{"restore":'


def encode_restoring(section: Sequence[Any], links: Sequence[Sequence[Any]] = ()) -> bytes:
    """Answer the record's value: the section's canonical members, and links as [anonymous, user, at, message, verified]."""
    return orjson.dumps({"restore": list(section), "links": [list(link) for link in links]})


def restoring_in(value: bytes) -> tuple[bytes, list[list[Any]]] | None:
    """Answer a restoring record's section, encoded, and its links; None when the record says something else."""
    if not value.startswith(_BEGINS):
        return None
    body = orjson.loads(value)
    return orjson.dumps(body["restore"]), list(body.get("links") or ())
