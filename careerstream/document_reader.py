"""The process in which a stranger's document is opened: limits on itself first, then standard input to text on standard output.

Run as a file by `careerstream/documents.py`, with nothing of the house in reach: no settings, no keys, no connections.
"""

import io
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET  # nosec B405  # see below

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 10
PAGES_LIMIT = 60
TEXT_LIMIT = 200_000
INFLATED_LIMIT = 20 * 1024 * 1024
RATIO_LIMIT = 200
"""How many times larger than its packed form a part of a document may be."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UNUSUAL = (b"<!DOCTYPE", b"<!ENTITY", b"\0")
"""What declares entities, and zeros: an encoding of two bytes a letter would hide the first two."""
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")


class Refused(Exception):
    """A document that is not read; the text is a sentence for who sent it."""


def text_of(document: bytes) -> str:
    """Answer the text of a PDF, a DOCX or a plain text."""
    if document.lstrip()[:5] == b"%PDF-":
        return _bounded(_pdf_pages(document))
    if document[:4] == b"PK\x03\x04":
        return _bounded(_docx_lines(document))
    if document[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Refused("is an old Word document; send DOCX or PDF")
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = document.decode("cp1252", "replace")
    if "\0" in text or sum(not (letter.isprintable() or letter.isspace()) for letter in text[:4_000]) > 40:
        raise Refused("is neither PDF, DOCX nor text")
    return text[:TEXT_LIMIT]


def _pdf_pages(document: bytes) -> Iterator[str]:
    from pypdf import PdfReader  # noqa: PLC0415  # after the limits hold

    if _ACTIVE.search(document):
        raise Refused("holds scripts or embedded files")
    reader = PdfReader(io.BytesIO(document))
    if reader.is_encrypted:
        raise Refused("is encrypted")
    if len(reader.pages) > PAGES_LIMIT:
        raise Refused(f"has more than {PAGES_LIMIT} pages")
    for page in reader.pages:
        yield page.extract_text()


def _docx_lines(document: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        parts = archive.infolist()
        for part in parts:
            if part.file_size > INFLATED_LIMIT or part.file_size > RATIO_LIMIT * max(part.compress_size, 1024):
                raise Refused("unpacks to more than a résumé holds")
        if any(part.filename.endswith("vbaProject.bin") for part in parts):
            raise Refused("holds macros")
        if not any(part.filename == "word/document.xml" for part in parts):
            raise Refused("is a ZIP archive without a Word document")
        with archive.open("word/document.xml") as packed:
            xml = packed.read(INFLATED_LIMIT + 1)
    if len(xml) > INFLATED_LIMIT or any(mark in xml for mark in _UNUSUAL):
        raise Refused("has a Word document of a kind that Word does not write")
    for paragraph in ET.fromstring(xml).iter(f"{_WORD}p"):  # noqa: S314  # nosec B314  # entities are refused above
        yield "".join(_run(node) for node in paragraph.iter())


def _run(node: ET.Element) -> str:
    if node.tag == f"{_WORD}t":
        return node.text or ""
    return "\t" if node.tag == f"{_WORD}tab" else "\n" if node.tag == f"{_WORD}br" else ""


def _bounded(parts: Iterator[str]) -> str:
    kept, size = [], 0
    for part in parts:
        kept.append(part)
        size += len(part)
        if size > TEXT_LIMIT:
            break
    return "\n".join(kept)[:TEXT_LIMIT]


def _limit_itself() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    _limit_itself()
    try:
        text = text_of(sys.stdin.buffer.read())
    except Refused as refusal:
        sys.stderr.write(str(refusal))
        return 3
    except MemoryError:
        sys.stderr.write("takes more memory than a résumé may")
        return 3
    except Exception as error:  # noqa: BLE001  # a parser may break in any way on what it was never meant to read
        sys.stderr.write(f"cannot be read: {type(error).__name__}")
        return 3
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
