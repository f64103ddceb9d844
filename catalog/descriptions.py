"""HTML that may stand on a page, from whatever a feed calls a description: HTML, escaped HTML or plain text."""

import re
from html import escape
from html.entities import html5

import nh3

_TAGS = {
    "a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li",
    "ol", "p", "pre", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ESCAPED_TAG = re.compile(r"&(amp;)*lt;/?[a-zA-Z][^<>]*?&(amp;)*gt;")
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BULLET = re.compile(
    "^\\s*(?:[\N{BULLET}\N{MIDDLE DOT}\N{BLACK CIRCLE}\N{BLACK SMALL SQUARE}\N{WHITE BULLET}*]"
    "|[-\N{EN DASH}\N{EM DASH}](?=\\s))\\s*"
)
_ESCAPED_TWICE = 3
"""Greenhouse escapes its HTML twice: no feed was seen to do it more often."""


def html_of(written: str) -> str:
    """Answer sanitised HTML; its own output comes back as it is."""
    text = _CONTROL.sub("", written).strip()
    for _ in range(_ESCAPED_TWICE):
        if _TAG.search(text) or not _ESCAPED_TAG.search(text):
            break
        text = unescaped(text)
    return _sanitised(text if _TAG.search(text) else html_of_lines(unescaped(text).splitlines()))


def html_of_lines(lines: list[str]) -> str:
    """Answer paragraphs and lists for plain text: a blank line parts paragraphs, a bullet makes an item."""
    blocks: list[str] = []
    paragraph: list[str] = []
    items: list[str] = []

    def close() -> None:
        if paragraph:
            blocks.append(f"<p>{'<br>'.join(paragraph)}</p>")
        if items:
            blocks.append(f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>")
        paragraph.clear()
        items.clear()

    for line in lines:
        bullet = _BULLET.match(line)
        said = escape(line[bullet.end() if bullet else 0 :].strip(), quote=False)
        if not said or bool(bullet) != bool(items):
            close()
        if said:
            (items if bullet else paragraph).append(said)
    close()
    return "\n".join(blocks)


def unescaped(text: str) -> str:
    """Answer text with its entities resolved. Only with their semicolon: `R&D&copying` keeps every letter."""
    return _ENTITY.sub(_character, text)


def _character(entity: re.Match[str]) -> str:
    name = entity[1]
    if not name.startswith("#"):
        return html5.get(f"{name};", entity[0])
    digits = name[1:].lower()
    point = int(digits.removeprefix("x"), 16 if digits.startswith("x") else 10)
    is_character = 0x20 <= point < 0xD800 or 0xE000 <= point <= 0x10FFFF or point in (9, 10, 13)
    return chr(point) if is_character else entity[0]


def _sanitised(html: str) -> str:
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    ).strip()
    # A text whose only tags were taken away would be taken for plain text, and escaped, when it comes by again.
    return f"<p>{clean}</p>" if clean and not _TAG.search(clean) else clean
