"""The sections of a résumé by their headings."""

import re
from collections.abc import Iterator, Sequence

_HEADINGS = {
    "work": r"(?:[a-z]+[ /&]+){0,3}(?:experience|history|background)|employment|experience summary",
    "education": r"education(?:al)?(?: (?:background|qualifications?|details|and training))?"
    r"|academic (?:background|qualifications?|details)|academics?|studies",
    "certificates": r"certifications?(?: (?:and|&) licen[cs]es)?|certificates?|licen[cs]es(?: (?:and|&) certifications?)?",
    "languages": r"languages?(?: (?:skills|known|spoken))?",
    "skills": r"(?:technical|core|key|professional|computer)?\s*"
    r"(?:skills?|competenc(?:ies|es)|technologies|proficienc(?:ies|y))(?: summary| set)?|skills? (?:and|&) tools",
    "other": r"summary|profile|objective|career objective|about(?: me)?|projects?|interests|hobbies|references?|publications?"
    r"|awards?|achievements?|volunteering|declaration",
}
_HEADING = re.compile(rf"^\W*(?:{'|'.join(rf'(?P<{name}>{words})' for name, words in _HEADINGS.items())})\W*$")
_INLINE = re.compile(
    r"^\W*(?P<name>languages?|certifications?|certificates?)(?: known| spoken)?\s*:\s*(?P<rest>\S.*)$", re.IGNORECASE
)
HEADING_LENGTH = 45


LINE_LENGTH = 200
_BREAK = re.compile(
    r"(?=[\s\u2022\u25cf\u25aa\uf0b7])(?:\s{2,}|(?<=[.;!?])\s+(?=[A-Z])|\s*[\u2022\u25cf\u25aa\uf0b7]\s*|\s+(?=(?:Company|Employer|Client|Duration|Designation|Role)\s*:))"
)
_PIECE = re.compile(rf".{{1,{LINE_LENGTH}}}(?:\s|$)|.{{{LINE_LENGTH}}}")


_LOST_DASH = re.compile(
    r"((?:19|20)(?<![\w/](?:19|20))\d\d)(?:[ \t]{2,}|[ \t]*[\x80-\x9f\ufffd]+[ \t]*|(?=(?:19|20)\d\d\b))"
    r"(?=(?:19|20)\d\d\b|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ ,]*(?:19|20)\d\d"
    r"|(?:present|current|now|till)\b)",
    re.IGNORECASE,
)
"""Where a converter dropped the dash of a period: `2006  Present`, `May 2012  June 2014`, `20082012`."""


def lines_of(text: str) -> list[str]:
    """Answer the lines of a text. Converters run paragraphs together: a long line is parted where a new one may begin."""
    lines: list[str] = []
    for line in _LOST_DASH.sub(r"\1 - ", text).splitlines():
        if len(line) <= LINE_LENGTH:
            lines.append(line)
        else:
            lines += [piece for part in _BREAK.split(line) for piece in _pieces(part)]
    return lines


def _pieces(part: str) -> list[str]:
    return [piece[0] for piece in _PIECE.finditer(part)] if len(part) > LINE_LENGTH else [part] * bool(part)


Told = Sequence[tuple[str, str]]
"""Lines, each with the section that it stands in; "" before the first heading."""


def sections_of(lines: Sequence[str]) -> Told:
    """Answer the lines that are no headings; `Languages: German` stands in its section wherever it is."""
    return list(_told(lines))


def _told(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    section = ""
    for line in lines:
        heading = _heading(line)
        if heading:
            section = heading
            continue
        inline = _INLINE.match(line) if ":" in line else None
        if inline:
            yield "languages" if inline["name"].lower().startswith("lang") else "certificates", inline["rest"]
        elif line.strip():
            yield section, line


def _heading(line: str) -> str | None:
    if not 4 < len(line) <= HEADING_LENGTH or any(map(str.isdigit, line)):
        return None
    heading = _HEADING.match(line.lower())
    return None if heading is None else heading.lastgroup
