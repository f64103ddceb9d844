"""What JSON-LD allows in place of one value: a list, a named thing, a reference, a number as text."""

import re
from collections.abc import Mapping
from typing import Any

from catalog.descriptions import unescaped

Nodes = Mapping[str, Mapping[str, Any]]
"""The objects of a document by `@id`, for members that only refer to one."""

_AMOUNT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


def count(value: Any) -> Any:
    """Answer the whole number of a text of digits; anything else as it is."""
    written = first(value)
    if isinstance(written, str) and written.isascii() and written.isdigit() and len(written) < 10:
        return int(written)
    return written


def figure(value: Any) -> Any:
    """Answer the number of a text such as `52,000.50`; what is none stays, and is complained of."""
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        unsigned = text.removeprefix("-")
        if _AMOUNT.fullmatch(unsigned) or _AMOUNT.fullmatch(f"0{unsigned}"):
            return float(text.replace(",", ""))
    return value


def any_of(one: Mapping[str, Any], other: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((of[name] for of in (one, other) for name in names if of.get(name) is not None), None)


def listed(value: Any) -> list[Any]:
    """Answer a list's texts, or those of a text with commas, semicolons or lines between them."""
    if isinstance(value, str):
        return [text for part in re.split(r"[,;\n•]", value) if (text := said(part))]
    return [text for entry in many(value) if (text := said(entry))]


def said(value: Any) -> Any:
    """Answer the text of a text, a number or a named thing; None for an empty one."""
    if isinstance(value, dict):
        return said(any_of(value, {}, ("name", "@value", "value", "identifier")))
    if isinstance(value, list):
        return said(first(value))
    if isinstance(value, str):
        return " ".join(unescaped(value).split()) or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def raw(value: Any) -> str | None:
    """Answer the text of prose, with its line breaks and tags."""
    if isinstance(value, dict):
        return raw(any_of(value, {}, ("description", "name", "@value", "credentialCategory"))) or _months(value)
    return value if isinstance(value, str) else None


def _months(value: Mapping[str, Any]) -> str | None:
    months = figure(value.get("monthsOfExperience"))
    return f"{months:g} months of experience" if isinstance(months, int | float) and months else None


def is_a(entry: Any, kind: str) -> bool:
    return isinstance(entry, dict) and any(str(name).rpartition("/")[2] == kind for name in many(entry.get("@type")))


def first(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value


def many(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [entry for entry in value if entry is not None]
    return [] if value is None else [value]


def resolved(value: Any, nodes: Nodes) -> Any:
    if isinstance(value, list):
        return [resolved(entry, nodes) for entry in value]
    if isinstance(value, dict) and value.keys() <= {"@id", "@type"}:
        return nodes.get(str(value.get("@id")), value)
    return value
