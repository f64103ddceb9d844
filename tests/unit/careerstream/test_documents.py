import io
import zipfile

import pytest
from pypdf import PdfWriter

from api.errors import UnreadableDocument
from careerstream.documents import SandboxedDocuments

_DOCX = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    "<w:p><w:r><w:t>Jane Doe</w:t></w:r></w:p><w:p><w:r><w:t>Python, </w:t><w:t>Kafka</w:t></w:r></w:p></w:body></w:document>"
)
_LINES = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 44>>stream\nBT /F1 12 Tf 20 200 Td (Python and Kafka) Tj ET\nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
)


def docx(**parts):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return packed.getvalue()


def pages(count):
    writer = PdfWriter()
    for _ in range(count):
        writer.add_blank_page(100, 100)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (_LINES, "Python and Kafka"),
        (docx(word__document_xml=_DOCX), "Jane Doe\nPython, Kafka"),
        ("Zoë speaks French".encode(), "Zoë speaks French"),
        ("Zoë speaks French".encode("cp1252"), "Zoë speaks French"),
    ],
    ids=["pdf", "docx", "utf-8", "cp1252"],
)
async def test_a_document_becomes_its_text(document, text):
    assert (await SandboxedDocuments().text_of(document)).strip() == text


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"%PDF-1.7 broken", "cannot be read"),
        (pages(61), "more than 60 pages"),
        (b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj", "scripts"),
        (docx(word__document_xml="0" * 40_000_000), "unpacks to more"),
        (docx(word__document_xml='<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'), "of a kind that Word does not write"),
        (
            docx(word__document_xml='<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'.encode("utf-16")),
            "of a kind that Word does not write",
        ),
        (docx(**{"word/document.xml": _DOCX, "word/vbaProject.bin": "x"}), "macros"),
        (docx(readme="x"), "without a Word document"),
        (b"PK\x03\x04broken", "cannot be read"),
        (b"\x00\x01\x02\x03" * 100, "neither PDF, DOCX nor text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "old Word"),
    ],
    ids=[
        "broken-pdf",
        "many-pages",
        "scripts",
        "zip-bomb",
        "entities",
        "entities-in-utf-16",
        "macros",
        "no-word",
        "broken-zip",
        "binary",
        "old-word",
    ],
)
async def test_a_hostile_document_is_refused_with_a_reason(document, reason):
    with pytest.raises(UnreadableDocument, match=reason):
        await SandboxedDocuments().text_of(document)


async def test_a_document_that_takes_too_long_is_given_up():
    with pytest.raises(UnreadableDocument, match="takes longer"):
        await SandboxedDocuments(wall_seconds=0.01).text_of(b"text")
