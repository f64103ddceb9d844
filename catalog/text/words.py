"""The words of a document or a query, and the stems under which they are found."""

import re
import unicodedata
from functools import lru_cache
from html import unescape

from catalog.terms import singular

_ACCENT = re.compile("[\u0300-\u036f]+")
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"[^\W_][\w+#]*")
_ENDINGS = (
    "ational", "ization", "ations", "ation", "ments", "ingly", "ment", "ives", "ance", "ence", "ing", "ive", "ers", "ors",
    "ity", "ion", "er", "or", "ed", "ly", "al", "e",
)  # fmt: skip
_LEAST_STEM = 4


def words(text: str) -> list[str]:
    """Answer the words of plain text or HTML in their order, in lower case and without accents."""
    plain = unescape(_TAG.sub(" ", text))
    if not plain.isascii():
        plain = _ACCENT.sub("", unicodedata.normalize("NFKD", plain))
    return _WORD.findall(plain.lower())


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Answer the word without number and one ending: managers, managing and management are `manag`."""
    one = singular(word)
    for ending in _ENDINGS:
        if one.endswith(ending) and len(one) - len(ending) >= _LEAST_STEM:
            shorter = one[: -len(ending)]
            return shorter.removesuffix("e") if len(shorter) > _LEAST_STEM else shorter
    return one
