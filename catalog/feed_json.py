"""JSON values read one behind the other, each with its line, so that a list is not all or nothing; JSON out of HTML."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_WRAPPING = re.compile(
    r"\A\s*(?:<!--|(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?)|(?:-->|(?://|/\*)?\s*\]\]>(?:\s*\*/)?)\s*\Z"
)
"""What pages put around a script for browsers of long ago."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place in a file where no object could be read, and why; line 0 when it is the file as a whole."""

    line: int
    problem: str


def values_of(text: str, first_line: int = 1) -> Iterator[tuple[int, Any] | Unreadable]:
    """Answer a text's JSON values with their lines, the entries of a list each for itself."""
    # Not strict: pages hold descriptions with bare line breaks inside a string.
    decoder = json.JSONDecoder(strict=False)
    position, counted, line, depth = 0, 0, first_line, 0
    while (position := _after_space(text, position)) < len(text):
        line, counted = line + text.count("\n", counted, position), position
        if text[position] in "[],":
            depth += {"[": 1, "]": -1, ",": 0}[text[position]]
            position += 1
            continue
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", "it is nested too deeply, or a number is too long")
            yield Unreadable(line, f"is not JSON: {reason}; nothing behind it could be read")
            return
        yield line, value
    if depth != 0:
        yield Unreadable(line, "is not JSON: the list has no end")


def scripts_of(html: str) -> list[tuple[int, str]]:
    """Answer the JSON-LD scripts of an HTML page with their first lines."""
    page = _Page()
    page.feed(html)
    page.close()
    return [(line, _WRAPPING.sub(_its_line_breaks, script)) for line, script in page.scripts]


def _its_line_breaks(wrapping: re.Match[str]) -> str:
    return "\n" * wrapping[0].count("\n")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[tuple[int, str]] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = (dict(attrs).get("type") or "").partition(";")[0]
        self._is_inside = tag == "script" and kind.strip().lower() == "application/ld+json"

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = self._is_inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.scripts.append((self.getpos()[0], data))


def _after_space(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position
