"""A feed's file cut into its objects, each with the line on which it begins; nothing is checked but that it is JSON."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

import orjson

from catalog.feed_json import Unreadable, scripts_of, values_of

_LINES = frozenset({".jsonl", ".ndjson", ".jsonlines"})
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BROKEN_OFF = (EOFError, gzip.BadGzipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class Raw:
    """One object of a file. `nodes` are its siblings by `@id`; `is_alone` when it came in no list, graph or page."""

    line: int
    value: Any
    nodes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_alone: bool = True


def raw_objects(path: Path) -> Iterator[Raw | Unreadable]:
    """Answer a file's objects in order: JSON lines one at a time, any other document read as a whole.

    The content decides before the name does: gzip is known by its first bytes, HTML and JSON by their first character.
    OSError when the file can't be read.
    """
    with _opened(path) as file:
        try:
            head = _head(file)
            yield from _lines(head, file) if _is_lines(path, head) else _document(head, file)
        except _BROKEN_OFF as error:
            yield Unreadable(0, f"is compressed, and breaks off: {error}")


def count_objects(path: Path) -> int:
    """Answer how many objects a file holds, broken ones too; lines are counted without being decoded."""
    with _opened(path) as file:
        try:
            head = _head(file)
            if _is_lines(path, head):
                return sum(1 for line in chain(head, file) if line.strip())
        except _BROKEN_OFF:
            return 1
    return sum(1 for _ in raw_objects(path))


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        is_gzip = file.read(len(_GZIP)) == _GZIP
    return cast("IO[bytes]", gzip.open(path, "rb")) if is_gzip else path.open("rb")


def _head(file: IO[bytes]) -> list[bytes]:
    """Answer the lines up to the second that is not blank."""
    head: list[bytes] = []
    for line in file:
        head.append(line if head else line.removeprefix(_BYTE_ORDER_MARK))
        if line.strip() and any(earlier.strip() for earlier in head[:-1]):
            break
    return head


def _is_lines(path: Path, head: list[bytes]) -> bool:
    written = [line.strip() for line in head if line.strip()]
    if written and not written[0].startswith(b"{"):
        return not written[0].startswith((b"[", b"<"))
    suffix = next((suffix for suffix in reversed(path.suffixes) if suffix != ".gz"), "")
    return suffix.lower() in _LINES or any(_is_object(line) for line in written)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _lines(head: list[bytes], file: IO[bytes]) -> Iterator[Raw | Unreadable]:
    for number, line in enumerate(chain(head, file), start=1):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line.strip())
        except orjson.JSONDecodeError as error:
            yield Unreadable(number, f"is not JSON: {error.msg} at column {error.colno}")
        else:
            yield from _unbundled(Raw(number, value))


def _document(head: list[bytes], file: IO[bytes]) -> Iterator[Raw | Unreadable]:
    try:
        text = b"".join(chain(head, file)).decode()
    except UnicodeDecodeError as error:
        yield Unreadable(1, f"is not UTF-8 text: {error.reason} at byte {error.start}")
        return
    if text.lstrip().startswith("<"):
        yield from _page(text)
        return
    is_alone = not text.lstrip().startswith("[")
    for found in values_of(text):
        if isinstance(found, Unreadable):
            yield found
        else:
            yield from _unbundled(Raw(*found, is_alone=is_alone))


def _page(html: str) -> Iterator[Raw | Unreadable]:
    """Answer the objects of all of a page's scripts, which may refer to one another."""
    found: list[Raw | Unreadable] = []
    for line, script in scripts_of(html):
        for value in values_of(script, first_line=line):
            found.extend([value] if isinstance(value, Unreadable) else _unbundled(Raw(*value, is_alone=False)))
    yield from (unreadable for unreadable in found if isinstance(unreadable, Unreadable))
    yield from _acquainted([raw for raw in found if isinstance(raw, Raw)])


def _unbundled(raw: Raw) -> list[Raw]:
    """Answer the entries of a list or an `@graph`, or the object itself."""
    bundle = raw.value.get("@graph") if isinstance(raw.value, dict) else raw.value
    if not isinstance(bundle, list):
        return [raw]
    return _acquainted([inner for entry in bundle for inner in _unbundled(Raw(raw.line, entry, is_alone=False))])


def _acquainted(siblings: list[Raw]) -> list[Raw]:
    nodes = {str(raw.value["@id"]): raw.value for raw in siblings if isinstance(raw.value, dict) and "@id" in raw.value}
    return [replace(raw, nodes=nodes) for raw in siblings]
